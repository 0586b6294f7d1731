#include "vitrine/data/text.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "scratch_folder.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/data/text_grammar.h"

using namespace vitrine;
using vitrine::testing::error_of;

TEST_CASE("data/text: characters are numbered in their order; encode and decode undo each other") {
    const data::CharTokenizer t("banana\nCab");
    CHECK(t.size() == 5);
    CHECK(t.vocabulary() == "\nCabn");
    CHECK(t.character(1) == "C");
    const Tensor ids = t.encode("nab\n");
    CHECK(ids.dtype() == DType::i64);
    CHECK(ids.to_vector<std::int64_t>() == std::vector<std::int64_t>{4, 2, 3, 0});
    CHECK(t.decode(ids) == "nab\n");
    CHECK(t.decode(ids.to(DType::i32).reshape({2, 2})) == "nab\n");
    CHECK(t.encode("").shape() == Shape{0});
    CHECK(t.decode(zeros({0}, {.dtype = DType::i64})) == "");
    CHECK(data::CharTokenizer(t.vocabulary()).vocabulary() == t.vocabulary());
}

TEST_CASE("data/text: a character is a code point of UTF-8") {
    const std::string text = "z\u00e9\u20ac\U0001F600a";
    const data::CharTokenizer t(text);
    CHECK(t.size() == 5);
    CHECK(t.vocabulary() == "az\u00e9\u20ac\U0001F600");
    CHECK(t.encode(text).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 2, 3, 4, 0});
    CHECK(t.decode(t.encode(text)) == text);
}

TEST_CASE("data/text: errors name the character, the byte, the number and the line") {
    const data::CharTokenizer t("abc");
    const Site here{"user.cpp", 3};
    CHECK(error_of([&] { t.encode("abXc", here); }) ==
          "CharTokenizer: character 'X' (U+0058) at 2; the vocabulary has 3 others (user.cpp:3)");
    CHECK(error_of([&] { t.encode("a\u20ac", here); }) ==
          "CharTokenizer: character '\u20ac' (U+20AC) at 1; the vocabulary has 3 others (user.cpp:3)");
    CHECK(error_of([&] { t.encode("a\n", here); }) ==
          "CharTokenizer: character U+000A at 1; the vocabulary has 3 others (user.cpp:3)");
    for (const char* bad :
         {"a\x80", "a\xc3", "a\xc0\x80", "a\xed\xa0\x80", "a\xf8\x88\x80\x80\x80", "a\xf4\x90\x80\x80"})
        CHECK(error_of([&] { data::CharTokenizer(bad, here); }) ==
              "CharTokenizer: byte 1 of the text is no UTF-8 (user.cpp:3)");
    CHECK(error_of([&] { data::CharTokenizer("", here); }) ==
          "CharTokenizer: the text is empty; needed is at least one character (user.cpp:3)");
    CHECK(error_of([&] {
              t.decode(tensor({0, 3}), here);
          }) == "CharTokenizer: number 3; allowed are 0 to 2 (user.cpp:3)");
    CHECK(error_of([&] { t.decode(tensor({-1}), here); }) ==
          "CharTokenizer: number -1; allowed are 0 to 2 (user.cpp:3)");
    CHECK(error_of([&] { t.decode(tensor({1.0}), here); }) ==
          "CharTokenizer: ids are f32; allowed are i64 and i32 (user.cpp:3)");
}

TEST_CASE("data/text: read_text reads a file, or input.txt in a folder; files that cannot be read are IoErrors") {
    const ScratchFolder folder;
    folder.put("input.txt", std::string("Hello\n"));
    folder.put("empty.txt", std::string());
    CHECK(data::read_text(folder / "input.txt") == "Hello\n");
    CHECK(data::read_text(folder.path()) == "Hello\n");
    const Site here{"user.cpp", 4};
    CHECK(error_of([&] { data::read_text(folder / "empty.txt", 100, here); }) ==
          join("read_text: ", folder / "empty.txt", ": the file is empty (user.cpp:4)"));
    CHECK_THROWS_AS(data::read_text(folder / "none.txt"), IoError);
    CHECK_THROWS_AS(data::read_text(folder / "input.txt", 3), IoError);
}

TEST_CASE("data/text_grammar: as long as asked, the same for a seed, of few characters") {
    CHECK(data::grammar_text(0) == "");
    const std::string text = data::grammar_text(5000, 7);
    CHECK(text.size() == 5000);
    CHECK(data::grammar_text(5000, 7) == text);
    CHECK(data::grammar_text(3000, 7) == text.substr(0, 3000));
    CHECK(data::grammar_text(5000, 8) != text);
    CHECK(data::CharTokenizer(text).size() < 50);
    CHECK(text.find(":\n") != std::string::npos);
    CHECK(error_of([] {
              data::grammar_text(-1, 1, {"user.cpp", 5});
          }) == "grammar_text: -1 characters; allowed are 0 and more (user.cpp:5)");
}
