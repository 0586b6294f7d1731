// IDX files, well-formed and hostile.
#include "vitrine/data/idx.h"

#include <doctest/doctest.h>

#include "scratch_folder.h"

using vitrine::IoError;
using namespace vitrine::data;

namespace {

void refused(const Bytes& file, const char* text) {
    CAPTURE(file.size());
    CHECK_THROWS_WITH_AS(parse_idx(file, "f"), text, IoError);
}

}  // namespace

TEST_CASE("data/idx: sizes and values of a well-formed file") {
    const Idx matrix = parse_idx({0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}, "f");
    CHECK(matrix.sizes == std::vector<std::int64_t>{2, 3});
    CHECK(Bytes(matrix.values().begin(), matrix.values().end()) == Bytes{1, 2, 3, 4, 5, 6});

    const Idx empty = parse_idx({0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 3}, "f");
    CHECK(empty.sizes == std::vector<std::int64_t>{0, 3});
    CHECK(empty.values().empty());

    const ScratchFolder folder;
    CHECK(read_idx(folder.put("labels", Bytes{0, 0, 8, 1, 0, 0, 0, 1, 9})).values()[0] == 9);
}

TEST_CASE("data/idx: truncated, oversized and hostile files are refused") {
    refused({}, "f: 0 bytes; an IDX file begins with 4");
    refused({0, 0, 8}, "f: 3 bytes; an IDX file begins with 4");
    refused({'P', 'K', 8, 1}, "f: begins with bytes 80 75; an IDX file begins with 0 0");
    refused({0, 0, 13, 1}, "f: IDX type 13; allowed is 8 (unsigned byte)");
    refused({0, 0, 8, 0}, "f: 0 dimensions; allowed are 1 to 8");
    refused({0, 0, 8, 255}, "f: 255 dimensions; allowed are 1 to 8");
    refused({0, 0, 8, 1, 0, 0, 0}, "f: 7 bytes; the header of 1 dimensions takes 8");
    refused({0, 0, 8, 1, 0, 0, 0, 3, 1, 2}, "f: 2 bytes of values; the header promises 3");
    refused({0, 0, 8, 1, 0, 0, 0, 1, 1, 2}, "f: 2 bytes of values; the header promises 1");
    refused({0, 0, 8, 1, 255, 255, 255, 255}, "f: 0 bytes of values; the header promises 4294967295");

    // 2^31 x 2^31 x 4 is 2^64: a product that wraps to 0, the number of values that are there.
    refused({0, 0, 8, 3, 128, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 4},
            "f: 0 bytes of values; the header promises 2147483648 x 2147483648 x 4");
}
