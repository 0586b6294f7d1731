// Pictures: PNG files, and many small pictures side by side in one.
#pragma once

#include <cstdint>
#include <string>

#include "file.h"
#include "vitrine/core/tensor.h"

namespace vitrine::data {

/// height x width pixels of 1 (grey) or 3 (red, green, blue) bytes, row-major; 0 = black, 255 = white.
struct Image {
    std::int64_t height = 0, width = 0;
    int channels = 1;
    Bytes pixels;
};

/// Writes `image` to `path` as PNG; a file that stands there is replaced at once or stays as it was.
/// Throws Error when the sizes do not fit the pixels or a side is not in 1 to 65535, IoError when the file cannot be
/// written.
void write_png(const std::string& path, const Image& image, Site site = Site::here());

/// The bytes of that file. Throws Error as write_png does.
std::string encode_png(const Image& image, Site site = Site::here());

/// x (height, width), (1, height, width) or (3, height, width) as a picture: u8 as it is, f32 and f64 with 0 = black
/// and 1 = white, cut off outside. Throws Error for other shapes and dtypes.
Image to_image(const Tensor& x, Site site = Site::here());

/// Pictures x (N, height, width), (N, 1, height, width) or, coloured, (N, 3, height, width) arranged in rows of `columns`,
/// with `gap` grey pixels between them and around. Throws Error for other shapes and dtypes, columns < 1 and gap < 0.
Image image_grid(const Tensor& x, std::int64_t columns, std::int64_t gap = 2, Site site = Site::here());

}  // namespace vitrine::data
