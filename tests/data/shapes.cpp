// The built-in scenes: the same everywhere, each different, in CIFAR's form.
#include "vitrine/data/shapes.h"

#include <doctest/doctest.h>
#include <set>
#include <string>

#include "vitrine/core/device.h"
#include "vitrine/data/draw_shape.h"
#include "vitrine/kernels/base/error.h"

using vitrine::DType;
using vitrine::Error;
using vitrine::Shape;
using namespace vitrine::data;

namespace {

// FNV-1a over labels and pixels of the first `count` scenes.
std::uint64_t fingerprint(std::uint64_t seed, int count) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < count; ++i) {
        const DrawnShape shape = draw_shape(seed, static_cast<std::uint64_t>(i));
        hash = (hash ^ shape.label) * 0x100000001b3u;
        for (const std::uint8_t byte : shape.pixels) hash = (hash ^ byte) * 0x100000001b3u;
    }
    return hash;
}

}  // namespace

TEST_CASE("data/shapes: a seed names the same scenes on every machine") {
    CHECK(fingerprint(1, 100) == 8310873249473304231u);
    CHECK(draw_shape(7, 123456789012345).pixels == draw_shape(7, 123456789012345).pixels);
}

TEST_CASE("data/shapes: seed 3, no two alike, all ten about equally often, a shape stands out of every scene") {
    std::set<std::string> seen;
    int times[10] = {};
    for (std::uint64_t i = 0; i < 1000; ++i) {
        const DrawnShape shape = draw_shape(3, i);
        REQUIRE(shape.label < 10);
        ++times[shape.label];
        seen.emplace(shape.pixels.begin(), shape.pixels.end());
        const auto [lo, hi] = std::minmax_element(shape.pixels.begin(), shape.pixels.end());
        REQUIRE(*hi - *lo > 40);
    }
    CHECK(seen.size() == 1000);
    for (const int n : times) {  // binomial: 100 +- 9.5
        CHECK(n > 60);
        CHECK(n < 140);
    }
}

TEST_CASE("data/shapes: seed 5, example i is scene i at any number of threads, channels-last") {
    const int before = vitrine::num_threads();
    for (const int threads : {1, 3}) {
        vitrine::set_num_threads(threads);
        const Shapes shapes(101, {.seed = 5});
        REQUIRE(shapes.size() == 101);
        for (const std::int64_t i : {0, 33, 34, 100}) {
            const Example example = shapes.get(i);
            const DrawnShape drawn = draw_shape(5, static_cast<std::uint64_t>(i));
            CHECK(example.x.shape() == Shape{3, 32, 32});
            CHECK(example.x.strides() == Shape{1, 96, 3});
            CHECK(example.y.item<std::int64_t>() == drawn.label);
            CHECK(example.x.at<float>({2, 5, 7}) == static_cast<float>(drawn.pixels[(5 * 32 + 7) * 3 + 2]) / 255.0f);
        }
    }
    vitrine::set_num_threads(before);
    CHECK(Shapes(2).class_names()[5] == "star");
    CHECK(Shapes(2, {.dtype = DType::u8}).get(1).x.dtype() == DType::u8);
}

TEST_CASE("data/shapes: counts") {
    constexpr vitrine::Site here{"user.cpp", 7};
    CHECK(Shapes(0).size() == 0);
    CHECK_THROWS_WITH_AS(Shapes(-1, {}, here), "Shapes: count -1; allowed are 0 to 10000000 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(Shapes(10'000'001, {}, here), "Shapes: count 10000001; allowed are 0 to 10000000 (user.cpp:7)",
                         Error);
}
