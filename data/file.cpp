#include "file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

// zlib's stream, which must be ended whatever happens.
struct Inflater {
    z_stream stream{};

    explicit Inflater(const std::string& path) {
        constexpr int gzip_only = 15 + 16;  // window bits, plus "expect a gzip header"
        if (inflateInit2(&stream, gzip_only) != Z_OK) throw IoError(join(path, ": zlib could not start"));
    }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

// The last four bytes of a gzip file say how long the contents are, modulo 2^32. Only a hint: nobody checked it.
std::uint64_t likely_size(const Bytes& packed, std::uint64_t max_bytes) {
    constexpr std::uint64_t most_per_byte = 1032;  // deflate cannot pack tighter
    std::uint64_t size = 0;
    if (packed.size() >= 4)
        for (std::size_t i = 0; i < 4; ++i) size |= std::uint64_t{packed[packed.size() - 4 + i]} << (8 * i);
    return std::min({size, packed.size() * most_per_byte, max_bytes});
}

}  // namespace

InputFile::InputFile(std::string path) : path_(std::move(path)) {
    struct stat info {};
    if (::stat(path_.c_str(), &info) != 0) throw IoError(join(path_, ": cannot be opened: ", std::strerror(errno)));
    if (!S_ISREG(info.st_mode)) throw IoError(join(path_, ": is not a regular file"));
    descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) throw IoError(join(path_, ": cannot be opened: ", std::strerror(errno)));
    if (::fstat(descriptor_, &info) == 0) size_ = static_cast<std::uint64_t>(info.st_size);
}

InputFile::~InputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void InputFile::read(std::uint64_t at, void* to, std::uint64_t bytes) const {
    auto* next = static_cast<std::uint8_t*>(to);
    while (bytes > 0) {
        const ssize_t got = ::pread(descriptor_, next, bytes, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw IoError(join(path_, ": cannot be read: ", std::strerror(errno)));
        if (got == 0) throw IoError(join(path_, ": ends at byte ", at, "; ", bytes, " more are needed"));
        next += got;
        at += static_cast<std::uint64_t>(got);
        bytes -= static_cast<std::uint64_t>(got);
    }
}

Bytes read_file(const std::string& path, std::uint64_t max_bytes) {
    const InputFile file(path);
    if (file.size() > max_bytes)
        throw IoError(join(path, ": ", file.size(), " bytes; allowed are at most ", max_bytes));
    Bytes bytes(file.size());
    file.read(0, bytes.data(), bytes.size());
    return bytes;
}

Bytes read_maybe_gzipped(const std::string& path, std::uint64_t max_bytes) {
    Bytes bytes = read_file(path, max_bytes);
    return begins_as_gzip(bytes) ? unpack_gzip(bytes, max_bytes, path) : bytes;
}

Bytes unpack_gzip(const Bytes& packed, std::uint64_t max_bytes, const std::string& path) {
    constexpr std::uint64_t window = 1 << 30;  // zlib counts in 32 bits
    Inflater inflater(path);
    z_stream& z = inflater.stream;
    Bytes bytes(likely_size(packed, max_bytes));
    std::uint64_t in = 0, out = 0;

    for (;;) {
        if (out == bytes.size()) {
            if (out >= max_bytes) bytes.resize(max_bytes + 1);  // one byte of room shows whether there is more
            else bytes.resize(std::min(std::max<std::uint64_t>(2 * out, 4096), max_bytes));
        }
        const std::uint64_t given = std::min(packed.size() - in, window), room = std::min(bytes.size() - out, window);
        z.next_in = const_cast<Bytef*>(packed.data() + in);  // zlib reads it only
        z.avail_in = static_cast<uInt>(given);
        z.next_out = bytes.data() + out;
        z.avail_out = static_cast<uInt>(room);
        const int status = inflate(&z, Z_NO_FLUSH);
        in += given - z.avail_in;
        out += room - z.avail_out;

        if (out > max_bytes)
            throw IoError(join(path, ": unpacks to more than the ", max_bytes, " bytes that are allowed"));
        if (status == Z_STREAM_END) {
            if (in == packed.size()) break;
            if (packed[in] != 0x1f)
                throw IoError(join(path, ": ", packed.size() - in, " bytes follow the end of the gzip data"));
            inflateReset(&z);
        } else if (status == Z_BUF_ERROR || (status == Z_OK && in == packed.size() && z.avail_out > 0)) {
            if (in == packed.size()) throw IoError(join(path, ": gzip data ends early, after ", in, " bytes"));
        } else if (status != Z_OK) {
            throw IoError(
                join(path, ": gzip data is damaged at byte ", in, ": ", z.msg ? z.msg : "no preset dictionary"));
        }
    }
    bytes.resize(out);
    return bytes;
}

}  // namespace vitrine::data
