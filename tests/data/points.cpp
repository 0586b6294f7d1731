// Moons and spirals: without noise every point is where the formula says.
#include "vitrine/data/points.h"

#include <doctest/doctest.h>
#include <cmath>
#include <limits>
#include <numbers>

#include "vitrine/kernels/base/error.h"

using vitrine::Error;
using vitrine::Shape;
using namespace vitrine::data;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

}  // namespace

TEST_CASE("data/points: moons of seed 1 without noise lie on their half circles") {
    const auto [x, y] = moons(101, {.noise = 0, .seed = 1});
    CHECK(x.shape() == Shape{101, 2});
    CHECK(y.shape() == Shape{101});
    for (std::int64_t i = 0; i < 101; ++i) {
        const double a = x.at<float>({i, 0}), b = x.at<float>({i, 1});
        const std::int64_t label = y.at<std::int64_t>({i});
        REQUIRE(label == i % 2);
        CHECK(std::hypot(label ? a - 1 : a, label ? b - 0.5 : b) == doctest::Approx(1));
        CHECK((label ? b <= 0.5 : b >= 0));
    }
}

TEST_CASE("data/points: spirals of seed 2 without noise turn with their radius") {
    const auto [x, y] = spirals(99, {.arms = 3, .turns = 0.3, .noise = 0, .seed = 2});
    for (std::int64_t i = 0; i < 99; ++i) {
        const double a = x.at<float>({i, 0}), b = x.at<float>({i, 1}), r = std::hypot(a, b);
        CHECK(r < 1);
        const double angle = 2 * std::numbers::pi * (0.3 * r + static_cast<double>(i % 3) / 3);
        CHECK(a == doctest::Approx(r * std::cos(angle)).epsilon(1e-4));
        CHECK(b == doctest::Approx(r * std::sin(angle)).epsilon(1e-4));
        CHECK(y.at<std::int64_t>({i}) == i % 3);
    }
}

TEST_CASE("data/points: a seed names the points, the first ones whatever the count, and noise has its size") {
    const Example few = moons(10, {.seed = 3}), many = moons(2000, {.seed = 3}), others = moons(10, {.seed = 4});
    CHECK(few.x.to_vector<float>()[7] == many.x.to_vector<float>()[7]);
    CHECK(few.x.to_vector<float>()[7] != others.x.to_vector<float>()[7]);
    const std::vector<float> clean = moons(2000, {.noise = 0, .seed = 3}).x.to_vector<float>();
    const std::vector<float> noisy = many.x.to_vector<float>();
    double squares = 0;
    for (std::size_t i = 0; i < clean.size(); ++i) squares += std::pow(noisy[i] - clean[i], 2);
    CHECK(std::sqrt(squares / 4000) == doctest::Approx(0.1).epsilon(0.05));
}

TEST_CASE("data/points: what is not allowed") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(moons(0).x.shape() == Shape{0, 2});
    CHECK_THROWS_WITH_AS(moons(-1, {}, here), "moons: count -1; allowed are 0 to 10000000 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(moons(1, {.noise = -1}, here), "moons: noise -1; allowed are numbers from 0 (user.cpp:7)",
                         Error);
    CHECK_THROWS_AS(moons(1, {.noise = nan}, here), Error);
    CHECK_THROWS_WITH_AS(spirals(1, {.arms = 0}, here), "spirals: arms 0; allowed are 1 to 1000 (user.cpp:7)", Error);
    CHECK_THROWS_AS(spirals(1, {.turns = nan}, here), Error);
}
