// The data set of drawn digits: the drawings themselves are tested in draw_digit.cpp.
#include "vitrine/data/digits.h"

#include <doctest/doctest.h>

#include "vitrine/core/device.h"
#include "vitrine/data/draw_digit.h"
#include "vitrine/kernels/base/error.h"

using vitrine::Error;
using vitrine::Shape;
using namespace vitrine::data;

TEST_CASE("data/digits: seed 5, example i is drawing i at any number of threads") {
    const int before = vitrine::num_threads();
    for (const int threads : {1, 3}) {
        vitrine::set_num_threads(threads);
        const Digits digits(1009, {.seed = 5});
        REQUIRE(digits.size() == 1009);
        for (const std::int64_t i : {0, 336, 337, 504, 505, 1008}) {
            const Example example = digits.get(i);
            const DrawnDigit drawn = draw_digit(5, static_cast<std::uint64_t>(i));
            CHECK(example.x.shape() == Shape{1, 28, 28});
            CHECK(example.y.item<std::int64_t>() == drawn.label);
            const std::vector<float> x = example.x.to_vector<float>();
            for (std::size_t p = 0; p < x.size(); ++p) REQUIRE(x[p] == static_cast<float>(drawn.pixels[p]) / 255.0f);
        }
    }
    vitrine::set_num_threads(before);
}

TEST_CASE("data/digits: counts") {
    constexpr vitrine::Site here{"user.cpp", 7};
    CHECK(Digits(0).size() == 0);
    CHECK_THROWS_WITH_AS(Digits(-1, {}, here), "Digits: count -1; allowed are 0 to 10000000 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(Digits(1LL << 60, {}, here),
                         "Digits: count 1152921504606846976; allowed are 0 to 10000000 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(Digits(0).get(0, here), "Digits: example 0 of 0; allowed are 0 to -1 (user.cpp:7)", Error);
}
