#include "idx.h"

#include <utility>

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

std::uint32_t big_endian(const Bytes& file, std::size_t at) {
    return std::uint32_t{file[at]} << 24 | std::uint32_t{file[at + 1]} << 16 | std::uint32_t{file[at + 2]} << 8 |
           file[at + 3];
}

}  // namespace

std::string text_of(const std::vector<std::int64_t>& sizes) {
    std::string text;
    for (const auto size : sizes) text += (text.empty() ? "" : " x ") + std::to_string(size);
    return text;
}

Idx parse_idx(Bytes file, const std::string& path) {
    if (file.size() < 4) throw IoError(join(path, ": ", file.size(), " bytes; an IDX file begins with 4"));
    if (file[0] != 0 || file[1] != 0)
        throw IoError(
            join(path, ": begins with bytes ", int{file[0]}, " ", int{file[1]}, "; an IDX file begins with 0 0"));
    if (file[2] != 8) throw IoError(join(path, ": IDX type ", int{file[2]}, "; allowed is 8 (unsigned byte)"));
    const std::size_t dims = file[3];
    if (dims < 1 || dims > 8) throw IoError(join(path, ": ", dims, " dimensions; allowed are 1 to 8"));

    Idx idx;
    idx.first = 4 + 4 * dims;
    if (file.size() < idx.first)
        throw IoError(join(path, ": ", file.size(), " bytes; the header of ", dims, " dimensions takes ", idx.first));
    const std::uint64_t found = file.size() - idx.first;
    std::uint64_t expected = 1;
    bool representable = true;
    for (std::size_t d = 0; d < dims; ++d) {
        const std::uint64_t size = big_endian(file, 4 + 4 * d);
        idx.sizes.push_back(static_cast<std::int64_t>(size));
        representable = !__builtin_mul_overflow(expected, size, &expected) && representable;
    }
    if (!representable || expected != found)
        throw IoError(join(path, ": ", found, " bytes of values; the header promises ", text_of(idx.sizes)));
    idx.file = std::move(file);
    return idx;
}

Idx read_idx(const std::string& path) {
    constexpr std::uint64_t max_bytes = std::uint64_t{1} << 30;
    return parse_idx(read_maybe_gzipped(path, max_bytes), path);
}

}  // namespace vitrine::data
