// Writing files so that a full disk or a killed program leaves the old file or the new one, never half of one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vitrine::data {

/// Writes to a temporary file beside `path`, which commit() moves there. Whoever reads `path` at any moment sees the
/// old contents or the new. Without commit() the destructor removes the temporary file.
class FileWriter {
public:
    /// Throws IoError when the folder does not exist or cannot be written, or when `path` is a folder or a device.
    explicit FileWriter(std::string path);
    ~FileWriter();
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;

    /// Throws IoError when the disk is full or a limit is reached; `path` stays as it was.
    void write(const void* from, std::size_t bytes);
    void write(std::string_view text) { write(text.data(), text.size()); }
    /// Waits until the bytes are on the disk, then renames. To be called once, last. Throws IoError.
    void commit();

private:
    [[noreturn]] void fail(const char* what);

    std::string path_, temporary_;
    int descriptor_ = -1;
};

/// The same in one call.
void write_file(const std::string& path, std::string_view contents);

}  // namespace vitrine::data
