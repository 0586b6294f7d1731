// Event files: read back record by record, field by field, by a decoder of this test's own.
#include "vitrine/data/tensorboard.h"

#include <doctest/doctest.h>
#include <bit>
#include <csignal>
#include <cstring>
#include <limits>
#include <map>
#include <vector>

#include <sys/resource.h>

#include "scratch_folder.h"
#include "vitrine/core/ops/creation.h"

using vitrine::Error;
using vitrine::IoError;
using namespace vitrine::data;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

/// The fields of a message by number: a varint's value or a fixed one's bits, or the bytes.
struct Field {
    std::uint64_t number = 0;
    std::string bytes;
    double real() const { return std::bit_cast<double>(number); }
    float single() const { return std::bit_cast<float>(static_cast<std::uint32_t>(number)); }
};
using Fields = std::multimap<std::uint64_t, Field>;

/// Takes numbers off the front of bytes.
struct Cursor {
    const std::string& bytes;
    std::size_t at = 0;

    std::uint64_t fixed(int count) {
        std::uint64_t value = 0;
        for (int i = 0; i < count; ++i) value |= std::uint64_t{static_cast<std::uint8_t>(bytes.at(at++))} << (8 * i);
        return value;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0;; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(bytes.at(at++));
            value |= std::uint64_t{byte & 0x7fu} << shift;
            if (byte < 0x80) return value;
        }
    }
    std::string take(std::uint64_t count) {
        REQUIRE(at + count <= bytes.size());
        at += count;
        return bytes.substr(at - count, count);
    }
};

Fields decode(const std::string& message) {
    Fields fields;
    Cursor in{message};
    while (in.at < message.size()) {
        const std::uint64_t key = in.varint();
        Field field;
        switch (key & 7) {
            case 0: field.number = in.varint(); break;
            case 1: field.number = in.fixed(8); break;
            case 2: field.bytes = in.take(in.varint()); break;
            case 5: field.number = in.fixed(4); break;
            default: FAIL("wire type ", key & 7);
        }
        fields.emplace(key >> 3, field);
    }
    return fields;
}

const Field& only(const Fields& fields, std::uint64_t number) {
    REQUIRE(fields.count(number) == 1);
    return fields.find(number)->second;
}

std::vector<double> packed(const std::string& bytes) {
    std::vector<double> values(bytes.size() / 8);
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

// A bit at a time, as the division of polynomials is defined.
std::uint32_t slow_crc32c(const std::string& bytes) {
    std::uint32_t crc = ~0u;
    for (const char byte : bytes)
        for (int bit = 0; bit < 8; ++bit) {
            const bool one = ((crc ^ (static_cast<std::uint32_t>(static_cast<std::uint8_t>(byte)) >> bit)) & 1) != 0;
            crc >>= 1;
            if (one) crc ^= 0x82f63b78u;
        }
    return ~crc;
}

std::uint32_t unmasked(std::uint64_t masked) {
    const auto rotated = static_cast<std::uint32_t>(masked) - 0xa282ead8u;
    return rotated >> 17 | rotated << 15;
}

std::vector<Fields> events(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string file{std::istreambuf_iterator<char>(in), {}};
    Cursor cursor{file};
    std::vector<Fields> all;
    while (cursor.at < file.size()) {
        const std::string length = cursor.take(8);
        CHECK(unmasked(cursor.fixed(4)) == slow_crc32c(length));
        const std::string event = cursor.take(Cursor{length}.fixed(8));
        CHECK(unmasked(cursor.fixed(4)) == slow_crc32c(event));
        all.push_back(decode(event));
    }
    return all;
}

/// The one Summary.Value of an event.
Fields value_of(const Fields& event) { return decode(only(decode(only(event, 5).bytes), 1).bytes); }

}  // namespace

TEST_CASE("data/tensorboard: CRC-32C gives the values of RFC 3720") {
    CHECK(crc32c("") == 0);
    CHECK(crc32c("123456789") == 0xe3069283u);
    CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aau);
    CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43u);
}

