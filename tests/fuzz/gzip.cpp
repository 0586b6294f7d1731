// gzip data.
#include "vitrine/data/file.h"

#include "fuzz.h"

void read(const Bytes& bytes) {
    constexpr std::uint64_t max_bytes = 1 << 20;
    vitrine::data::unpack_gzip(bytes, max_bytes, "x");
}
