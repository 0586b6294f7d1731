// Changes to batches of pictures.
#include "vitrine/data/transforms.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"

using namespace vitrine;
using namespace vitrine::data;

namespace {
constexpr Site here{"user.cpp", 7};
}

TEST_CASE("data/transforms: normalise, each channel by its own mean and std") {
    const Tensor x = arange(0, 24, 1, {.dtype = DType::f32}).reshape({2, 3, 2, 2});
    const double mean[] = {1, 2, 3}, std[] = {2, 4, 0.5};
    const Tensor y = normalise(x, mean, std);
    for (std::int64_t n = 0; n < 2; ++n)
        for (std::int64_t c = 0; c < 3; ++c) CHECK(y.at<float>({n, c, 1, 0}) == static_cast<float>((x.at<float>({n, c, 1, 0}) - mean[c]) / std[c]));
    CHECK_THROWS_WITH_AS(normalise(x, std::span(mean, 2), std, here), "normalise: 2 means and 3 stds for 3 channels (user.cpp:7)", Error);
}

TEST_CASE("data/transforms: pad_crop moves every picture by up to the padding, zeros come in; seed 5") {
    const Tensor x = ones({400, 2, 5, 7});
    Generator random(5);
    const Tensor y = pad_crop(x, 2, random);
    std::set<std::pair<int, int>> moves;
    for (std::int64_t n = 0; n < 400; ++n) {
        std::int64_t rows = 0, columns = 0;
        for (std::int64_t h = 0; h < 5; ++h) rows += y.at<float>({n, 0, h, 3}) != 0;
        for (std::int64_t w = 0; w < 7; ++w) columns += y.at<float>({n, 1, 2, w}) != 0;
        const bool top = y.at<float>({n, 0, 0, 3}) == 0, left = y.at<float>({n, 1, 2, 0}) == 0;
        moves.insert({static_cast<int>(top ? 5 - rows : rows - 5), static_cast<int>(left ? 7 - columns : columns - 7)});
        CHECK((rows >= 3 && columns >= 5));
    }
    CHECK(moves.size() == 25);  // each of 5 x 5 moves was seen
    Generator again(5);
    CHECK(pad_crop(x, 2, again).to_vector<float>() == y.to_vector<float>());
    CHECK(pad_crop(x, 0, random).to_vector<float>() == x.to_vector<float>());
    CHECK(pad_crop(ones({1, 1, 2, 2}), 9, random).shape() == Shape{1, 1, 2, 2});
    CHECK_THROWS_WITH_AS(pad_crop(x, -1, random, here), "pad_crop: padding -1; allowed are 0 and more (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(pad_crop(ones({2, 2}), 1, random, here), "pad_crop: x (2, 2); allowed is (N, C, H, W) (user.cpp:7)", Error);
}

TEST_CASE("data/transforms: a moved picture keeps its pixels; seed 6") {
    const Tensor x = arange(0, 2 * 3 * 4, 1, {.dtype = DType::f32}).reshape({1, 2, 3, 4});
    Generator random(6);
    for (int trial = 0; trial < 20; ++trial) {
        const Tensor y = pad_crop(x, 1, random);
        // The move that one pixel says must hold for all.
        bool found = false;
        for (std::int64_t dy = -1; dy <= 1; ++dy)
            for (std::int64_t dx = -1; dx <= 1; ++dx) {
                bool all = true;
                for (std::int64_t c = 0; c < 2; ++c)
                    for (std::int64_t h = 0; h < 3; ++h)
                        for (std::int64_t w = 0; w < 4; ++w) {
                            const bool inside = h + dy >= 0 && h + dy < 3 && w + dx >= 0 && w + dx < 4;
                            all = all && y.at<float>({0, c, h, w}) == (inside ? x.at<float>({0, c, h + dy, w + dx}) : 0.0f);
                        }
                found = found || all;
            }
        CHECK(found);
    }
}

TEST_CASE("data/transforms: random_flip mirrors some; seed 7") {
    const Tensor x = arange(0, 600 * 4, 1, {.dtype = DType::i32}).reshape({600, 1, 2, 2});
    Generator random(7);
    const Tensor y = random_flip(x, random);
    int mirrored = 0;
    for (std::int64_t n = 0; n < 600; ++n) {
        const bool flipped = y.at<std::int32_t>({n, 0, 0, 0}) == x.at<std::int32_t>({n, 0, 0, 1});
        mirrored += flipped;
        CHECK(y.at<std::int32_t>({n, 0, 1, 1}) == x.at<std::int32_t>({n, 0, 1, flipped ? 0 : 1}));
    }
    CHECK(std::abs(mirrored - 300) < 60);
    CHECK(random_flip(x, random, 0).to_vector<std::int32_t>() == x.to_vector<std::int32_t>());
    CHECK(random_flip(x, random, 1).at<std::int32_t>({3, 0, 0, 0}) == x.at<std::int32_t>({3, 0, 0, 1}));
    CHECK_THROWS_WITH_AS(random_flip(x, random, 2, here), "random_flip: p 2; allowed are 0 to 1 (user.cpp:7)", Error);
}
