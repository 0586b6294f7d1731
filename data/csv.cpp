#include "csv.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "file.h"
#include "located.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::data {
namespace {

/// Goes through the text field by field.
class Reader {
public:
    Reader(std::string_view text, const std::string& path, char separator)
        : text_(text), path_(path), separator_(separator) {
        constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
        if (text.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    }

    /// The fields of the next line that is not empty; false at the end of the text.
    bool row(std::vector<std::string>& fields) {
        fields.clear();
        while (accept_line_end()) {
        }
        first_line_ = line_;
        if (at_ == text_.size()) return false;
        do fields.push_back(field());
        while (accept(separator_));
        if (at_ < text_.size() && !accept_line_end()) fail("text follows a quoted field");
        return true;
    }
    /// The line in which that row began, counted from 1.
    std::int64_t line() const { return first_line_; }

private:
    [[noreturn]] void fail(const char* what) const { throw IoError(join(path_, ": line ", line_, ": ", what)); }
    bool accept(char c) {
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool accept_line_end() {
        if (text_.substr(at_).starts_with("\r\n")) ++at_;
        if (!accept('\n')) return false;
        ++line_;
        return true;
    }
    std::string field() { return accept('"') ? quoted() : plain(); }
    std::string plain() {
        const std::size_t begin = at_;
        for (; at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n'; ++at_)
            if (text_[at_] == '"') fail("a quote in a field that does not begin with one");
        std::size_t end = at_;
        if (at_ < text_.size() && text_[at_] == '\n' && end > begin && text_[end - 1] == '\r') at_ = --end;
        return std::string(text_.substr(begin, end - begin));
    }
    std::string quoted() {
        std::string field;
        for (; at_ < text_.size(); ++at_) {
            if (accept('"') && !(at_ < text_.size() && text_[at_] == '"')) return field;
            line_ += text_[at_] == '\n';
            field += text_[at_];
        }
        fail("the file ends inside quotes");
    }

    std::string_view text_;
    const std::string& path_;
    char separator_;
    std::size_t at_ = 0;
    std::int64_t line_ = 1, first_line_ = 1;
};

void check_names(const std::vector<std::string>& names, const std::string& path) {
    std::set<std::string> seen;
    for (const std::string& name : names)
        if (!seen.insert(name).second) throw IoError(join(path, ": two columns \"", name, '"'));
}

/// The number that the whole field is; false when it is none.
template <class T>
bool to_number(std::string_view field, T& number) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
    while (!field.empty() && is_space(field.front())) field.remove_prefix(1);
    while (!field.empty() && is_space(field.back())) field.remove_suffix(1);
    if (field.size() > 1 && field[0] == '+' && field[1] != '-') field.remove_prefix(1);
    const char* end = field.data() + field.size();
    const auto [stopped, error] = std::from_chars(field.data(), end, number);
    return error == std::errc{} && stopped == end;
}

}  // namespace

CsvTable parse_csv(std::string_view text, const std::string& path, const CsvOptions& options) {
    CsvTable table;
    table.path_ = path;
    Reader reader(text, path, options.separator);
    std::vector<std::string> fields;
    if (!reader.row(fields)) throw IoError(join(path, ": the file has no lines"));
    const auto names = fields.size();
    if (options.header)
        table.columns_ = fields;
    else
        for (std::size_t i = 0; i < names; ++i) table.columns_.push_back(std::to_string(i));
    check_names(table.columns_, path);
    for (bool more = options.header ? reader.row(fields) : true; more; more = reader.row(fields)) {
        if (fields.size() != names)
            throw IoError(
                join(path, ": line ", reader.line(), " has ", fields.size(), " fields; the first has ", names));
        table.lines_.push_back(reader.line());
        std::ranges::move(fields, std::back_inserter(table.fields_));
    }
    return table;
}

CsvTable read_csv(const std::string& path, CsvOptions options, Site site) {
    const Call call("read_csv", site);
    const char c = options.separator;
    call.check(c != '"' && c != '\n' && c != '\r',
               "a separator that is a quote or a line end; allowed are other characters");
    return located(call.op(), site, [&] {
        constexpr std::uint64_t max_bytes = std::uint64_t{1} << 30;
        const Bytes bytes = read_file(path, max_bytes);
        return parse_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path, options);
    });
}

std::size_t CsvTable::index_of(const Call& call, const std::string& column) const {
    const auto found = std::ranges::find(columns_, column);
    if (found == columns_.end()) {
        std::string known;
        for (const std::string& name : columns_) known += (known.empty() ? "" : ", ") + name;
        call.fail(join("column \"", column, "\"; there are ", known));
    }
    return static_cast<std::size_t>(found - columns_.begin());
}

const std::string& CsvTable::at(std::int64_t row, const std::string& column, Site site) const {
    const Call call("CsvTable::at", site);
    call.check(row >= 0 && row < rows(), "row ", row, " of ", rows(), "; allowed are 0 to ", rows() - 1);
    return fields_[static_cast<std::size_t>(row) * columns_.size() + index_of(call, column)];
}

Tensor CsvTable::numbers(std::span<const std::string> columns, DType dtype, Site site) const {
    const Call call("CsvTable::numbers", site);
    call.check(dtype == DType::f32 || dtype == DType::f64, "dtype ", dtype, "; allowed are f32 and f64");
    std::vector<std::size_t> indices;
    for (const std::string& column : columns) indices.push_back(index_of(call, column));
    const Tensor x = empty({rows(), static_cast<std::int64_t>(indices.size())}, {.dtype = dtype}, site);
    const auto fill = [&](auto* to) {
        for (std::size_t row = 0; row < lines_.size(); ++row)
            for (const std::size_t index : indices) {
                const std::string& field = fields_[row * columns_.size() + index];
                if (!to_number(field, *to++))
                    throw IoError(join(path_, ": line ", lines_[row], ": \"", field.substr(0, 40), "\" in column \"",
                                       columns_[index], "\" is no number"));
            }
    };
    located(call.op(), site, [&] { dtype == DType::f32 ? fill(x.data<float>()) : fill(x.data<double>()); });
    return x;
}

Categories CsvTable::categories(const std::string& column, Site site) const {
    const std::size_t index = index_of(Call("CsvTable::categories", site), column);
    std::map<std::string_view, std::int64_t> numbers;
    for (std::size_t row = 0; row < lines_.size(); ++row) numbers.emplace(fields_[row * columns_.size() + index], 0);
    Categories categories{empty({rows()}, {.dtype = DType::i64}, site), {}};
    for (auto& [name, number] : numbers) {
        number = static_cast<std::int64_t>(categories.names.size());
        categories.names.emplace_back(name);
    }
    for (std::size_t row = 0; row < lines_.size(); ++row)
        categories.y.data<std::int64_t>()[row] = numbers.at(fields_[row * columns_.size() + index]);
    return categories;
}

}  // namespace vitrine::data
