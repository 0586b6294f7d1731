// Private to data: the file that a download grows.
#pragma once

#include <cstdint>
#include <string>

namespace vitrine::data {

/// Throws IoError when the disk is full or cannot be written.
class PartFile {
public:
    /// Opens it, what an earlier try left included, or makes it.
    explicit PartFile(std::string path);
    ~PartFile();
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    const std::string& path() const { return path_; }
    std::uint64_t size() const { return size_; }
    void append(const void* from, std::uint64_t bytes);
    void clear();
    /// Waits until the bytes are on the disk, then renames. To be called once, last.
    void become(const std::string& path);

private:
    [[noreturn]] void fail(const char* what) const;

    std::string path_;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
};

/// While one lives, no other process (and no other thread) has one of the same path. Waits for it; the file stays.
class FileLock {
public:
    /// Throws IoError when the file cannot be made.
    explicit FileLock(const std::string& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    int descriptor_ = -1;
};

}  // namespace vitrine::data