TEST_CASE("data/tensorboard: each kind of record holds what was given") {
    const ScratchFolder folder;
    TensorBoardWriter writer(folder / "new/run");
    CHECK(writer.path().starts_with(folder / "new/run/events.out.tfevents."));
    writer.scalar("loss", 0.25, 3);
    writer.image("picture", {2, 1, 3, {255, 0, 0, 0, 0, 255}}, 300);
    writer.histogram("w", vitrine::tensor({0.0, 1.0, 1.0, 4.0}), 5, 2);
    writer.text("note", "a *b*", -1);

    const std::vector<Fields> read = events(writer.path());  // while the writer still lives
    REQUIRE(read.size() == 5);
    CHECK(only(read[0], 3).bytes == "brain.Event:2");
    CHECK(only(read[0], 1).real() > 1.7e9);

    CHECK(only(read[1], 2).number == 3);
    CHECK(only(value_of(read[1]), 1).bytes == "loss");
    CHECK(only(value_of(read[1]), 2).single() == 0.25f);

    CHECK(only(read[2], 2).number == 300);
    const Fields image = decode(only(value_of(read[2]), 4).bytes);
    CHECK(only(image, 1).number == 2);
    CHECK(only(image, 2).number == 1);
    CHECK(only(image, 3).number == 3);
    CHECK(only(image, 4).bytes == encode_png({2, 1, 3, {255, 0, 0, 0, 0, 255}}));

    const Fields histogram = decode(only(value_of(read[3]), 5).bytes);
    const std::vector<double> numbers = {0, 4, 4, 6, 18};  // min, max, how many, sum, sum of squares
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(only(histogram, i + 1).real() == numbers[i]);
    CHECK(packed(only(histogram, 6).bytes) == std::vector<double>{2, 4});
    CHECK(packed(only(histogram, 7).bytes) == std::vector<double>{3, 1});

    CHECK(only(read[4], 2).number == ~std::uint64_t{0});
    const Fields text = value_of(read[4]), tensor = decode(only(text, 8).bytes);
    CHECK(only(decode(only(decode(only(text, 9).bytes), 1).bytes), 1).bytes == "text");
    CHECK(only(tensor, 1).number == 7);
    CHECK(only(decode(only(decode(only(tensor, 2).bytes), 2).bytes), 1).number == 1);
    CHECK(only(tensor, 8).bytes == "a *b*");
}

TEST_CASE("data/tensorboard: elements that are all alike have a histogram too") {
    const ScratchFolder folder;
    TensorBoardWriter writer(folder.path());
    writer.histogram("w", vitrine::full({5}, 2), 0, 3);
    const Fields histogram = decode(only(value_of(events(writer.path()).at(1)), 5).bytes);
    CHECK(packed(only(histogram, 6).bytes) == std::vector<double>{2, 2, 2});
    CHECK(packed(only(histogram, 7).bytes) == std::vector<double>{5, 0, 0});
}

TEST_CASE("data/tensorboard: a run that goes on voids what stood there") {
    const ScratchFolder folder;
    const TensorBoardWriter first(folder.path()), second(folder.path(), {.purge_step = 7});
    CHECK(first.path() != second.path());
    const std::vector<Fields> read = events(second.path());
    REQUIRE(read.size() == 2);
    CHECK(only(read[1], 2).number == 7);
    CHECK(only(decode(only(read[1], 7).bytes), 1).number == 1);
}

TEST_CASE("data/tensorboard: bad input is refused and leaves whole records") {
    const ScratchFolder folder;
    TensorBoardWriter writer(folder.path());
    const auto refused = [](auto&& call, const char* text) { CHECK_THROWS_WITH_AS(call(), text, Error); };
    refused([&] { writer.scalar("", 1, 0, here); }, "TensorBoardWriter::scalar: an empty tag (user.cpp:7)");
    refused([&] { writer.histogram("h", vitrine::zeros({0}), 0, 30, here); },
            "TensorBoardWriter::histogram: x has no elements (user.cpp:7)");
    refused([&] { writer.histogram("h", vitrine::zeros({2}), 0, 0, here); },
            "TensorBoardWriter::histogram: 0 bins; allowed are 1 to 10000 (user.cpp:7)");
    const vitrine::Tensor bad = vitrine::tensor({1.0, std::numeric_limits<double>::infinity()});
    refused([&] { writer.histogram("h", bad, 0, 30, here); },
            "TensorBoardWriter::histogram: x has an element inf; all must be finite (user.cpp:7)");
    folder.put("file", std::string("x"));
    CHECK_THROWS_AS(TensorBoardWriter(folder / "file/below"), IoError);
    CHECK(events(writer.path()).size() == 1);

    // A full disk, as a limit on the size of files. Text longer than what is left is cut off again.
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{4096, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    bool failed = false;
    try {
        writer.text("t", std::string(10000, 'x'), 0);
    } catch (const IoError&) {
        failed = true;
    }
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(failed);
    writer.scalar("after", 1, 1);
    CHECK(events(writer.path()).size() == 2);
}
