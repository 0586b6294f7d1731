#include "png.h"

#include <algorithm>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

#include "file_writer.h"
#include "located.h"
#include "vitrine/core/operand.h"

namespace vitrine::data {
namespace {

void append(void* to, void* from, int bytes) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(from), static_cast<std::size_t>(bytes));
}

// 0 to 1 in steps of 1/255, NaN as black.
template <class T>
void to_bytes(const std::vector<T>& unit, Bytes& bytes) {
    for (std::size_t i = 0; i < unit.size(); ++i)
        bytes[i] = unit[i] > 0 ? static_cast<std::uint8_t>(std::min(unit[i], T{1}) * 255 + T{0.5}) : std::uint8_t{0};
}

Bytes byte_values(const Tensor& x, const Call& call) {
    Bytes bytes(static_cast<std::size_t>(x.numel()));
    switch (x.dtype()) {
        case DType::u8: return x.to_vector<std::uint8_t>();
        case DType::f32: to_bytes(x.to_vector<float>(), bytes); return bytes;
        case DType::f64: to_bytes(x.to_vector<double>(), bytes); return bytes;
        default: call.fail(join("x is ", x.dtype(), "; allowed are f32, f64 and u8"));
    }
}

}  // namespace

std::string encode_png(const Image& image, Site site) {
    constexpr std::int64_t max_side = 65535;
    const Call call("write_png", site);
    call.check(image.height >= 1 && image.width >= 1 && image.height <= max_side && image.width <= max_side,
               image.height, " x ", image.width, " pixels; allowed sides are 1 to ", max_side);
    call.check(image.channels == 1 || image.channels == 3, image.channels, " channels; allowed are 1 and 3");
    const std::int64_t expected = image.height * image.width * image.channels;
    call.check(image.pixels.size() == static_cast<std::size_t>(expected), image.pixels.size(), " bytes for ",
               image.height, " x ", image.width, " x ", image.channels, "; needed are ", expected);

    std::string encoded;
    const int width = static_cast<int>(image.width), height = static_cast<int>(image.height);
    const int done = stbi_write_png_to_func(append, &encoded, width, height, image.channels, image.pixels.data(),
                                            width * image.channels);
    if (!done)
        throw OutOfMemory(join("write_png: no memory to encode ", height, " x ", width, " pixels (", call.site(), ")"));
    return encoded;
}

void write_png(const std::string& path, const Image& image, Site site) {
    const std::string encoded = encode_png(image, site);
    located("write_png", site, [&] { write_file(path, encoded); });
}

Image to_image(const Tensor& x, Site site) {
    const Call call("to_image", site);
    call.tensor(x);
    const int dims = x.dim();
    call.check(dims == 2 || (dims == 3 && (x.size(0) == 1 || x.size(0) == 3)), "x is ", x.shape(),
               "; allowed are (height, width), (1, height, width) and (3, height, width)");
    const int channels = dims == 2 ? 1 : static_cast<int>(x.size(0));
    const Tensor pixels = channels == 3 ? x.detach().permute({1, 2, 0}) : x;
    return {x.size(-2), x.size(-1), channels, byte_values(pixels, call)};
}

Image image_grid(const Tensor& x, std::int64_t columns, std::int64_t gap, Site site) {
    const Call call("image_grid", site);
    call.tensor(x);
    const bool coloured = x.dim() == 4 && x.size(1) == 3;
    call.check(x.dim() == 3 || coloured || (x.dim() == 4 && x.size(1) == 1), "x is ", x.shape(),
               "; allowed are (N, height, width), (N, 1, height, width) and (N, 3, height, width)");
    call.check(columns >= 1, columns, " columns; allowed are 1 and more");
    call.check(gap >= 0, "a gap of ", gap, " pixels; allowed are 0 and more");

    const int channels = coloured ? 3 : 1;
    const Bytes tiles = byte_values(coloured ? x.detach().permute({0, 2, 3, 1}) : x, call);
    const std::int64_t count = x.size(0), height = x.size(-2), width = x.size(-1),
                       rows = (count + columns - 1) / columns, line = width * channels;
    Image grid{gap + rows * (height + gap), gap + columns * (width + gap), channels, {}};
    constexpr std::uint8_t between = 96;
    grid.pixels.assign(static_cast<std::size_t>(grid.height * grid.width * channels), between);
    for (std::int64_t n = 0; n < count; ++n) {
        const std::int64_t top = gap + n / columns * (height + gap), left = gap + n % columns * (width + gap);
        for (std::int64_t y = 0; y < height; ++y)
            std::copy_n(tiles.begin() + (n * height + y) * line, line,
                        grid.pixels.begin() + ((top + y) * grid.width + left) * channels);
    }
    return grid;
}

}  // namespace vitrine::data
