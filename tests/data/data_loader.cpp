// Batches: which examples, in which order, and where a loader stands.
#include "vitrine/data/data_loader.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <numeric>
#include <type_traits>

#include "vitrine/core/generator.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/data/tensor_dataset.h"

using vitrine::Error;
using vitrine::from_vector;
using vitrine::Shape;
using vitrine::Tensor;
using namespace vitrine::data;

namespace {

using Order = std::vector<std::int64_t>;
constexpr vitrine::Site here{"user.cpp", 7};

// x_i = (i, i + 0.5), y_i = i.
TensorDataset counted(std::int64_t n) {
    std::vector<float> x;
    Order y;
    for (std::int64_t i = 0; i < n; ++i) {
        x.push_back(static_cast<float>(i));
        x.push_back(static_cast<float>(i) + 0.5f);
        y.push_back(i);
    }
    return {from_vector(std::move(x), {n, 2}), from_vector(std::move(y), {n})};
}

Order range(std::int64_t n) {
    Order all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    return all;
}

template <class Loader>
Order one_epoch(Loader&& loader) {
    Order seen;
    for (auto& [x, y] : loader) {
        const Order batch = y.template to_vector<std::int64_t>();
        seen.insert(seen.end(), batch.begin(), batch.end());
    }
    return seen;
}

// A data set of the user's: three tensors, no get_batch.
struct Triple {
    Tensor a, b, c;
};
struct Triples {
    std::int64_t count, odd_one = -1;
    std::int64_t size() const { return count; }
    Triple get(std::int64_t i) const {
        return {vitrine::full({i == odd_one ? 3 : 2}, static_cast<double>(i)), vitrine::scalar(static_cast<double>(-i)),
                vitrine::full({1, 0}, 0, {.dtype = vitrine::uint8})};
    }
};

static_assert(!std::is_constructible_v<DataLoader<TensorDataset>, TensorDataset>, "a temporary data set is refused");
static_assert(!std::is_constructible_v<DataLoader<TensorDataset>, const TensorDataset>,
              "a temporary data set is refused");
static_assert(std::is_constructible_v<DataLoader<TensorDataset>, TensorDataset&>);
static_assert(count_fields<Triple>() == 3 && count_fields<Example>() == 2);

}  // namespace

TEST_CASE("data/data_loader: batches in order, the last one short or left out") {
    const TensorDataset set = counted(10);
    std::vector<std::int64_t> sizes;
    for (auto& [x, y] : DataLoader(set, {.batch_size = 4})) {
        sizes.push_back(y.size(0));
        CHECK(x.shape() == Shape{y.size(0), 2});
        for (std::int64_t i = 0; i < y.size(0); ++i)
            CHECK(x.at<float>({i, 1}) == static_cast<float>(y.at<std::int64_t>({i})) + 0.5f);
    }
    CHECK(sizes == Order{4, 4, 2});
    CHECK(one_epoch(DataLoader(set, {.batch_size = 4})) == range(10));
    CHECK(one_epoch(DataLoader(set, {.batch_size = 4, .drop_last = true})) == range(8));
    CHECK(one_epoch(DataLoader(set, {.batch_size = 99})) == range(10));
    CHECK(DataLoader(set, {.batch_size = 4}).size() == 3);
    CHECK(DataLoader(set, {.batch_size = 4, .drop_last = true}).size() == 2);
    CHECK(DataLoader(set).size() == 10);
    const TensorDataset none = counted(0);
    CHECK(one_epoch(DataLoader(none, {.shuffle = true})).empty());
}

TEST_CASE("data/data_loader: seed 1, each epoch has an order of its own, the same in each run") {
    const TensorDataset set = counted(1009);
    DataLoader loader(set, {.batch_size = 32, .shuffle = true, .seed = 1}),
        again(set, {.batch_size = 7, .shuffle = true, .seed = 1});
    DataLoader other(set, {.batch_size = 32, .shuffle = true, .seed = 2});
    const Order first = one_epoch(loader), second = one_epoch(loader);
    CHECK(first != second);
    CHECK(first == one_epoch(again));
    CHECK(second == one_epoch(again));
    CHECK(first != one_epoch(other));
    for (Order order : {first, second}) {
        CHECK(order != range(1009));
        std::ranges::sort(order);
        CHECK(order == range(1009));
    }
    const TensorDataset five = counted(5);
    CHECK(one_epoch(DataLoader(five, {.shuffle = true, .seed = 3})) == Order{2, 1, 3, 4, 0});
}

TEST_CASE("data/data_loader: seeds 1 to 6000, every order of three equally often") {
    const TensorDataset set = counted(3);
    int times[27] = {};
    for (std::int64_t seed = 1; seed <= 6000; ++seed) {
        const Order o = one_epoch(DataLoader(set, {.batch_size = 3, .shuffle = true, .seed = seed}));
        ++times[9 * o[0] + 3 * o[1] + o[2]];
    }
    for (const int n : times) CHECK((n == 0 || std::abs(n - 1000) < 150));  // binomial: 1000 +- 29
}

