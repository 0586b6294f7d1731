// The built-in digits: the same everywhere, each different, like MNIST's in size, place and weight.
#include "vitrine/data/draw_digit.h"

#include <doctest/doctest.h>
#include <set>
#include <string>

using namespace vitrine::data;

namespace {

// FNV-1a over labels and pixels of the first `count` digits.
std::uint64_t fingerprint(std::uint64_t seed, int count) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < count; ++i) {
        const DrawnDigit digit = draw_digit(seed, static_cast<std::uint64_t>(i));
        hash = (hash ^ digit.label) * 0x100000001b3u;
        for (const std::uint8_t pixel : digit.pixels) hash = (hash ^ pixel) * 0x100000001b3u;
    }
    return hash;
}

}  // namespace

TEST_CASE("data/draw_digit: a seed names the same pictures on every machine") {
    CHECK(fingerprint(1, 100) == 6127523292187690964u);
    CHECK(fingerprint(2, 100) == 17818173786339053189u);
    CHECK(draw_digit(7, 123456789012345).pixels == draw_digit(7, 123456789012345).pixels);
}

TEST_CASE("data/draw_digit: seed 3, no two alike, all ten about equally often") {
    std::set<std::string> seen;
    int times[10] = {};
    for (std::uint64_t i = 0; i < 2000; ++i) {
        const DrawnDigit digit = draw_digit(3, i);
        REQUIRE(digit.label < 10);
        ++times[digit.label];
        seen.emplace(digit.pixels.begin(), digit.pixels.end());
    }
    CHECK(seen.size() == 2000);
    for (const int n : times) {  // binomial: 200 +- 13.4
        CHECK(n > 140);
        CHECK(n < 260);
    }
}

TEST_CASE("data/draw_digit: seed 4, ink in the middle, paper around") {
    double total = 0;
    for (std::uint64_t i = 0; i < 500; ++i) {
        const DrawnDigit digit = draw_digit(4, i);
        double mass = 0, x = 0, y = 0, rim = 0;
        for (int r = 0; r < digit_side; ++r)
            for (int c = 0; c < digit_side; ++c) {
                const double ink = digit.pixels[static_cast<std::size_t>(r * digit_side + c)] / 255.0;
                mass += ink, x += c * ink, y += r * ink;
                if (r == 0 || c == 0 || r == digit_side - 1 || c == digit_side - 1) rim += ink;
            }
        CHECK(std::abs(x / mass - 13.5) < 3);
        CHECK(std::abs(y / mass - 13.5) < 3);
        CHECK(rim < 0.02 * mass);
        CHECK(mass > 25);
        total += mass / (digit_side * digit_side);
    }
    CHECK(total / 500 == doctest::Approx(0.13).epsilon(0.2));  // MNIST's mean grey value is 0.1307
}
