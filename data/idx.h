// IDX, the format of MNIST's files: http://yann.lecun.com/exdb/mnist
//
//     byte 0, 1     0
//     byte 2        type of the values; 0x08 = unsigned byte, the only one here
//     byte 3        D, the number of dimensions
//     D times 4     the sizes, big-endian, outermost first
//     the rest      the values, row-major
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "file.h"

namespace vitrine::data {

/// An array of bytes as an IDX file holds it.
struct Idx {
    std::vector<std::int64_t> sizes;
    Bytes file;         ///< header and values
    std::size_t first;  ///< where in `file` the values begin

    std::span<const std::uint8_t> values() const { return std::span(file).subspan(first); }
};

/// "60000 x 28 x 28".
std::string text_of(const std::vector<std::int64_t>& sizes);

/// Checks the bytes of an IDX file and finds its parts; errors name `path`. Throws IoError unless the type is unsigned
/// byte, there are 1 to 8 dimensions, and the file is exactly as long as its header says.
Idx parse_idx(Bytes file, const std::string& path);

/// Reads an IDX file, gzipped or not, of at most 1 GiB.
Idx read_idx(const std::string& path);

}  // namespace vitrine::data
