// Reading files whose contents nobody vouches for: no size is believed before it is checked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vitrine::data {

using Bytes = std::vector<std::uint8_t>;

/// An open regular file. Every error is an IoError that begins with the path.
class InputFile {
public:
    /// Throws IoError when the file is missing, cannot be opened or is not a regular file.
    explicit InputFile(std::string path);
    ~InputFile();
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    const std::string& path() const { return path_; }
    std::uint64_t size() const { return size_; }  ///< in bytes, when it was opened
    /// Copies `bytes` bytes from position `at` to `to`. Throws IoError when the file ends before.
    void read(std::uint64_t at, void* to, std::uint64_t bytes) const;

private:
    std::string path_;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
};

/// The whole file. Throws IoError when it cannot be read or is larger than max_bytes.
Bytes read_file(const std::string& path, std::uint64_t max_bytes);

/// Whether the bytes begin as a gzip file does (RFC 1952).
inline bool begins_as_gzip(const Bytes& bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

/// The whole file, unpacked when it begins as gzip does (RFC 1952; several members in a row are joined).
/// Throws IoError when it cannot be read, is larger than max_bytes before or after unpacking, or when its gzip data
/// ends early, is damaged or is followed by something else.
Bytes read_maybe_gzipped(const std::string& path, std::uint64_t max_bytes);

/// What read_maybe_gzipped does with bytes that are in memory already; errors name `path`.
Bytes unpack_gzip(const Bytes& packed, std::uint64_t max_bytes, const std::string& path);

}  // namespace vitrine::data
