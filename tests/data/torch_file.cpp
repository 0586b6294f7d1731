// Files of torch.save: written here by hand, good and hostile. tests/interop reads those of PyTorch itself.
#include "vitrine/data/torch_file.h"

#include <doctest/doctest.h>
#include <cstring>

#include "pack_archive.h"
#include "scratch_folder.h"
#include "vitrine/data/pickle.h"

using vitrine::IoError;
using vitrine::Shape;
using namespace vitrine::data;
using vitrine::testing::Format;
using vitrine::testing::pack;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

// ---- a pickle, as Python would write it
std::string global(const std::string& module, const std::string& name) { return "c" + module + "\n" + name + "\n"; }
std::string text(const std::string& t) {
    return std::string("X") + static_cast<char>(t.size()) + std::string(3, '\0') + t;
}
std::string integer(std::int64_t v) {
    std::string bytes = "\x8a\x08";
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(static_cast<std::uint64_t>(v) >> 8 * i);
    return bytes;
}
std::string tuple(const std::vector<std::string>& items) {
    std::string bytes = "(";
    for (const std::string& item : items) bytes += item;
    return bytes + "t";
}
std::string integers(const std::vector<std::int64_t>& values) {
    std::vector<std::string> items;
    for (const std::int64_t v : values) items.push_back(integer(v));
    return tuple(items);
}
const std::string ordered_dict = global("collections", "OrderedDict") + ")R";

struct Saved {
    std::string type = "FloatStorage", key = "0";
    std::int64_t offset = 0;
    std::vector<std::int64_t> size = {2}, stride = {1};
};
std::string tensor(const Saved& s) {
    const std::string storage =
        tuple({text("storage"), global("torch", s.type), text(s.key), text("cpu"), integer(1)}) + "Q";
    const std::string arguments =
        tuple({storage, integer(s.offset), integers(s.size), integers(s.stride), "\x89", ordered_dict});
    return global("torch._utils", "_rebuild_tensor_v2") + arguments + "R";
}
/// {"w": value}
std::string dict_of(const std::string& value) { return ordered_dict + "(" + text("w") + value + "u"; }
std::string program(const std::string& value) { return "\x80\x02" + value + "."; }

