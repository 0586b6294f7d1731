#include "file_writer.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

// A rename lasts through a power cut only when the folder is on the disk too. Some file systems cannot; that is no
// error.
void sync_folder(const std::string& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

}  // namespace

FileWriter::FileWriter(std::string path) : path_(std::move(path)) {
    struct stat info {};
    if (::stat(path_.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
        throw IoError(join(path_, ": cannot be written: it is not a regular file"));

    static std::atomic<unsigned> count{0};
    do {  // a name that a killed program of the same number left behind is passed over
        temporary_ = join(path_, ".part-", ::getpid(), '-', count++);
        descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (descriptor_ < 0 && errno == EEXIST);
    if (descriptor_ < 0) throw IoError(join(path_, ": cannot be written: ", std::strerror(errno)));
}

FileWriter::~FileWriter() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void FileWriter::fail(const char* what) { throw IoError(join(path_, ": ", what, ": ", std::strerror(errno))); }

void FileWriter::write(const void* from, std::size_t bytes) {
    constexpr std::size_t most_at_once = std::size_t{1} << 30;
    const char* next = static_cast<const char*>(from);
    while (bytes > 0) {
        const ssize_t written = ::write(descriptor_, next, std::min(bytes, most_at_once));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("cannot be written");
        next += written;
        bytes -= static_cast<std::size_t>(written);
    }
}

void FileWriter::commit() {
    if (::fsync(descriptor_) != 0) fail("cannot be written");
    if (::close(std::exchange(descriptor_, -1)) != 0) fail("cannot be written");
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot be renamed to");
    temporary_.clear();
    sync_folder(folder_of(path_));
}

void write_file(const std::string& path, std::string_view contents) {
    FileWriter file(path);
    file.write(contents);
    file.commit();
}

}  // namespace vitrine::data
