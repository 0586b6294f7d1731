// Batches made by threads, samplers, padding, and changes to batches.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/profiler.h"
#include "vitrine/data/data_loader.h"
#include "vitrine/data/tensor_dataset.h"

using vitrine::Error;
using vitrine::Generator;
using vitrine::Shape;
using vitrine::Tensor;
using namespace vitrine::data;

namespace {

using Order = std::vector<std::int64_t>;
constexpr vitrine::Site here{"user.cpp", 7};

// Example i takes the longer to make the smaller i % 4 is, so that workers finish out of order.
struct Slow {
    std::int64_t count, throws_at = -1;
    std::int64_t size() const { return count; }
    Example get(std::int64_t i) const {
        if (i == throws_at) throw Error("example 5 cannot be read");
        std::this_thread::sleep_for(std::chrono::microseconds(100 * (3 - i % 4)));
        return {vitrine::full({2}, static_cast<double>(i)), vitrine::scalar(static_cast<double>(i), {.dtype = vitrine::int64})};
    }
};

// Sequences of 1, 2, 3, ... elements.
struct Sequences {
    std::int64_t size() const { return 5; }
    Example get(std::int64_t i) const { return {vitrine::full({i + 1}, static_cast<double>(i)), vitrine::scalar(1)}; }
};

struct Seen {
    Order labels;
    std::vector<float> x;
    friend bool operator==(const Seen&, const Seen&) = default;
};

template <class Loader>
Seen epochs(Loader& loader, int count) {
    Seen seen;
    for (int e = 0; e < count; ++e)
        for (auto& [x, y] : loader) {
            for (const std::int64_t i : y.template to_vector<std::int64_t>()) seen.labels.push_back(i);
            for (const float v : x.template to_vector<float>()) seen.x.push_back(v);
        }
    return seen;
}

void add_noise(Example& batch, Generator& random) { batch.x = vitrine::rand(batch.x.shape(), {}, random); }

}  // namespace

TEST_CASE("data/workers: seed 4, the same batches, in the same order, from 0, 1 and 3 threads") {
    const Slow set{37};
    std::vector<Seen> all;
    for (const std::int64_t workers : {0, 1, 3}) {
        DataLoader loader(set, {.batch_size = 4, .shuffle = true, .seed = 4, .workers = workers});
        loader.map(add_noise);
        all.push_back(epochs(loader, 2));
    }
    CHECK(all[0].labels.size() == 74);
    CHECK(all[1] == all[0]);
    CHECK(all[2] == all[0]);
}

TEST_CASE("data/workers: a loop left early, a state saved in the middle, and its restoring") {
    const Slow set{20};
    const DataLoaderOptions options{.batch_size = 3, .shuffle = true, .seed = 9, .workers = 2};
    DataLoader whole(set, options), loader(set, options), resumed(set, options);
    whole.map(add_noise), loader.map(add_noise), resumed.map(add_noise);
    epochs(whole, 1);
    for (auto& batch : loader) {
        CHECK(batch.y.numel() == 3);
        break;
    }
    LoaderState middle;
    Seen rest;
    int step = 0;
    for (auto& [x, y] : loader) {
        if (++step <= 2) {
            middle = loader.state();
            continue;
        }
        for (const std::int64_t i : y.to_vector<std::int64_t>()) rest.labels.push_back(i);
        for (const float v : x.to_vector<float>()) rest.x.push_back(v);
    }
    CHECK(middle == LoaderState{9, 1, 2});
    resumed.restore(middle);
    CHECK(epochs(resumed, 1) == rest);
    const Seen third = epochs(loader, 1);
    epochs(whole, 1);
    CHECK(epochs(whole, 1) == third);
}

TEST_CASE("data/workers: map() and restore() inside a loop") {
    const Slow set{12};
    for (const std::int64_t workers : {0, 2}) {
        DataLoader loader(set, {.batch_size = 2, .workers = workers});
        int batches = 0;
        for (auto& [x, y] : loader) {
            CHECK((x.at<float>({0, 0}) == -1) == (batches > 2));
            if (++batches == 3) loader.map([](Example& batch, Generator&) { batch.x = vitrine::full(batch.x.shape(), -1); });
        }
        CHECK(batches == 6);
        for (auto& batch : loader) {
            CHECK(batch.y.numel() == 2);
            loader.restore({0, 0, 4});  // this loop ends
            ++batches;
        }
        CHECK(batches == 7);
        CHECK(epochs(loader, 1).labels == Order{8, 9, 10, 11});
    }
}

