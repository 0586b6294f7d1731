#include "png.h"

#include <algorithm>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

#include "file_writer.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

void append(void* to, void* from, int bytes) { static_cast<std::string*>(to)->append(static_cast<const char*>(from), static_cast<std::size_t>(bytes)); }

}  // namespace

void write_png(const std::string& path, const Image& image) {
    constexpr std::int64_t max_side = 65535;
    VITRINE_CHECK(image.height >= 1 && image.width >= 1 && image.height <= max_side && image.width <= max_side,
                  "write_png: ", image.height, " x ", image.width, " pixels; allowed sides are 1 to ", max_side);
    VITRINE_CHECK(image.channels == 1 || image.channels == 3, "write_png: ", image.channels, " channels; allowed are 1 and 3");
    const std::int64_t expected = image.height * image.width * image.channels;
    VITRINE_CHECK(image.pixels.size() == static_cast<std::size_t>(expected), "write_png: ", image.pixels.size(), " bytes for ",
                  image.height, " x ", image.width, " x ", image.channels, "; needed are ", expected);

    std::string encoded;
    const int width = static_cast<int>(image.width), height = static_cast<int>(image.height);
    const int done = stbi_write_png_to_func(append, &encoded, width, height, image.channels, image.pixels.data(), width * image.channels);
    if (!done) throw OutOfMemory(join("write_png: no memory to encode ", height, " x ", width, " pixels"));
    write_file(path, encoded);
}

Image image_grid(const Bytes& tiles, std::int64_t height, std::int64_t width, std::int64_t columns, std::int64_t gap) {
    VITRINE_CHECK(height >= 1 && width >= 1, "image_grid: tiles of ", height, " x ", width, " pixels; allowed are sides of 1 and more");
    VITRINE_CHECK(columns >= 1, "image_grid: ", columns, " columns; allowed are 1 and more");
    VITRINE_CHECK(gap >= 0, "image_grid: a gap of ", gap, " pixels; allowed are 0 and more");
    const auto bytes = static_cast<std::int64_t>(tiles.size());
    VITRINE_CHECK(bytes % (height * width) == 0, "image_grid: ", bytes, " bytes; allowed are whole tiles of ", height, " x ", width);

    const std::int64_t count = bytes / (height * width), rows = (count + columns - 1) / columns;
    Image grid{gap + rows * (height + gap), gap + columns * (width + gap), 1, {}};
    constexpr std::uint8_t between = 96;
    grid.pixels.assign(static_cast<std::size_t>(grid.height * grid.width), between);
    for (std::int64_t n = 0; n < count; ++n) {
        const std::int64_t top = gap + n / columns * (height + gap), left = gap + n % columns * (width + gap);
        for (std::int64_t y = 0; y < height; ++y)
            std::copy_n(tiles.begin() + (n * height + y) * width, width, grid.pixels.begin() + (top + y) * grid.width + left);
    }
    return grid;
}

}  // namespace vitrine::data
