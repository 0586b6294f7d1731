// The header of a safetensors file: what is written is read, and every lie in it is found.
#include "vitrine/data/safetensors_header.h"

#include <doctest/doctest.h>

#include "vitrine/kernels/base/error.h"

using vitrine::Error;
using vitrine::IoError;
using namespace vitrine::data;

namespace {

void refused(const std::string& json, std::uint64_t data_bytes, const char* text) {
    CAPTURE(json);
    CHECK_THROWS_WITH_AS(parse_safetensors_header(json, data_bytes, "f"), text, IoError);
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
    return '"' + name + R"(":{"dtype":")" + dtype + R"(","shape":[)" + shape + R"(],"data_offsets":[)" + offsets + "]}";
}

}  // namespace

TEST_CASE("data/safetensors_header: what is written is read") {
    SafetensorsHeader header;
    header.metadata = {{"format", "pt"}, {"epoch", "3"}};
    header.entries = {
        {"fc1.weight", "F32", {2, 3}, 0, 24}, {"empty", "F64", {0, 5}, 24, 24}, {"step", "I64", {}, 24, 32}};
    const std::string file = serialize_safetensors_header(header);
    CHECK(file.size() % 8 == 0);
    CHECK(static_cast<std::uint8_t>(file[0]) + 256 * static_cast<std::uint8_t>(file[1]) ==
          static_cast<int>(file.size()) - 8);

    const SafetensorsHeader read = parse_safetensors_header(std::string_view(file).substr(8), 32, "f");
    CHECK(read.metadata == header.metadata);
    REQUIRE(read.entries.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(read.entries[i].name == header.entries[i].name);
        CHECK(read.entries[i].dtype == header.entries[i].dtype);
        CHECK(read.entries[i].shape == header.entries[i].shape);
        CHECK(read.entries[i].begin == header.entries[i].begin);
        CHECK(read.entries[i].end == header.entries[i].end);
    }
    CHECK(parse_safetensors_header("{}", 0, "f").entries.empty());
}

TEST_CASE("data/safetensors_header: what the format cannot say is not written") {
    const auto write = [](SafetensorsHeader header) { return serialize_safetensors_header(header); };
    CHECK_THROWS_WITH_AS(write({{{"a", "F32", {}, 0, 4}, {"a", "F32", {}, 4, 8}}, {}}),
                         "safetensors: two tensors are named \"a\"", Error);
    CHECK_THROWS_WITH_AS(write({{{"__metadata__", "F32", {}, 0, 4}}, {}}),
                         "safetensors: a tensor cannot be named \"__metadata__\"", Error);
    CHECK_THROWS_AS(write({{{"\xff", "F32", {}, 0, 4}}, {}}), Error);
}

TEST_CASE("data/safetensors_header: JSON that is none, or something else") {
    CHECK_THROWS_AS(parse_safetensors_header("", 0, "f"), IoError);
    CHECK_THROWS_AS(parse_safetensors_header("{", 0, "f"), IoError);
    CHECK_THROWS_AS(parse_safetensors_header(std::string(100000, '['), 0, "f"), IoError);
    CHECK_THROWS_AS(parse_safetensors_header("{\"\xff\":{}}", 0, "f"), IoError);
    refused(std::string(100000, '[') + std::string(100000, ']'), 0, "f: the header is no JSON object");
    refused("[]", 0, "f: the header is no JSON object");
    refused(R"({"a":1})", 0, "f: tensor \"a\": its header entry is no object");
    refused(R"({"__metadata__":1})", 0, "f: __metadata__ is no object");
    refused(R"({"__metadata__":{"epoch":3}})", 0, "f: metadata \"epoch\" is no text");
    refused('{' + tensor("a", "U8", "1", "0,1") + ',' + tensor("a", "U8", "1", "0,1") + '}', 1,
            "f: \"a\" stands twice in the header");
}

TEST_CASE("data/safetensors_header: entries that lie") {
    refused(R"({"a":{}})", 0, "f: tensor \"a\": no string \"dtype\" in its header entry");
    refused(R"({"a":{"dtype":"F32"}})", 0, "f: tensor \"a\": no array \"shape\" in its header entry");
    refused(R"({"a":{"dtype":"F32","shape":[]}})", 0, "f: tensor \"a\": no array \"data_offsets\" in its header entry");
    const auto one = [](const char* dtype, const char* shape, const char* offsets, std::uint64_t data_bytes,
                        const char* text) {
        refused('{' + tensor("a", dtype, shape, offsets) + '}', data_bytes, text);
    };
    one("F31", "1", "0,4", 4, "f: tensor \"a\": dtype \"F31\" is unknown");
    one("F32", "-1", "0,4", 4, "f: tensor \"a\": shape holds -1; allowed are whole numbers of 0 and more");
    one("F32", "1.5", "0,4", 4, "f: tensor \"a\": shape holds 1.5; allowed are whole numbers of 0 and more");
    one("F32", "1", "0,4,8", 8, "f: tensor \"a\": 3 data_offsets; needed are 2");
    one("F32", "1", "4,0", 4, "f: tensor \"a\": bytes 4 to 0; the file holds 0 to 4");
    one("F32", "2", "0,8", 4, "f: tensor \"a\": bytes 0 to 8; the file holds 0 to 4");
    one("F32", "2", "0,4", 4, "f: tensor \"a\": 4 bytes; its shape and dtype take 8");
    one("F32", "1", "4,8", 8, "f: tensor \"a\" begins at byte 4; the one before ends at 0");
    one("F32", "1", "0,4", 8, "f: the tensors end at byte 4; the file holds 8");
    one("F32", "4294967296,4294967296", "0,0", 0, "f: tensor \"a\": its sizes multiply to more than 63 bits hold");
    one("F32", "9223372036854775808", "0,0", 0,
        "f: tensor \"a\": shape holds 9223372036854775808; allowed are whole numbers of 0 and more");
    refused('{' + tensor("a", "F32", "1", "0,4") + ',' + tensor("b", "F32", "1", "0,4") + '}', 4,
            "f: tensor \"b\" begins at byte 0; the one before ends at 4");
}
