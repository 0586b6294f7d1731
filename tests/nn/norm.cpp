// BatchNorm, LayerNorm, GroupNorm as modules.
#include "vitrine/nn/norm.h"

#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/batch_norm.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/nn/sequential.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

namespace {

std::string names_of(const nn::AnyModule& module) {
    std::string names;
    const nn::Members members(module);
    for (const auto& t : members.tensors()) names += t.name + (t.is_buffer ? "* " : " ");
    return names;
}

}  // namespace

TEST_CASE("nn/norm: batch norm trains on the batch's statistics and infers with the running ones, on every device") {
    for (Device device : available_devices()) {
        nn::BatchNorm2d norm(2, {.dtype = DType::f64, .device = device});
        manual_seed(1);
        const Tensor x = randn({3, 2, 4, 4}, {.dtype = DType::f64, .device = device}) * 3 + 1;
        const Tensor y = norm(x);
        CHECK(mean(y).item<double>() == doctest::Approx(0).scale(1).epsilon(1e-9));
        CHECK(mean(y * y).item<double>() == doctest::Approx(1).epsilon(1e-4));
        CHECK(norm.num_batches_tracked.item<std::int64_t>() == 1);
        CHECK(norm.num_batches_tracked.dtype() == DType::i64);
        const double m = mean(x.select(1, 0)).item<double>();
        CHECK(values_of(norm.running_mean)[0] == doctest::Approx(0.1 * m));
        norm.eval();
        const auto inferred = values_of(norm(x));
        CHECK(inferred[0] ==
              doctest::Approx((values_of(x)[0] - 0.1 * m) / std::sqrt(values_of(norm.running_var)[0] + 1e-5)));
        CHECK(norm.num_batches_tracked.item<std::int64_t>() == 1);
        sum(norm(x)).backward();
        CHECK(values_of(norm.bias.grad()) == std::vector<double>(2, 48));
    }
}

TEST_CASE("nn/norm: without momentum the running statistics are the averages of all batches") {
    nn::BatchNorm1d norm(1, {.momentum = std::nullopt});
    for (double value : {1.0, 2.0, 6.0}) norm(tensor({{value - 1}, {value + 1}}));
    CHECK(values_of(norm.running_mean)[0] == doctest::Approx(3));
    CHECK(values_of(norm.running_var)[0] == doctest::Approx(2));
    norm.reset_running_stats();
    CHECK(values_of(norm.running_mean)[0] == 0);
    CHECK(norm.num_batches_tracked.item<std::int64_t>() == 0);
}

TEST_CASE("nn/norm: names as in PyTorch, buffers, settings, clones") {
    CHECK(names_of(nn::BatchNorm2d(3)) == "weight bias running_mean* running_var* num_batches_tracked* ");
    CHECK(names_of(nn::BatchNorm1d(3, {.affine = false})) == "running_mean* running_var* num_batches_tracked* ");
    CHECK(names_of(nn::BatchNorm1d(3, {.track_running_stats = false})) == "weight bias ");
    CHECK(names_of(nn::LayerNorm(3)) == "weight bias ");
    CHECK(names_of(nn::LayerNorm(3, {.bias = false})) == "weight ");
    CHECK(names_of(nn::GroupNorm(2, 4)) == "weight bias ");
    CHECK(nn::BatchNorm2d(64).describe() == "BatchNorm2d(64)");
    CHECK(nn::BatchNorm1d(8, {.eps = 0.001, .momentum = std::nullopt, .affine = false}).describe() ==
          "BatchNorm1d(8, eps=0.001, momentum=none, no weight)");
    CHECK(nn::LayerNorm(5).describe() == "LayerNorm(5)");
    CHECK(nn::LayerNorm({2, 5}, {.affine = false}).describe() == "LayerNorm((2, 5), no weight)");
    CHECK(nn::GroupNorm(2, 6, {.eps = 0.01}).describe() == "GroupNorm(2, 6, eps=0.01)");

    nn::Sequential net(nn::BatchNorm1d(4, {.eps = 0.5, .momentum = 0.25}), nn::LayerNorm(4), nn::GroupNorm(2, 4));
    manual_seed(2);
    const Tensor x = randn({6, 4});
    net(x);
    net.eval();
    nn::Sequential twin = net.clone();
    CHECK(twin(x).to_vector<float>() == net(x).to_vector<float>());
    CHECK(twin.at<nn::BatchNorm1d>(0).running_mean.impl() != net.at<nn::BatchNorm1d>(0).running_mean.impl());
    CHECK(twin.at<nn::BatchNorm1d>(0).describe() == "BatchNorm1d(4, eps=0.5, momentum=0.25)");
    twin.train();
    twin(x);
    CHECK(twin.at<nn::BatchNorm1d>(0).num_batches_tracked.item<std::int64_t>() == 2);
    CHECK(net.at<nn::BatchNorm1d>(0).num_batches_tracked.item<std::int64_t>() == 1);
}

