#include "image_checks.h"

#include <string_view>

#include <zlib.h>

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

constexpr std::string_view png_begin("\x89PNG\r\n\x1a\n"), jpeg_begin("\xff\xd8\xff");

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

// In a scan a byte 0xff is followed by 0 or by a marker: these two bytes are the end, wherever they are.
void check_jpeg(const Bytes& file, const std::string& path) {
    const std::string_view text = text_of(file);
    const auto scan = text.rfind("\xff\xda");
    if (scan == std::string_view::npos || text.find("\xff\xd9", scan) == std::string_view::npos)
        throw IoError(join(path, ": ends early, after ", file.size(), " bytes of JPEG"));
}

void check_image(const Bytes& file, const std::string& path) {
    if (text_of(file).starts_with(png_begin)) return check_png(file, path);
    if (text_of(file).starts_with(jpeg_begin)) return check_jpeg(file, path);
    throw IoError(join(path, ": is neither a PNG nor a JPEG file"));
}

}  // namespace vitrine::data
