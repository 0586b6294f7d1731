// The safetensors format (https://github.com/huggingface/safetensors), its header:
//
//     8 bytes       N, little-endian
//     N bytes       JSON, padded with spaces: {"__metadata__": {"key": "text", ...},
//                                              "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
//     the rest      the tensors' bytes, row-major, little-endian, at those offsets, without gaps
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::data {

using Metadata = std::map<std::string, std::string>;

/// What the header says about one tensor.
struct SafetensorsEntry {
    std::string name;
    std::string dtype;  ///< "F32", "I64", "BOOL", ...
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;  ///< bytes, counted from the end of the header
};

struct SafetensorsHeader {
    std::vector<SafetensorsEntry> entries;  ///< in the order of their bytes
    Metadata metadata;
};

/// The longest header that is read or written, as in the format's own library.
inline constexpr std::uint64_t max_safetensors_header = 100'000'000;

/// Bytes of a tensor of this dtype and shape. Throws IoError (beginning with `where`) when the dtype is unknown, a size
/// is negative or the product does not fit 63 bits.
std::uint64_t safetensors_bytes(const std::string& dtype, const std::vector<std::int64_t>& shape,
                                const std::string& where);

/// Reads the JSON of a header whose tensors take `data_bytes` bytes. Throws IoError (beginning with `path`) unless it
/// is an object as above, every tensor's offsets agree with its dtype and shape, and the tensors fill the bytes without
/// gap or overlap.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes, const std::string& path);

/// The file's beginning: N, then the JSON, padded so that the tensors begin at a multiple of 8 bytes.
/// Throws Error when a name or text is not UTF-8, a name is there twice or is "__metadata__".
std::string serialize_safetensors_header(const SafetensorsHeader& header);

}  // namespace vitrine::data
