// PNG files whose checksums are put right, so that what lies behind them is reached.
#include <zlib.h>

#include "fuzz.h"
#include "vitrine/data/read_image.h"

void read(const Bytes& bytes) {
    Bytes file = bytes;
    for (std::size_t at = 8; at + 12 <= file.size();) {
        const std::uint64_t length = std::uint64_t{file[at]} << 24 | std::uint64_t{file[at + 1]} << 16 |
                                     std::uint64_t{file[at + 2]} << 8 | file[at + 3];
        if (length > file.size() - at - 12) break;
        const auto crc = crc32(0, file.data() + at + 4, static_cast<uInt>(length + 4));
        for (std::size_t i = 0; i < 4; ++i) file[at + 8 + length + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
        at += 12 + length;
    }
    vitrine::data::decode_image(file, "x", {.max_pixels = 1 << 16});
}
