#include "part_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {

PartFile::PartFile(std::string path) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
    if (descriptor_ < 0) fail("cannot be written");
    struct stat info {};
    if (::fstat(descriptor_, &info) != 0 || !S_ISREG(info.st_mode)) {
        ::close(descriptor_);
        throw IoError(join(path_, ": is not a regular file"));
    }
    size_ = static_cast<std::uint64_t>(info.st_size);
}

PartFile::~PartFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void PartFile::fail(const char* what) const { throw IoError(join(path_, ": ", what, ": ", std::strerror(errno))); }

void PartFile::append(const void* from, std::uint64_t bytes) {
    const char* next = static_cast<const char*>(from);
    while (bytes > 0) {
        const ssize_t written = ::write(descriptor_, next, bytes);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("cannot be written");
        next += written;
        size_ += static_cast<std::uint64_t>(written);
        bytes -= static_cast<std::uint64_t>(written);
    }
}

void PartFile::clear() {
    if (::ftruncate(descriptor_, 0) != 0) fail("cannot be written");
    size_ = 0;
}

void PartFile::become(const std::string& path) {
    if (::fsync(descriptor_) != 0) fail("cannot be written");
    if (::close(std::exchange(descriptor_, -1)) != 0) fail("cannot be written");
    if (::rename(path_.c_str(), path.c_str()) != 0) fail("cannot be renamed");
}

FileLock::FileLock(const std::string& path) {
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) throw IoError(join(path, ": cannot be written: ", std::strerror(errno)));
    int status;
    do status = ::flock(descriptor_, LOCK_EX);
    while (status != 0 && errno == EINTR);
    if (status != 0) {
        const int error = errno;
        ::close(descriptor_);
        throw IoError(join(path, ": cannot be locked: ", std::strerror(error)));
    }
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace vitrine::data