TEST_CASE("data/data_loader: without a seed the order comes from manual_seed") {
    const TensorDataset set = counted(100);
    vitrine::manual_seed(3);
    const Order first = one_epoch(DataLoader(set, {.shuffle = true})),
                next = one_epoch(DataLoader(set, {.shuffle = true}));
    vitrine::manual_seed(3);
    CHECK(first == one_epoch(DataLoader(set, {.shuffle = true})));
    CHECK(first != next);
}

TEST_CASE("data/data_loader: seed 8, a restored loader goes on where the other stood") {
    const TensorDataset set = counted(50);
    const DataLoaderOptions options{.batch_size = 8, .shuffle = true, .seed = 8};
    DataLoader loader(set, options);
    one_epoch(loader);
    const Order second =
        one_epoch(DataLoader(set, options));  // never used again: epochs do not depend on other loaders
    LoaderState middle;
    Order rest;
    std::int64_t step = 0;
    for (auto& [x, y] : loader) {
        if (++step <= 3) middle = loader.state();
        else for (const std::int64_t i : y.to_vector<std::int64_t>()) rest.push_back(i);
    }
    CHECK(middle == LoaderState{8, 1, 3});
    CHECK(loader.state() == LoaderState{8, 2, 0});
    const Order third = one_epoch(loader);

    DataLoader restored(set, {.batch_size = 8, .shuffle = true, .seed = 99});
    restored.restore(middle);
    CHECK(one_epoch(restored) == rest);
    CHECK(one_epoch(restored) == third);
    restored.restore({8, 1, 7});
    CHECK(one_epoch(restored).empty());
    CHECK(one_epoch(restored) == third);

    CHECK_THROWS_WITH_AS(restored.restore({8, -1, 0}, here),
                         "DataLoader::restore: epoch -1; allowed are 0 and more (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(restored.restore({8, 1, 8}, here),
                         "DataLoader::restore: 8 batches handed out; allowed are 0 to 7 (user.cpp:7)", Error);
}

TEST_CASE("data/data_loader: a loop that is left early leaves its epoch") {
    const TensorDataset set = counted(20);
    DataLoader loader(set, {.shuffle = true, .seed = 1}), whole(set, {.shuffle = true, .seed = 1});
    for (Example& batch : loader) {
        CHECK(batch.y.numel() == 1);
        break;
    }
    one_epoch(whole);
    CHECK(one_epoch(loader) == one_epoch(whole));
}

TEST_CASE("data/data_loader: batches are fresh and may be kept") {
    const TensorDataset set = counted(4);
    std::vector<Example> kept;
    for (Example& batch : DataLoader(set, {.batch_size = 2})) kept.push_back(batch);
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].y.to_vector<std::int64_t>() == Order{0, 1});
    CHECK(kept[1].y.to_vector<std::int64_t>() == Order{2, 3});
    kept[0].x.fill_(9);
    CHECK(set.get(0).x.at<float>({0}) == 0);
}

TEST_CASE("data/data_loader: a data set of the user's, by reference and by pointer") {
    const Triples set{5};
    std::int64_t batches = 0;
    for (auto& [a, b, c] : DataLoader(set, {.batch_size = 3})) {
        const std::int64_t n = batches++ == 0 ? 3 : 2;
        CHECK(a.shape() == Shape{n, 2});
        CHECK(b.shape() == Shape{n});
        CHECK(c.shape() == Shape{n, 1, 0});
        CHECK(c.dtype() == vitrine::uint8);
        CHECK(a.at<float>({n - 1, 1}) == -b.at<float>({n - 1}));
    }
    CHECK(batches == 2);
    CHECK(one_epoch(DataLoader(std::make_shared<TensorDataset>(counted(3)), {.batch_size = 2})) == range(3));
}

TEST_CASE("data/data_loader: what cannot be batched is refused") {
    const TensorDataset set = counted(3);
    CHECK_THROWS_WITH_AS(DataLoader(set, {.batch_size = 0}, here),
                         "DataLoader: batch_size 0; allowed are 1 and more (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(DataLoader<TensorDataset>(std::shared_ptr<TensorDataset>(), {}, here),
                         "DataLoader: an empty pointer; needed is a data set (user.cpp:7)", Error);
    const Triples odd{4, 2};
    CHECK_THROWS_WITH_AS(
        DataLoader(odd, {.batch_size = 4}, here).begin(),
        "DataLoader: example 2 of the batch is (3,) f32, example 0 is (2,) f32; all must be alike (user.cpp:7)", Error);
}

TEST_CASE("data/data_loader: tensors that are no data set are refused") {
    const Tensor x = vitrine::zeros({3, 2});
    CHECK_THROWS_WITH_AS(TensorDataset(x, vitrine::zeros({2}), here),
                         "TensorDataset: x has 3 examples and y 2; both must have as many (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(TensorDataset(x, vitrine::scalar(1), here),
                         "TensorDataset: y has no dimensions; examples lie along the first (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(TensorDataset({}, x, here), "TensorDataset: x is undefined (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(TensorDataset(x, x).get(3, here),
                         "TensorDataset: example 3 of 3; allowed are 0 to 2 (user.cpp:7)", Error);
    CHECK(TensorDataset(x.transpose(0, 1), vitrine::zeros({2})).get(1).x.shape() == Shape{3});
}
