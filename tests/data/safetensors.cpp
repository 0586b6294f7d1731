// Safetensors files with tensors: every dtype and layout, and files that lie.
#include "vitrine/data/safetensors.h"

#include <doctest/doctest.h>

#include "scratch_folder.h"
#include "vitrine/core/ops/creation.h"

using vitrine::Error;
using vitrine::IoError;
using vitrine::Shape;
using vitrine::Tensor;
using namespace vitrine::data;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

// A file with this header and so many zero bytes behind it.
std::string file_of(std::string json, std::size_t data_bytes) {
    std::string file(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) file[i] = static_cast<char>(json.size() >> (8 * i));
    return file + json + std::string(data_bytes, '\0');
}

void refused(const std::string& contents, const std::string& text) {
    const ScratchFolder folder;
    const std::string path = folder.put("f", contents);
    CHECK_THROWS_WITH_AS(load_safetensors(path, here), ("load_safetensors: " + path + text + " (user.cpp:7)").c_str(),
                         IoError);
}

}  // namespace

TEST_CASE("data/safetensors: dtypes, shapes, values and metadata come back") {
    const ScratchFolder folder;
    const Tensor f32 = vitrine::from_vector(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
    const NamedTensors saved = {{"flags", vitrine::tensor({true, false, true})},
                                {"transposed", f32.transpose(0, 1)},
                                {"step", vitrine::scalar(7, {.dtype = vitrine::int64})},
                                {"bytes", vitrine::from_vector(std::vector<std::uint8_t>{1, 2, 3}, {3, 1})},
                                {"double", vitrine::tensor({0.1, 1e300}, {.dtype = vitrine::float64})},
                                {"ints", vitrine::tensor({-1, 2}, {.dtype = vitrine::int32})},
                                {"bf16", vitrine::tensor({0.1, 3e38}, {.dtype = vitrine::bfloat16})},
                                {"f16", vitrine::tensor({0.1, 65504.0, -6e-8}, {.dtype = vitrine::float16})},
                                {"empty", vitrine::zeros({0, 5})}};
    save_safetensors(folder / "all", saved, {{"format", "pt"}, {"who", "\xC3\xA9"}});
    const SafetensorsFile read = load_safetensors(folder / "all");
    CHECK(folder.files() == 1);
    CHECK(read.metadata == Metadata{{"format", "pt"}, {"who", "\xC3\xA9"}});
    CHECK(read.tensors.size() == saved.size());
    for (const auto& [name, tensor] : saved) {
        CHECK(read.at(name).dtype() == tensor.dtype());
        CHECK(read.at(name).shape() == tensor.shape());
    }
    CHECK(read.at("transposed").to_vector<float>() == std::vector<float>{1, 4, 2, 5, 3, 6});
    CHECK(read.at("step").item<std::int64_t>() == 7);
    CHECK(read.at("bytes").to_vector<std::uint8_t>() == std::vector<std::uint8_t>{1, 2, 3});
    CHECK(read.at("double").to_vector<double>() == std::vector<double>{0.1, 1e300});
    CHECK(read.at("ints").to_vector<std::int32_t>() == std::vector<std::int32_t>{-1, 2});
    for (const char* name : {"bf16", "f16"}) {
        const auto values = [&](const Tensor& x) { return x.to(vitrine::float32).to_vector<float>(); };
        CHECK(values(read.at(name)) == values(saved.at(name)));
    }
    CHECK(read.at("flags").at<bool>({0}));
    CHECK(!read.at("flags").at<bool>({1}));
    CHECK_THROWS_WITH_AS(vitrine::data::SafetensorsFile{}.at("w", here),
                         "SafetensorsFile::at: no tensor \"w\"; there are none (user.cpp:7)", Error);
}

TEST_CASE("data/safetensors: the bytes of a file are the format's") {
    const ScratchFolder folder;
    save_safetensors(folder / "f", {{"w", vitrine::tensor({1.0, -2.0})}});
    const std::string json = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
    std::string expected = file_of(json + std::string((8 - json.size() % 8) % 8, ' '), 0);
    expected += std::string("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8);
    CHECK(folder.get("f") == expected);
}

TEST_CASE("data/safetensors: what cannot be saved is refused, and nothing is left") {
    const ScratchFolder folder;
    const std::string path = folder / "f", nowhere = folder / "no/f";
    const Tensor w = vitrine::zeros({1});
    CHECK_THROWS_WITH_AS(save_safetensors(path, {{"w", {}}}, {}, here),
                         "save_safetensors: tensor \"w\" is undefined (user.cpp:7)", Error);
    CHECK_THROWS_AS(save_safetensors(path, {{"\xff", w}}, {}, here), Error);
    const std::string text =
        "save_safetensors: " + nowhere + ": cannot be written: No such file or directory (user.cpp:7)";
    CHECK_THROWS_WITH_AS(save_safetensors(nowhere, {{"w", w}}, {}, here), text.c_str(), IoError);
    CHECK(folder.files() == 0);
}

TEST_CASE("data/safetensors: truncated, oversized and hostile files are refused") {
    refused("", ": 0 bytes; a safetensors file begins with 8");
    refused("1234567", ": 7 bytes; a safetensors file begins with 8");
    refused(std::string(8, '\xff') + "{}", ": a header of 18446744073709551615 bytes; allowed are at most 2");
    refused(file_of("{}", 0).substr(0, 9), ": a header of 2 bytes; allowed are at most 1");
    refused(file_of("{}", 3), ": the tensors end at byte 0; the file holds 3");
    refused(file_of(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7),
            ": tensor \"w\": bytes 0 to 8; the file holds 0 to 7");
    refused(file_of(R"({"w":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}})", 4),
            ": tensor \"w\" is F8_E4M3; allowed are F32, F64, I32, I64, U8, BOOL, BF16 and F16");
    refused(file_of(R"({"w":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1),
            ": tensor \"w\" has 9 dimensions; allowed are at most 8");
    refused(file_of(R"({"w":{"dtype":"F32","shape":[1099511627776,1099511627776,0],"data_offsets":[0,0]}})", 0),
            ": tensor \"w\": its sizes multiply to more than 63 bits hold");

    std::string lie = file_of(R"({"w":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})", 1);
    lie.back() = 2;
    refused(lie, ": tensor \"w\" holds bytes that are no bool; allowed are 0 and 1");
    const ScratchFolder folder;
    const std::string missing = folder / "missing";
    const std::string text =
        "load_safetensors: " + missing + ": cannot be opened: No such file or directory (user.cpp:7)";
    CHECK_THROWS_WITH_AS(load_safetensors(missing, here), text.c_str(), IoError);
}

TEST_CASE("data/safetensors: no prefix of a file is taken for a file") {
    const ScratchFolder folder;
    save_safetensors(folder / "f", {{"w", vitrine::ones({3, 3})}, {"b", vitrine::ones({3})}}, {{"epoch", "1"}});
    const std::string whole = folder.get("f");
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK_THROWS_AS(load_safetensors(folder.put("cut", whole.substr(0, length))), IoError);
    }
}
