#include "image_checks.h"

#include <algorithm>
#include <string_view>

#include <zlib.h>

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

constexpr std::string_view png_begin("\x89PNG\r\n\x1a\n"), jpeg_begin("\xff\xd8\xff");

/// The byte at `at`; 0 behind the end, as stb_image reads on there.
unsigned byte(const Bytes& file, std::size_t at) { return at < file.size() ? file[at] : 0; }

// A segment of Huffman tables: its length, then for each table a byte, the counts of codes of 1 to 16 bits, and as many
// values as the counts add up to. stb_image 2.27 has room for 256 values and writes on behind them. It looks codes of up
// to 9 bits up in a table of bytes where 255 means "none", so it takes the 256th of them for a longer one and reads
// before its values. An encoder has no use for that many short codes.
void check_huffman_tables(const Bytes& file, std::size_t at, const std::string& path) {
    auto left = static_cast<std::int64_t>(byte(file, at) << 8 | byte(file, at + 1)) - 2;
    for (at += 2; left > 0;) {
        unsigned values = 0, short_codes = 0;
        for (std::size_t bits = 1; bits <= 16; ++bits) {
            values += byte(file, at + bits);
            if (bits == 9) short_codes = values;
        }
        if (values > 256)
            throw IoError(join(path, ": a Huffman table of ", values, " values; allowed are at most 256"));
        if (short_codes > 255)
            throw IoError(join(path, ": a Huffman table of ", short_codes, " codes of at most 9 bits; allowed are at most 255"));
        at += 17 + values;
        left -= 17 + values;
    }
}

// The segments up to the first scan: 0xff, a marker, a length that counts itself. Returns where the scan begins.
std::size_t check_segments(const Bytes& file, const std::string& path) {
    constexpr unsigned huffman_tables = 0xc4, start_of_scan = 0xda;
    std::size_t at = 2;
    while (at < file.size()) {
        if (file[at] != 0xff) {  // padding
            ++at;
            continue;
        }
        while (byte(file, at) == 0xff) ++at;
        const unsigned marker = byte(file, at++);
        if (marker == start_of_scan) return at;
        if (marker == huffman_tables) check_huffman_tables(file, at, path);
        at += byte(file, at) << 8 | byte(file, at + 1);
    }
    throw IoError(join(path, ": ends early, after ", file.size(), " bytes of JPEG"));
}

std::string_view text_of(const Bytes& file) { return {reinterpret_cast<const char*>(file.data()), file.size()}; }

std::uint32_t big_endian(const Bytes& file, std::size_t at) {
    return std::uint32_t{file[at]} << 24 | std::uint32_t{file[at + 1]} << 16 | std::uint32_t{file[at + 2]} << 8 |
           file[at + 3];
}

}  // namespace

// A chunk is its length, four letters, that many bytes, and the CRC of letters and bytes.
void check_png(const Bytes& file, const std::string& path) {
    for (std::size_t at = png_begin.size();;) {
        if (file.size() - at < 12) throw IoError(join(path, ": ends early, after ", file.size(), " bytes of PNG"));
        const std::uint32_t length = big_endian(file, at);
        if (length > file.size() - at - 12)
            throw IoError(join(path, ": ends early, in a PNG chunk of ", length, " bytes"));
        const auto crc = crc32(0, file.data() + at + 4, length + 4);
        if (crc != big_endian(file, at + 8 + length))
            throw IoError(join(path, ": a PNG chunk at byte ", at, " is damaged: its checksum is wrong"));
        if (text_of(file).substr(at + 4, 4) == "IEND") return;
        at += 12 + length;
    }
}

// In a scan a byte 0xff is followed by 0 or by a marker: what looks like a marker is one, wherever it is.
void check_jpeg(const Bytes& file, const std::string& path) {
    const std::string_view text = text_of(file);
    const std::size_t scan = check_segments(file, path);
    for (auto at = text.find("\xff\xc4", scan); at != std::string_view::npos; at = text.find("\xff\xc4", at + 2))
        check_huffman_tables(file, at + 2, path);
    if (text.find("\xff\xd9", std::max(text.rfind("\xff\xda"), scan)) == std::string_view::npos)
        throw IoError(join(path, ": ends early, after ", file.size(), " bytes of JPEG"));
}

void check_image(const Bytes& file, const std::string& path) {
    if (text_of(file).starts_with(png_begin)) return check_png(file, path);
    if (text_of(file).starts_with(jpeg_begin)) return check_jpeg(file, path);
    throw IoError(join(path, ": is neither a PNG nor a JPEG file"));
}

}  // namespace vitrine::data
