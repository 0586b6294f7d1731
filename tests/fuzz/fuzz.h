// What every fuzz target is made of: a reader, and libFuzzer's entry. One file is one target:
//
//     #include "fuzz.h"
//     void read(const Bytes& bytes) { vitrine::data::parse_idx(bytes, "x"); }
//
// A reader may throw IoError. Anything else it throws, a crash, a report of AddressSanitizer or
// UndefinedBehaviorSanitizer, a single allocation beyond libFuzzer's limit, and standing still are findings.
#pragma once

#include <stdexcept>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "vitrine/data/file.h"
#include "vitrine/kernels/base/error.h"

using vitrine::data::Bytes;

/// What a target defines: hands the bytes to a reader.
void read(const Bytes& bytes);

// Defined in a header because a target is one file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
    try {
        read(Bytes(bytes, bytes + count));
    } catch (const vitrine::IoError&) {
    }
    return 0;
}

/// For readers that want a path.
class FileInMemory {
public:
    explicit FileInMemory(const Bytes& bytes) : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
        if (descriptor_ < 0 || write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
            throw std::runtime_error("no file in memory");
    }
    ~FileInMemory() { close(descriptor_); }
    FileInMemory(const FileInMemory&) = delete;
    FileInMemory& operator=(const FileInMemory&) = delete;

    std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
    int descriptor_;
};
