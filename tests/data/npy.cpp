// NumPy's files, as NumPy writes them, as we do, and damaged.
#include "vitrine/data/npy.h"

#include <doctest/doctest.h>

#include "full_disk.h"
#include "pack_archive.h"
#include "scratch_folder.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/data/npy_header.h"

using vitrine::DType;
using vitrine::Error;
using vitrine::IoError;
using vitrine::Shape;
using vitrine::Tensor;
using namespace vitrine::data;
using vitrine::testing::Format;
using vitrine::testing::pack;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

/// 0, 1, 2, ...
Tensor counted(const Shape& shape, DType dtype = DType::f32) {
    return vitrine::arange(0, static_cast<double>(shape.numel())).reshape(shape).to(dtype);
}

/// A version 1.0 file with this dictionary.
std::string npy(std::string header, const std::string& values) {
    std::string file("\x93NUMPY\x01\x00", 8);
    header += '\n';
    file += {static_cast<char>(header.size()), '\0'};
    return file + header + values;
}

std::string zeros(std::size_t bytes) { return std::string(bytes, '\0'); }

std::string refusal(const std::string& file) {
    try {
        parse_npy(Bytes(file.begin(), file.end()), "x.npy");
    } catch (const IoError& e) {
        return e.what();
    }
    return "read";
}

}  // namespace

TEST_CASE("data/npy: what is written is what NumPy 2 writes for the same array") {
    const ScratchFolder folder;
    save_npy(folder / "x.npy", counted({2, 3}));
    const std::string file = folder.get("x.npy");
    REQUIRE(file.size() == 128 + 24);
    CHECK(file.substr(0, 128) == std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
                                     "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" +
                                     std::string(58, ' ') + "\n");
    CHECK(serialize_npy_header(DType::u8, {5}).substr(10, 56) ==
          "{'descr': '|u1', 'fortran_order': False, 'shape': (5,), ");
    CHECK(serialize_npy_header(DType::boolean, {}).substr(10, 54) ==
          "{'descr': '|b1', 'fortran_order': False, 'shape': (), ");
}

TEST_CASE("data/npy: every dtype and shape comes back, strided tensors in row-major order") {
    const ScratchFolder folder;
    for (const DType dtype : {DType::f32, DType::f64, DType::f16, DType::i32, DType::i64, DType::u8, DType::boolean})
        for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{5}, Shape{2, 0, 3}, Shape{4, 3, 2, 1}}) {
            const Tensor kept = counted(shape, dtype);
            save_npy(folder / "x.npy", kept);
            const Tensor back = load_npy(folder / "x.npy");
            CHECK(back.dtype() == dtype);
            CHECK(back.shape() == shape);
            CHECK(back.to(DType::f32).to_vector<float>() == kept.to(DType::f32).to_vector<float>());
        }
    const Tensor strided = counted({2, 3}, DType::i64).transpose(0, 1);
    save_npy(folder / "t.npy", strided);
    CHECK(load_npy(folder / "t.npy").to_vector<std::int64_t>() == std::vector<std::int64_t>{0, 3, 1, 4, 2, 5});
}

TEST_CASE("data/npy: Fortran's order, other spellings and later versions of the header") {
    const std::string values("\0\1\2\3\4\5", 6);
    const std::string file = npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", values);
    const Tensor x = parse_npy(Bytes(file.begin(), file.end()), "x");
    CHECK(x.shape() == Shape{2, 3});
    CHECK(x.to_vector<std::uint8_t>() == std::vector<std::uint8_t>{0, 2, 4, 1, 3, 5});
    CHECK(refusal(npy("{\"shape\":(6),'descr':\"|u1\",\"fortran_order\":False}", values)) == "read");
    std::string version_3("\x93NUMPY\x03\x00", 8);
    const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (6,), }\n";
    version_3 += {static_cast<char>(header.size()), '\0', '\0', '\0'};
    CHECK(refusal(version_3 + header + values) == "read");
}