TEST_CASE("data/workers: an error of a worker arrives with its batch, and the loader can be used again") {
    const Slow set{8, 5};
    DataLoader loader(set, {.batch_size = 2, .workers = 2});
    int batches = 0;
    const auto run = [&] {
        for (auto& batch : loader) batches += batch.y.numel() == 2;
    };
    CHECK_THROWS_WITH_AS(run(), "example 5 cannot be read", Error);
    CHECK(batches == 2);
    CHECK_THROWS_WITH_AS(run(), "example 5 cannot be read", Error);
    CHECK(batches == 4);
}

TEST_CASE("data/workers: a weighted sampler draws in proportion; seed 3") {
    const Slow set{3};
    const auto sampler = std::make_shared<WeightedSampler>(std::vector<double>{1, 0, 3}, 4000);
    DataLoader loader(set, {.batch_size = 4000, .seed = 3, .sampler = sampler});
    Order drawn = sampler->order(3, 0);
    CHECK(drawn != sampler->order(3, 1));
    CHECK(drawn == sampler->order(3, 0));
    CHECK(std::count(drawn.begin(), drawn.end(), 1) == 0);
    CHECK(std::abs(std::count(drawn.begin(), drawn.end(), 0) - 1000) < 120);  // binomial: 1000 +- 27
    CHECK(loader.size() == 1);
    CHECK(SequentialSampler(3).order(1, 1) == Order{0, 1, 2});
    CHECK(ShuffledSampler(5).order(3, 0) == Order{2, 1, 3, 4, 0});
    CHECK_THROWS_WITH_AS(WeightedSampler({1, -1}, 2, here), "WeightedSampler: weight -1 of example 1; allowed are numbers from 0 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(WeightedSampler({0}, 2, here), "WeightedSampler: weights that are all 0; at least one must be positive (user.cpp:7)", Error);
}

TEST_CASE("data/workers: examples of different lengths are padded, or refused") {
    const Sequences set;
    DataLoader loader(set, {.batch_size = 3, .pad_value = -1});
    std::vector<Shape> shapes;
    for (auto& [x, y] : loader) {
        shapes.push_back(x.shape());
        if (shapes.size() == 1) CHECK(x.to_vector<float>() == std::vector<float>{0, -1, -1, 1, 1, -1, 2, 2, 2});
    }
    CHECK(shapes == std::vector<Shape>{{3, 3}, {2, 5}});
    DataLoader strict(set, {.batch_size = 3}, here);
    CHECK_THROWS_WITH_AS(strict.begin(), "DataLoader: example 1 of the batch is (2,) f32, example 0 is (1,) f32; all must be alike (user.cpp:7)", Error);
}

TEST_CASE("data/workers: options out of range") {
    const Sequences set;
    CHECK_THROWS_WITH_AS(DataLoader(set, {.workers = -1}, here), "DataLoader: workers -1; allowed are 0 and more (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(DataLoader(set, {.prefetch = 0}, here), "DataLoader: prefetch 0; allowed are 1 and more (user.cpp:7)", Error);
    const DataLoaderOptions both{.shuffle = true, .sampler = std::make_shared<SequentialSampler>(5)};
    CHECK_THROWS_WITH_AS(DataLoader(set, both, here), "DataLoader: shuffle and a sampler; only one can say the order (user.cpp:7)", Error);
    const auto beyond = std::make_shared<SequentialSampler>(6);
    DataLoader loader(set, {.sampler = beyond});
    CHECK_THROWS_WITH_AS(loader.begin(), "DataLoader: the sampler asks for example 5 of 5", Error);
    if (!vitrine::is_available(vitrine::Device::cuda)) CHECK_THROWS_AS(DataLoader(set, {.pin_memory = true}, here), Error);
}

TEST_CASE("data/workers: a profile shows what threads make and what the loop waits for") {
    const TensorDataset set{vitrine::ones({12, 2}), vitrine::ones({12})};
    DataLoader loader(set, {.batch_size = 4, .workers = 2});
    const vitrine::Profile profile;
    for (auto& [x, y] : loader) CHECK(x.size(0) == 4);
    std::uint64_t made = 0, waited = 0;
    for (const vitrine::ProfileRow& row : profile.report(false).rows) {
        if (row.name == "make a batch") made += row.calls;
        if (row.name == "wait for data") waited += row.calls;
    }
    CHECK(made == 3);
    CHECK(waited == 3);
}