TEST_CASE("nn/norm: without running statistics every batch counts, in eval mode too") {
    nn::BatchNorm1d norm(2, {.track_running_stats = false});
    norm.eval();
    CHECK(values_of(norm(tensor({{0.0, 1.0}, {2.0, 1.0}})))[2] == doctest::Approx(1).epsilon(1e-4));
}

TEST_CASE("nn/norm: layer and group norm normalise") {
    const Tensor x = tensor({{0.0, 2.0, 10.0, 30.0}}, {.dtype = DType::f64});
    nn::LayerNorm layer(4, {.eps = 1e-12, .dtype = DType::f64});
    nn::GroupNorm group(2, 4, {.eps = 1e-12, .dtype = DType::f64});
    CHECK(values_of(layer(x))[0] == doctest::Approx(-10.5 / std::sqrt((110.25 + 72.25 + 0.25 + 380.25) / 4)));
    CHECK(values_of(group(x))[3] == doctest::Approx(1));
}

TEST_CASE("nn/norm: errors name the module and the user's line, and change nothing") {
    nn::BatchNorm2d norm(3);
    CHECK(error_of([&] {
              norm({zeros({2, 4, 5, 5}), {"user.cpp", 12}});
          }) == "BatchNorm2d: x (2, 4, 5, 5) for BatchNorm2d(3); it must be (N, C, H, W) with C = 3 (user.cpp:12)");
    CHECK(error_of([&] {
              norm({zeros({2, 3}), {"user.cpp", 12}});
          }) == "BatchNorm2d: x (2, 3) for BatchNorm2d(3); it must be (N, C, H, W) with C = 3 (user.cpp:12)");
    CHECK(error_of([&] {
              norm({zeros({1, 3, 1, 1}), {"user.cpp", 12}});
          }) == "batch_norm: x (1, 3, 1, 1) has one value per channel; training needs more, or eval() (user.cpp:12)");
    CHECK(norm.num_batches_tracked.item<std::int64_t>() == 0);
    CHECK(values_of(norm.running_var) == std::vector<double>(3, 1));
    CHECK(error_of([] {
              nn::BatchNorm1d(-1, {}, {"user.cpp", 13});
          }) == "BatchNorm1d: num_features -1; it may not be negative (user.cpp:13)");
    CHECK(error_of([] {
              nn::BatchNorm1d(2, {.eps = 0}, {"user.cpp", 13});
          }) == "BatchNorm1d: eps 0; it must be above 0 (user.cpp:13)");
    CHECK(error_of([] {
              nn::GroupNorm(4, 6, {}, {"user.cpp", 14});
          }) == "GroupNorm: 4 groups for 6 channels; groups must divide the channels (user.cpp:14)");
    CHECK(error_of([] {
              nn::LayerNorm(-3, {}, {"user.cpp", 15});
          }) == "LayerNorm: normalized_shape (-3,); sizes may not be negative (user.cpp:15)");
    CHECK(error_of([] {
              nn::LayerNorm(3, {.dtype = DType::i64}, {"user.cpp", 15});
          }) == "LayerNorm: dtype i64; allowed are f32 and f64 (user.cpp:15)");
    nn::LayerNorm layer(3);
    CHECK(error_of([&] {
              layer({zeros({2, 4}), {"user.cpp", 16}});
          }) == "layer_norm: x (2, 4); its last sizes must be the normalised shape (3,) (user.cpp:16)");
    nn::GroupNorm group(2, 4);
    CHECK(error_of([&] {
              group({zeros({2, 6}), {"user.cpp", 17}});
          }) == "GroupNorm: x (2, 6) for GroupNorm(2, 4); it must be (N, C, ...) with C = 4 (user.cpp:17)");
}
