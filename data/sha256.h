// SHA-256 (FIPS 180-4), through OpenSSL.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace vitrine::data {

/// The hash of bytes that come one after the other.
class Sha256 {
public:
    Sha256();
    void add(const void* bytes, std::size_t count);
    /// 64 lower-case hexadecimal digits. To be called once, last.
    std::string hex();

private:
    std::unique_ptr<void, void (*)(void*)> context_;
};

/// Of a file's contents. Throws IoError when it cannot be read.
std::string sha256_of_file(const std::string& path);

}  // namespace vitrine::data