const std::vector<float> numbers = {0, 1, 2, 3, 4, 5};
std::string bytes_of(const std::vector<float>& values) {
    std::string bytes(values.size() * 4, '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

struct File {
    ScratchFolder folder;
    std::string path = folder / "f.pt";
    NamedTensors load(const std::string& pickle, const std::string& storage = bytes_of(numbers)) const {
        folder.put("f.pt", pack({{"f/data.pkl", pickle}, {"f/data/0", storage}}, Format::zip));
        return load_torch_file(path, here);
    }
    /// What loading says, without the path and the line.
    std::string refusal(const std::string& pickle, const std::string& storage = bytes_of(numbers)) const {
        try {
            load(pickle, storage);
        } catch (const IoError& e) {
            const std::string said = e.what(), begin = "load_torch_file: " + path + ": ", end = " (user.cpp:7)";
            REQUIRE(said.starts_with(begin));
            REQUIRE(said.ends_with(end));
            return said.substr(begin.size(), said.size() - begin.size() - end.size());
        }
        return "read";
    }
};

}  // namespace

TEST_CASE("data/torch_file: tensors, views, parameters, dicts inside dicts") {
    const File file;
    const std::string parameter =
        global("torch._utils", "_rebuild_parameter") + tuple({tensor({.offset = 4}), "\x88", ordered_dict}) + "R";
    const auto read =
        file.load(program("}(" + text("model") + ordered_dict + "(" + text("w") +
                          tensor({.size = {3, 2}, .stride = {1, 3}}) + text("p") + parameter + "u" + text("epoch") +
                          integer(3) + text("list") + "](" + tensor({.offset = 5, .size = {}, .stride = {}}) + "eu"));
    REQUIRE(read.size() == 3);
    CHECK(read.at("model.w").shape() == Shape{3, 2});
    CHECK(read.at("model.w").to_vector<float>() == std::vector<float>{0, 3, 1, 4, 2, 5});
    CHECK(read.at("model.p").to_vector<float>() == std::vector<float>{4, 5});
    CHECK(read.at("list.0").item<float>() == 5);
    const auto empty = file.load(program(dict_of(tensor({.size = {0, 1000000000000}, .stride = {1, 1}}))), "");
    CHECK(empty.at("w").numel() == 0);
    const auto bytes = file.load(program(dict_of(tensor({.type = "ByteStorage", .size = {3}}))), "abc");
    CHECK(bytes.at("w").to_vector<std::uint8_t>() == std::vector<std::uint8_t>{'a', 'b', 'c'});
}

TEST_CASE("data/torch_file: a pickle that calls something is refused, and nothing is called") {
    const File file;
    const std::string allowed =
        "; allowed are collections.OrderedDict, torch._utils._rebuild_tensor_v2, torch._utils._rebuild_parameter, "
        "torch.FloatStorage, torch.DoubleStorage, torch.HalfStorage, torch.BFloat16Storage, torch.LongStorage, "
        "torch.IntStorage, torch.ByteStorage, torch.BoolStorage";
    CHECK(file.refusal(program(global("os", "system") + tuple({text("touch owned")}) + "R")) ==
          "its pickle uses os.system" + allowed);
    CHECK(file.refusal(program(global("builtins", "eval") + tuple({text("1")}) + "R")) ==
          "its pickle uses builtins.eval" + allowed);
    CHECK(file.refusal("\x80\x04\x8c\x02os\x8c\x06system\x93.") == "its pickle uses os.system" + allowed);
    CHECK(file.refusal(program("(ios\nsystem\n")) == "its pickle has the opcode 0x69, which data does not need");
    CHECK(file.refusal(program(ordered_dict + ")\x81")) == "its pickle has the opcode 0x81, which data does not need");
    CHECK(file.refusal(program(dict_of(tensor({.type = "ShortStorage"})))) ==
          "its pickle uses torch.ShortStorage" + allowed);
}

TEST_CASE("data/torch_file: sizes that lie are refused") {
    const File file;
    const auto of = [&](const Saved& saved) { return file.refusal(program(dict_of(tensor(saved)))); };
    const std::int64_t huge = std::int64_t{1} << 62;
    CHECK(of({.size = {7}}) == "tensor \"w\" has more elements than its storage");
    CHECK(of({.size = {huge, huge}, .stride = {0, 0}}) == "tensor \"w\" has more elements than its storage");
    CHECK(of({.offset = 5}) == "tensor \"w\" reaches beyond its storage");
    CHECK(of({.offset = huge}) == "tensor \"w\" reaches beyond its storage");
    CHECK(of({.stride = {huge}}) == "tensor \"w\" reaches beyond its storage");
    CHECK(of({.stride = {6}}) == "tensor \"w\" reaches beyond its storage");
    CHECK(of({.offset = 6, .size = {}, .stride = {}}) == "tensor \"w\" reaches beyond its storage");
    CHECK(of({.offset = -1}) == "tensor \"w\" has an offset that is no number");
    CHECK(of({.size = {-2}}) == "tensor \"w\" has a size or stride that is no number");
    CHECK(of({.size = {2}, .stride = {-1}}) == "tensor \"w\" has a size or stride that is no number");
    CHECK(of({.size = {2, 1}}) == "tensor \"w\" has sizes and strides of different numbers");
    CHECK(of({.size = std::vector<std::int64_t>(9, 1), .stride = std::vector<std::int64_t>(9, 1)})
              .starts_with("tensor \"w\" has 9 dimensions; allowed are at most "));
    CHECK(of({.key = "1"}) == "tensor \"w\" has a storage that is not in the file");
    CHECK(file.refusal(program(dict_of(tensor({.type = "BoolStorage"}))), "\x02\x01") ==
          "tensor \"w\" holds bytes that are no bool");
    CHECK(file.refusal(program(dict_of(global("torch", "FloatStorage") + ")R"))) ==
          "tensor \"w\" is not made as tensors are");
    const std::string twice = tensor({});
    CHECK(file.refusal(program(ordered_dict + "(" + text("w") + twice + text("w") + twice + "u")) ==
          "tensor \"w\" is there twice");
}

TEST_CASE("data/torch_file: damaged pickles are refused") {
    const File file;
    const std::string good = program(dict_of(tensor({})));
    CHECK(file.refusal(good) == "read");
    for (std::size_t length = 0; length < good.size(); ++length)
        CHECK(file.refusal(good.substr(0, length)).starts_with("its pickle "));
    CHECK(file.refusal("\x80\x06N.") == "its pickle has a protocol beyond 5");
    CHECK(file.refusal("\x80\x02.") == "its pickle takes more than it has");
    CHECK(file.refusal("\x80\x02(0.") == "its pickle takes more than it has");
    CHECK(file.refusal("\x80\x02t.") == "its pickle has no mark");
    CHECK(file.refusal(std::string("\x80\x02h\0.", 5)) == "its pickle refers to what it has not stored");
    CHECK(file.refusal("\x80\x02}(Nu.") == "its pickle has a key without a value");
    CHECK(file.refusal("\x80\x02}Na.") == "its pickle adds to what is no container");
    CHECK(file.refusal("\x80\x02N)R.") == "its pickle calls what is no function");
    CHECK(file.refusal("\x80\x02\x8a\x09"
                       "123456789.") == "its pickle has an integer beyond 64 bits");
    CHECK(file.refusal(program("}(NNu")) == "a key of a dict is neither text nor a whole number");
    // A list that holds itself.
    CHECK(file.refusal(std::string("\x80\x02]q\0h\0a.", 9)).ends_with("is nested too deeply"));
    // Lists that hold the one before twice: 2^60 places for a tensor that is there once.
    std::string bomb = "\x80\x02" + tensor({});
    for (int i = 0; i < 60; ++i) bomb += std::string("q\0](h\0h\0e", 9);
    CHECK(file.refusal(bomb + ".") != "read");
}

TEST_CASE("data/torch_file: what is no such archive is refused") {
    const ScratchFolder folder;
    CHECK_THROWS_AS(load_torch_file(folder / "none.pt"), IoError);
    folder.put("f", pack({{"f/version", "3"}}, Format::zip));
    CHECK_THROWS_WITH_AS(load_torch_file(folder / "f", here),
                         ("load_torch_file: " + (folder / "f") +
                          ": no data.pkl in it; needed is what torch.save of PyTorch "
                          "1.6 and later writes (user.cpp:7)")
                             .c_str(),
                         IoError);
    folder.put("f", pack({{"f/data.pkl", "."}, {"f/byteorder", "big"}}, Format::zip));
    CHECK_THROWS_WITH_AS(
        load_torch_file(folder / "f", here),
        ("load_torch_file: " + (folder / "f") + ": its numbers are not little-endian (user.cpp:7)").c_str(), IoError);
    folder.put("f", std::string("\x80\x02}."));  // the format before the archive
    CHECK_THROWS_AS(load_torch_file(folder / "f"), IoError);
    folder.put("f", pack({{"f/data.pkl", std::string(20'000'000, 'N')}}, Format::zip));
    CHECK_THROWS_AS(load_torch_file(folder / "f"), IoError);
}

TEST_CASE("data/torch_file: numbers of a pickle") {
    const auto of = [](std::string_view bytes) {
        const Pickle pickle = read_pickle(bytes, {}, "p");
        return pickle.root->integer;
    };
    CHECK(of("\x80\x02K\xff.") == 255);
    CHECK(of("\x80\x02M\xff\xff.") == 65535);
    CHECK(of("\x80\x02J\xff\xff\xff\xff.") == -1);
    CHECK(of(std::string_view("\x80\x02\x8a\0.", 5)) == 0);
    CHECK(of("\x80\x02\x8a\x01\xff.") == -1);
    CHECK(of(std::string_view("\x80\x02\x8a\x02\xff\0.", 7)) == 255);
    CHECK(read_pickle(std::string_view("\x80\x02G\x3f\xf8\0\0\0\0\0\0.", 12), {}, "p").root->real == 1.5);
}
