#include "text.h"

#include <cstdio>
#include <filesystem>
#include <map>

#include "file.h"
#include "located.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::data {
namespace {

/// One character of a text: its code point and its bytes.
struct Character {
    std::uint32_t code;
    std::string_view bytes;
};

// The character at `at`. Throws Error where the bytes are no UTF-8 (RFC 3629): cut short, longer than need be, or a
// surrogate.
Character character_at(const Call& call, std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
    };
    const std::uint32_t first = byte(at);
    const std::size_t length = first < 0x80         ? 1
                               : first >> 5 == 0x6  ? 2
                               : first >> 4 == 0xe  ? 3
                               : first >> 3 == 0x1e ? 4
                                                    : 0;
    bool good = length > 0 && at + length <= text.size();
    std::uint32_t code = length == 1 ? first : first & (0xffu >> (length + 1));
    for (std::size_t i = 1; good && i < length; ++i) {
        good = byte(at + i) >> 6 == 0x2;
        code = code << 6 | (byte(at + i) & 0x3fu);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    good = good && code >= least[length] && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    call.check(good, "byte ", at, " of the text is no UTF-8");
    return {code, text.substr(at, length)};
}

// A character as an error shows it: 'é' (U+00E9); those that cannot be seen by their number alone.
std::string shown(const Character& c) {
    char code[16];
    std::snprintf(code, sizeof code, "U+%04X", static_cast<unsigned>(c.code));
    if (c.code < 0x20 || c.code == 0x7f) return code;
    return join('\'', std::string(c.bytes), "' (", code, ')');
}

}  // namespace

std::string read_text(const std::string& path, std::uint64_t max_bytes, Site site) {
    return located("read_text", site, [&] {
        const bool folder = std::filesystem::is_directory(path);
        const std::string file = folder ? (std::filesystem::path(path) / "input.txt").string() : path;
        const Bytes bytes = read_file(file, max_bytes);
        if (bytes.empty()) throw IoError(file + ": the file is empty");
        return std::string(bytes.begin(), bytes.end());
    });
}

CharTokenizer::CharTokenizer(std::string_view text, Site site) {
    const Call call("CharTokenizer", site);
    call.check(!text.empty(), "the text is empty; needed is at least one character");
    std::map<std::uint32_t, std::string_view> found;
    for (std::size_t at = 0; at < text.size();) {
        const Character c = character_at(call, text, at);
        found.emplace(c.code, c.bytes);
        at += c.bytes.size();
    }
    for (const auto& [code, bytes] : found) {
        numbers_[code] = size();
        characters_.emplace_back(bytes);
        vocabulary_ += bytes;
    }
}

const std::string& CharTokenizer::character(std::int64_t i, Site site) const {
    Call("CharTokenizer", site).check(i >= 0 && i < size(), "number ", i, "; allowed are 0 to ", size() - 1);
    return characters_[static_cast<std::size_t>(i)];
}

Tensor CharTokenizer::encode(std::string_view text, Site site) const {
    const Call call("CharTokenizer", site);
    std::vector<std::int64_t> ids;
    ids.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Character c = character_at(call, text, at);
        const auto found = numbers_.find(c.code);
        call.check(found != numbers_.end(), "character ", shown(c), " at ", ids.size(), "; the vocabulary has ", size(),
                   " others");
        ids.push_back(found->second);
        at += c.bytes.size();
    }
    const auto count = static_cast<std::int64_t>(ids.size());
    return from_vector(std::move(ids), {count}, site);
}

std::string CharTokenizer::decode(const Tensor& ids, Site site) const {
    const Call call("CharTokenizer", site);
    call.check(ids.defined() && (ids.dtype() == DType::i64 || ids.dtype() == DType::i32), "ids ",
               ids.defined() ? join("are ", ids.dtype()) : "are undefined", "; allowed are i64 and i32");
    return decode(std::span<const std::int64_t>(ids.to(DType::i64, site).to_vector<std::int64_t>(site)), site);
}

std::string CharTokenizer::decode(std::span<const std::int64_t> ids, Site site) const {
    std::string text;
    for (const std::int64_t id : ids) text += character(id, site);
    return text;
}

}  // namespace vitrine::data