TEST_CASE("data/npy: damaged and foreign files are refused") {
    CHECK(refusal("") == "x.npy: does not begin as an npy file does");
    CHECK(refusal("PK\3\4 something else") == "x.npy: does not begin as an npy file does");
    CHECK(refusal(std::string("\x93NUMPY\x04\x00\x00\x00", 10)) ==
          "x.npy: npy version 4.0; allowed are 1.0, 2.0 and 3.0");
    CHECK(refusal(std::string("\x93NUMPY\x01\x00\xff\x00{", 11)) == "x.npy: ends inside its npy header");
    CHECK(refusal(std::string("\x93NUMPY\x02\x00\x00\x00", 10)) == "x.npy: ends inside its npy header");
    const std::string shape = "'fortran_order': False, 'shape': (2,), }",
                      types = "; allowed are <f4, <f8, <f2, <i4, <i8, |u1 and |b1";
    CHECK(refusal(npy("{'descr': '>f4', " + shape, zeros(8))) == "x.npy: values of NumPy's type >f4" + types);
    CHECK(refusal(npy("{'descr': '|O', " + shape, zeros(8))) == "x.npy: values of NumPy's type |O" + types);
    const std::string size = " bytes of values; the header promises another number";
    CHECK(refusal(npy("{'descr': '<f4', " + shape, zeros(7))) == "x.npy: 7" + size);
    CHECK(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "")) ==
          "x.npy: 0" + size);
    CHECK(refusal(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", "x")) ==
          "x.npy: 9 dimensions; allowed are at most 8");
    CHECK(refusal(npy("{'descr': '|b1', " + shape, "\2\1")) ==
          "x.npy: holds bytes that are no bool; allowed are 0 and 1");
    for (const char* header :
         {"", "{", "{}", "{'descr': '|u1', 'fortran_order': False}",
          "{'descr': '|u1', 'fortran_order': 0, 'shape': (2,)}",
          "{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}",
          "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)",
          "{'descr': '|u1', 'fortran_order': False, 'shape': 2}",
          "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (2,)}",
          "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)} x",
          "{'descr': '|u1', 'descr': '|u1', 'shape': (2,)}",
          "{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999999999999,)}", "{'code': '|u1'}"})
        CHECK_MESSAGE(
            refusal(npy(header, "xx")).starts_with("x.npy: its npy header cannot be understood, at character "),
            header);
}

TEST_CASE("data/npy: an npz holds tensors by name") {
    const ScratchFolder folder;
    NamedTensors tensors;
    tensors["w/0"] = counted({1000});
    tensors["b"] = counted({3, 1});
    tensors["none"] = vitrine::zeros({0, 2});
    save_npz(folder / "x.npz", tensors);
    const NamedTensors back = load_npz(folder / "x.npz");
    REQUIRE(back.size() == 3);
    CHECK(back.at("w/0").to_vector<float>() == tensors["w/0"].to_vector<float>());
    CHECK(back.at("b").shape() == Shape{3, 1});
    CHECK(back.at("none").shape() == Shape{0, 2});
    const std::string once = folder.get("x.npz");
    save_npz(folder / "x.npz", tensors);
    CHECK(folder.get("x.npz") == once);
    CHECK(
        parse_npz(
            pack({{"a.npy", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", "xy")}}, Format::zip), "x")
            .size() == 1);
}

TEST_CASE("data/npy: an npz that does not fit is refused, and a full disk leaves the old one") {
    const auto said = [](const Bytes& file) -> std::string {
        try {
            parse_npz(file, "x.npz");
        } catch (const IoError& e) {
            return e.what();
        }
        return "read";
    };
    CHECK(said(pack({{"a.txt", "x"}}, Format::zip)) == "x.npz: a.txt is no npy file");
    CHECK(said(pack({{"a.npy", "x"}}, Format::zip)) == "x.npz: a.npy: does not begin as an npy file does");
    CHECK(said(pack({{"../a.npy", "x"}}, Format::zip)).starts_with("x.npz: holds the name \"../a.npy\""));
    CHECK(said(Bytes(100, 'x')).starts_with("x.npz: cannot be unpacked: "));

    const ScratchFolder folder;
    const NamedTensors large{{"a", vitrine::zeros({50'000})}}, small{{"a", vitrine::zeros({5})}};
    save_npz(folder / "x.npz", small);
    const std::string before = folder.get("x.npz");
    {
        const FullDisk full(10'000);
        CHECK_THROWS_WITH_AS(
            save_npz(folder / "x.npz", large, here),
            ("save_npz: " + (folder / "x.npz") + ": cannot be written: File too large (user.cpp:7)").c_str(), IoError);
        CHECK_THROWS_AS(save_npy(folder / "x.npz", large.at("a"), here), IoError);
    }
    CHECK(folder.get("x.npz") == before);
    CHECK(folder.files() == 1);
    CHECK_THROWS_WITH_AS(save_npz(folder / "y.npz", {{"../a", vitrine::zeros({1})}}, here),
                         "save_npz: the name \"../a\"; allowed are relative paths without \"..\" (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(save_npy(folder / "y.npy", Tensor(), here), "save_npy: x is undefined (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(save_npy(folder / "y.npy", vitrine::zeros({1}).to(DType::bf16), here),
                         "save_npy: x is bf16, which NumPy lacks; cast it to f32 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(
        load_npy(folder / "y.npy", here),
        ("load_npy: " + (folder / "y.npy") + ": cannot be opened: No such file or directory (user.cpp:7)").c_str(),
        IoError);
}
