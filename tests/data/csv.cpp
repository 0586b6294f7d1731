// Tables of text, tidy and not.
#include "vitrine/data/csv.h"

#include <doctest/doctest.h>
#include <clocale>
#include <cmath>

#include "scratch_folder.h"

using vitrine::DType;
using vitrine::Error;
using vitrine::IoError;
using vitrine::Shape;
using vitrine::Tensor;
using namespace vitrine::data;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

std::string refusal(const std::string& text, const CsvOptions& options = {}) {
    try {
        parse_csv(text, "x.csv", options);
    } catch (const IoError& e) {
        return e.what();
    }
    return "read";
}

}  // namespace

TEST_CASE("data/csv: numbers by column, categories by name") {
    const ScratchFolder folder;
    folder.put("iris.csv", std::string("length,width,kind\n5.1, 3.5 ,setosa\r\n\n+7,-3.2e0,virginica\n4.9,3,setosa"));
    const CsvTable table = read_csv(folder / "iris.csv");
    CHECK(table.rows() == 3);
    CHECK(table.columns() == std::vector<std::string>{"length", "width", "kind"});
    CHECK(table.at(1, "kind") == "virginica");
    const std::string columns[] = {"width", "length"};
    const Tensor x = table.numbers(columns), wide = table.numbers(columns, DType::f64);
    CHECK(x.shape() == Shape{3, 2});
    CHECK(x.to_vector<float>() == std::vector<float>{3.5f, 5.1f, -3.2f, 7.0f, 3.0f, 4.9f});
    CHECK(wide.to_vector<double>() == std::vector<double>{3.5, 5.1, -3.2, 7.0, 3.0, 4.9});
    const Categories kinds = table.categories("kind");
    CHECK(kinds.names == std::vector<std::string>{"setosa", "virginica"});
    CHECK(kinds.y.to_vector<std::int64_t>() == std::vector<std::int64_t>{0, 1, 0});
}

TEST_CASE("data/csv: quotes, separators, a file without a header, a byte order mark") {
    const CsvTable quoted =
        parse_csv("\xef\xbb\xbf\"a,1\";b\n\"two\nlines\";\"say \"\"hi\"\"\"\n;\"\"\n", "x", {.separator = ';'});
    CHECK(quoted.columns() == std::vector<std::string>{"a,1", "b"});
    CHECK(quoted.at(0, "a,1") == "two\nlines");
    CHECK(quoted.at(0, "b") == "say \"hi\"");
    CHECK(quoted.at(1, "a,1") == "");
    const CsvTable plain = parse_csv("1\t2\n3\t4\n", "x", {.header = false, .separator = '\t'});
    CHECK(plain.columns() == std::vector<std::string>{"0", "1"});
    CHECK(plain.numbers().to_vector<float>() == std::vector<float>{1, 2, 3, 4});
    CHECK(parse_csv("a,b\n", "x").numbers().shape() == Shape{0, 2});
    CHECK(parse_csv("a\r", "x").columns()[0] == "a\r");  // a lone CR is no line end
}

TEST_CASE("data/csv: a number is the same in every locale") {
    const std::string before = std::setlocale(LC_NUMERIC, nullptr);
    std::setlocale(LC_NUMERIC, "de_DE.UTF-8");  // where it is installed, it has a decimal comma
    CHECK(parse_csv("a\n1.5\n", "x").numbers().to_vector<float>()[0] == 1.5f);
    std::setlocale(LC_NUMERIC, before.c_str());
    CHECK(std::isnan(parse_csv("a\nnan\n", "x").numbers().to_vector<float>()[0]));
}

TEST_CASE("data/csv: rows that are ragged and quotes that are wrong, by line") {
    CHECK(refusal("a,b\n1,2\n\n3\n") == "x.csv: line 4 has 1 fields; the first has 2");
    CHECK(refusal("a,b\n\"1\n2\",3\n4,5,6\n") == "x.csv: line 4 has 3 fields; the first has 2");
    CHECK(refusal("1,2\n3\n", {.header = false}) == "x.csv: line 2 has 1 fields; the first has 2");
    CHECK(refusal("a\n1\"2\n") == "x.csv: line 2: a quote in a field that does not begin with one");
    CHECK(refusal("a\n\"1\"2\n") == "x.csv: line 2: text follows a quoted field");
    CHECK(refusal("a\n\"1\n2") == "x.csv: line 3: the file ends inside quotes");
    CHECK(refusal("a\n\"") == "x.csv: line 2: the file ends inside quotes");
    CHECK(refusal("a\n\"\"\"") == "x.csv: line 2: the file ends inside quotes");
    CHECK(refusal("a,b,a\n") == "x.csv: two columns \"a\"");
    CHECK(refusal("") == "x.csv: the file has no lines");
    CHECK(refusal("\n\r\n\n") == "x.csv: the file has no lines");
}

TEST_CASE("data/csv: fields that are no numbers, columns and rows that are not there") {
    const CsvTable table = parse_csv("a,b\n1,2\n3,x4\n", "x.csv");
    CHECK_THROWS_WITH_AS(table.numbers(DType::f32, here),
                         "CsvTable::numbers: x.csv: line 3: \"x4\" in column \"b\" is no number (user.cpp:7)", IoError);
    for (const char* field : {"", "1,5", "1 2", "0x10", "1e999", "--1", "+-1", "1e", "one"}) {
        const CsvTable one = parse_csv("a\n\"" + std::string(field) + "\"\n", "x.csv");
        CHECK_THROWS_AS(one.numbers(), IoError);
    }
    CHECK_THROWS_AS(parse_csv("a\n1e39\n", "x").numbers(), IoError);
    CHECK(parse_csv("a\n1e39\n", "x").numbers(DType::f64).to_vector<double>()[0] == 1e39);
    const std::string columns[] = {"c"};
    CHECK_THROWS_WITH_AS(table.numbers(columns, DType::f32, here),
                         "CsvTable::numbers: column \"c\"; there are a, b (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(table.numbers(DType::i64, here),
                         "CsvTable::numbers: dtype i64; allowed are f32 and f64 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(table.at(2, "a", here), "CsvTable::at: row 2 of 2; allowed are 0 to 1 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(table.categories("c", here), "CsvTable::categories: column \"c\"; there are a, b (user.cpp:7)",
                         Error);
    const ScratchFolder folder;
    CHECK_THROWS_WITH_AS(
        read_csv(folder / "x", {}, here),
        ("read_csv: " + (folder / "x") + ": cannot be opened: No such file or directory (user.cpp:7)").c_str(),
        IoError);
    CHECK_THROWS_WITH_AS(
        read_csv(folder / "x", {.separator = '"'}, here),
        "read_csv: a separator that is a quote or a line end; allowed are other characters (user.cpp:7)", Error);
}
