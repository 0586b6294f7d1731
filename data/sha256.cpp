#include "sha256.h"

#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "file.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

void check(int status) {
    if (status != 1) throw IoError("OpenSSL cannot compute a SHA-256");
}

EVP_MD_CTX* context(void* pointer) { return static_cast<EVP_MD_CTX*>(pointer); }

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new(), [](void* pointer) { EVP_MD_CTX_free(context(pointer)); }) {
    check(EVP_DigestInit_ex(context(context_.get()), EVP_sha256(), nullptr));
}

void Sha256::add(const void* bytes, std::size_t count) {
    check(EVP_DigestUpdate(context(context_.get()), bytes, count));
}

std::string Sha256::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    check(EVP_DigestFinal_ex(context(context_.get()), digest.data(), &size));
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += "0123456789abcdef"[digest[i] >> 4];
        text += "0123456789abcdef"[digest[i] & 15];
    }
    return text;
}

std::string sha256_of_file(const std::string& path) {
    const InputFile file(path);
    Sha256 hash;
    std::array<std::uint8_t, 1 << 16> block;
    for (std::uint64_t at = 0; at < file.size(); at += block.size()) {
        const std::uint64_t bytes = std::min<std::uint64_t>(block.size(), file.size() - at);
        file.read(at, block.data(), bytes);
        hash.add(block.data(), bytes);
    }
    return hash.hex();
}

}  // namespace vitrine::data
