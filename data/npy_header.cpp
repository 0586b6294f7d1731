#include "npy_header.h"

#include <algorithm>
#include <string_view>

#include "vitrine/core/shape.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

constexpr std::string_view magic("\x93NUMPY", 6);

struct NamedType {
    DType dtype;
    std::string_view descr;
};
constexpr NamedType named_types[] = {{DType::f32, "<f4"}, {DType::f64, "<f8"}, {DType::i32, "<i4"},
                                     {DType::i64, "<i8"}, {DType::u8, "|u1"},  {DType::boolean, "|b1"},
                                     {DType::f16, "<f2"}};

/// Reads the dictionary, a Python literal with three known keys.
class Parser {
public:
    Parser(std::string_view text, const std::string& path) : text_(text), path_(path) {}

    NpyHeader dictionary() {
        NpyHeader header;
        bool descr = false, order = false, shape = false;
        expect('{');
        while (!accept('}')) {
            const std::string_view key = quoted();
            expect(':');
            bool& seen = key == "descr" ? descr : key == "fortran_order" ? order : key == "shape" ? shape : fail();
            if (seen) fail();
            seen = true;
            if (key == "descr")
                header.dtype = dtype();
            else if (key == "fortran_order")
                header.fortran_order = boolean();
            else
                header.shape = tuple();
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        skip_spaces();
        if (!descr || !order || !shape || at_ != text_.size()) fail();
        return header;
    }

private:
    [[noreturn]] bool& fail() const {
        throw IoError(join(path_, ": its npy header cannot be understood, at character ", at_));
    }
    void skip_spaces() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    }
    bool accept(char c) {
        skip_spaces();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!accept(c)) fail();
    }
    std::string_view quoted() {
        skip_spaces();
        if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) fail();
        const std::size_t end = text_.find(text_[at_], at_ + 1);
        if (end == std::string_view::npos) fail();
        const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return inside;
    }
    DType dtype() {
        const std::string_view descr = quoted();
        const auto found = std::ranges::find(named_types, descr, &NamedType::descr);
        if (found == std::end(named_types))
            throw IoError(
                join(path_, ": values of NumPy's type ", descr, "; allowed are <f4, <f8, <f2, <i4, <i8, |u1 and |b1"));
        return found->dtype;
    }
    bool boolean() {
        skip_spaces();
        for (const std::string_view word : {"True", "False"})
            if (text_.substr(at_).starts_with(word)) {
                at_ += word.size();
                return word == "True";
            }
        fail();
    }
    std::vector<std::int64_t> tuple() {
        std::vector<std::int64_t> sizes;
        expect('(');
        while (!accept(')')) {
            sizes.push_back(number());
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        if (sizes.size() > Shape::max_dims)
            throw IoError(join(path_, ": ", sizes.size(), " dimensions; allowed are at most ", Shape::max_dims));
        return sizes;
    }
    std::int64_t number() {
        skip_spaces();
        const std::size_t begin = at_;
        std::int64_t value = 0;
        for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
            if (at_ - begin >= 18)
                fail();
            else
                value = 10 * value + (text_[at_] - '0');
        if (at_ == begin) fail();
        return value;
    }

    std::string_view text_;
    const std::string& path_;
    std::size_t at_ = 0;
};

void check_size(const NpyHeader& header, std::uint64_t found, const std::string& path) {
    std::uint64_t expected = element_size(header.dtype);
    bool representable = true;
    for (const std::int64_t size : header.shape)
        representable = !__builtin_mul_overflow(expected, static_cast<std::uint64_t>(size), &expected) && representable;
    if (!representable || expected != found)
        throw IoError(join(path, ": ", found, " bytes of values; the header promises another number"));
}

}  // namespace

NpyHeader parse_npy_header(const Bytes& file, const std::string& path) {
    const std::string_view all(reinterpret_cast<const char*>(file.data()), file.size());
    if (file.size() < 10 || !all.starts_with(magic)) throw IoError(join(path, ": does not begin as an npy file does"));
    if (file[6] < 1 || file[6] > 3 || file[7] != 0)
        throw IoError(join(path, ": npy version ", int{file[6]}, ".", int{file[7]}, "; allowed are 1.0, 2.0 and 3.0"));
    const std::size_t length_bytes = file[6] == 1 ? 2 : 4, begin = 8 + length_bytes;
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < length_bytes && 8 + i < file.size(); ++i)
        length |= std::uint64_t{file[8 + i]} << (8 * i);
    if (file.size() < begin || length > file.size() - begin) throw IoError(join(path, ": ends inside its npy header"));
    NpyHeader header = Parser(all.substr(begin, length), path).dictionary();
    header.bytes = begin + length;
    check_size(header, file.size() - header.bytes, path);
    return header;
}

std::string serialize_npy_header(DType dtype, const std::vector<std::int64_t>& shape) {
    std::string list;
    for (std::size_t i = 0; i < shape.size(); ++i) list += join(i > 0 ? ", " : "", shape[i]);
    if (shape.size() == 1) list += ',';
    std::string header = join("{'descr': '", std::ranges::find(named_types, dtype, &NamedType::dtype)->descr,
                              "', 'fortran_order': False, 'shape': (", list, "), }");
    const std::size_t before = magic.size() + 4;
    header.append(63 - (before + header.size()) % 64, ' ');
    header += '\n';
    std::string file(magic);
    file += {'\x01', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
    return file + header;
}

}  // namespace vitrine::data
