// Tables of text: comma-separated values (RFC 4180), also with other separators.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vitrine/core/tensor.h"

namespace vitrine {
class Call;
}

namespace vitrine::data {

struct CsvOptions {
    bool header = true;    ///< the first line has the columns' names; else they are "0", "1", ...
    char separator = ',';  ///< also ';' or '\t'
};

/// Labels as numbers.
struct Categories {
    Tensor y;                        ///< (rows) i64
    std::vector<std::string> names;  ///< of each number, in alphabetical order
};

/// A table whose rows have as many fields each.
class CsvTable {
public:
    std::int64_t rows() const { return static_cast<std::int64_t>(lines_.size()); }
    const std::vector<std::string>& columns() const { return columns_; }
    /// A field as it stands in the file, without quotes. Throws Error for a row or a column that is not there.
    const std::string& at(std::int64_t row, const std::string& column, Site site = Site::here()) const;
    /// These columns, or all, as (rows, columns). A number is written as C++ writes it, whatever the locale, with
    /// spaces around it or not. Throws Error for a column that is not there and for a dtype other than f32 and f64;
    /// IoError, which names the line, for a field that is no number or is larger than the dtype's largest.
    Tensor numbers(std::span<const std::string> columns, DType dtype = DType::f32, Site site = Site::here()) const;
    Tensor numbers(DType dtype = DType::f32, Site site = Site::here()) const { return numbers(columns_, dtype, site); }
    /// A column of names as numbers: its different fields in alphabetical order are 0, 1, ... Throws Error for a column
    /// that is not there.
    Categories categories(const std::string& column, Site site = Site::here()) const;

private:
    friend CsvTable parse_csv(std::string_view text, const std::string& path, const CsvOptions& options);
    std::size_t index_of(const Call& call, const std::string& column) const;

    std::string path_;
    std::vector<std::string> columns_, fields_;  // fields row after row
    std::vector<std::int64_t> lines_;            // where each row begins in the file
};

/// Reads a file of at most 1 GiB. A field may stand in double quotes; then it may hold separators, line ends and,
/// doubled, quotes. Lines end in LF or CRLF; empty lines are passed over, and so is a byte order mark. Throws IoError
/// when the file cannot be read, and, naming the line, when a row has more or fewer fields than the first, a quote is
/// where none can be, or the file ends inside quotes; also for two columns of one name and for a file without a line.
CsvTable read_csv(const std::string& path, CsvOptions options = {}, Site site = Site::here());

/// What read_csv does with text that is in memory already; errors name `path`.
CsvTable parse_csv(std::string_view text, const std::string& path, const CsvOptions& options = {});

}  // namespace vitrine::data
