// Pictures of bytes: PNG files, and many small pictures side by side in one.
#pragma once

#include <cstdint>
#include <string>

#include "file.h"

namespace vitrine::data {

/// height x width pixels of 1 (grey) or 3 (red, green, blue) bytes, row-major; 0 = black, 255 = white.
struct Image {
    std::int64_t height = 0, width = 0;
    int channels = 1;
    Bytes pixels;
};

/// Writes `image` to `path` as PNG; a file that stands there is replaced at once or stays as it was.
/// Throws Error when the sizes do not fit the pixels or a side is not in 1 to 65535, IoError when the file cannot be written.
void write_png(const std::string& path, const Image& image);

/// Grey pictures of height x width pixels, one after the other in `tiles`, arranged in rows of `columns` with `gap` grey
/// pixels between them and around. Throws Error unless tiles are whole pictures, height, width, columns >= 1 and gap >= 0.
Image image_grid(const Bytes& tiles, std::int64_t height, std::int64_t width, std::int64_t columns, std::int64_t gap = 2);

}  // namespace vitrine::data
