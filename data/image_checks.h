// Private to data: what stb_image does not look at. It reads pictures whose end is missing, and wrong bits, as if
// nothing were the matter, and version 2.27 writes and reads outside its memory for some JPEG files.
#pragma once

#include <string>

#include "file.h"

namespace vitrine::data {

/// Throws IoError unless the chunks of a PNG file follow each other up to its IEND and have the right checksums.
void check_png(const Bytes& file, const std::string& path);

/// Throws IoError unless a JPEG file has a scan, an end-of-image marker after its last one, and no Huffman table of
/// more than 256 values or 255 short codes.
void check_jpeg(const Bytes& file, const std::string& path);

/// The one of the two that the file begins as; throws IoError when it begins as neither.
void check_image(const Bytes& file, const std::string& path);

}  // namespace vitrine::data
