#include "read_image.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <memory>

#include "image_checks.h"
#include "located.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/operand.h"

// stb_image asks here for memory. A PNG may unpack to far more than its header says (a bomb); stb_image would follow it
// to gigabytes, so what one picture can need is a limit.
namespace {

thread_local std::size_t most_bytes = 0;

// Zeros: a JPEG scan may name a Huffman table that the file does not hold, and stb_image 2.27 then reads what is there.
void* stb_allocate(std::size_t bytes) { return bytes <= most_bytes ? std::calloc(1, bytes) : nullptr; }
void* stb_reallocate(void* pointer, std::size_t bytes) {
    return bytes <= most_bytes ? std::realloc(pointer, bytes) : nullptr;
}

}  // namespace

#define STBI_MALLOC(bytes) stb_allocate(bytes)
#define STBI_REALLOC(pointer, bytes) stb_reallocate(pointer, bytes)
#define STBI_FREE(pointer) std::free(pointer)
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_ASSERT(condition) ((void)0)  // some of its assertions do not hold for damaged files
#define STBI_MAX_DIMENSIONS 65535
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb/stb_image.h>

namespace vitrine::data {
namespace {

constexpr std::uint64_t max_file_bytes = std::uint64_t{256} << 20;

[[noreturn]] void fail(const std::string& path) {
    const char* reason = stbi_failure_reason();
    throw IoError(join(path, ": cannot be read as PNG or JPEG: ", reason ? reason : "damaged"));
}

void check_options(const Call& call, const ReadImageOptions& options) {
    call.check(options.channels == 0 || options.channels == 1 || options.channels == 3, "channels ", options.channels,
               "; allowed are 0, 1 and 3");
    call.check(options.max_pixels >= 1 && options.max_pixels <= (1 << 28), "max_pixels ", options.max_pixels,
               "; allowed are 1 to ", 1 << 28);
}

}  // namespace

Image decode_image(const Bytes& file, const std::string& path, const ReadImageOptions& options) {
    if (file.size() > max_file_bytes)
        throw IoError(join(path, ": ", file.size(), " bytes; allowed are at most ", max_file_bytes));
    check_image(file, path);
    const int bytes = static_cast<int>(file.size());
    most_bytes = 1 << 20;
    int width = 0, height = 0, channels = 0;
    if (!stbi_info_from_memory(file.data(), bytes, &width, &height, &channels))
        throw IoError(join(path, ": its header is damaged, or promises more than 2^30 bytes"));
    const std::int64_t pixels = std::int64_t{width} * height;
    if (pixels > options.max_pixels)
        throw IoError(join(path, ": ", height, " x ", width, " pixels; allowed are at most ", options.max_pixels));

    // Of 16 bits and four channels, twice, as the unpacked rows grow by doubling; and of the packed ones.
    most_bytes = static_cast<std::size_t>(32 * pixels) + 2 * file.size() + (1 << 20);
    Image image;
    image.channels = options.channels ? static_cast<int>(options.channels) : (channels <= 2 ? 1 : 3);
    const std::unique_ptr<stbi_uc, void (*)(void*)> decoded(
        stbi_load_from_memory(file.data(), bytes, &width, &height, &channels, image.channels), stbi_image_free);
    if (!decoded) fail(path);
    image.height = height, image.width = width;
    image.pixels.assign(decoded.get(), decoded.get() + std::int64_t{height} * width * image.channels);
    return image;
}

Image read_image(const std::string& path, ReadImageOptions options, Site site) {
    const Call call("read_image", site);
    check_options(call, options);
    return located(call.op(), site, [&] { return decode_image(read_file(path, max_file_bytes), path, options); });
}

Tensor to_tensor(const Image& image, DType dtype, Site site) {
    const Call call("to_tensor", site);
    call.check(dtype == DType::f32 || dtype == DType::u8, "dtype ", dtype, "; allowed are f32 and u8");
    call.check(image.pixels.size() == static_cast<std::size_t>(image.height * image.width * image.channels),
               image.pixels.size(), " bytes for ", image.height, " x ", image.width, " x ", image.channels);
    const Tensor x = make_channels_last({1, image.channels, image.height, image.width}, dtype, Device::cpu);
    if (dtype == DType::u8)
        std::ranges::copy(image.pixels, x.data<std::uint8_t>());
    else
        std::ranges::transform(image.pixels, x.data<float>(),
                               [](std::uint8_t b) { return static_cast<float>(b) / 255.0f; });
    return x.select(0, 0, site);
}

}  // namespace vitrine::data
