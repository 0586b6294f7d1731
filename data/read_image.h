// Reading pictures: PNG and JPEG, through stb_image.
#pragma once

#include <cstdint>
#include <string>

#include "file.h"
#include "png.h"

namespace vitrine::data {

struct ReadImageOptions {
    std::int64_t channels = 0;             ///< 1 (grey), 3 (red, green, blue) or 0: as the file has it
    std::int64_t max_pixels = 50'000'000;  ///< larger pictures are refused before they are unpacked
};

/// The picture in a PNG or JPEG file of at most 256 MiB. Colours and grey are converted into each other as `channels`
/// says, transparency is left out, and 16 bits become 8. Throws IoError when the file is missing, damaged, of another
/// format, or too large, whatever its header says of its size; Error for options that make no sense.
Image read_image(const std::string& path, ReadImageOptions options = {}, Site site = Site::here());

/// What read_image does with bytes that are in memory already; errors name `path`.
Image decode_image(const Bytes& file, const std::string& path, const ReadImageOptions& options = {});

/// A picture as x (channels, height, width), stored channels-last: f32 in [0, 1], or u8 as it is. Throws Error for
/// another dtype.
Tensor to_tensor(const Image& image, DType dtype = DType::f32, Site site = Site::here());

}  // namespace vitrine::data
