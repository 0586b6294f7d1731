#include "cases/conv.h"

#include <doctest/doctest.h>

#include <cmath>

#include "vitrine/core/backward.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// What the tests of one algorithm run under.
struct Using {
    explicit Using(ConvAlgorithm algorithm) { set_conv_algorithm(algorithm); }
    ~Using() { set_conv_algorithm(ConvAlgorithm::automatic); }
};

double root_mean_square(const std::vector<double>& x) {
    double sum = 0;
    for (double value : x) sum += value * value;
    return std::sqrt(sum / static_cast<double>(x.size()));
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

}  // namespace

TEST_CASE("ops/conv: values, gradients and second derivatives on every device") { check_op(conv_cases()); }

TEST_CASE("ops/conv: each algorithm gives the same values and gradients") {
    for (ConvAlgorithm algorithm : {ConvAlgorithm::direct, ConvAlgorithm::implicit_gemm, ConvAlgorithm::winograd}) {
        const Using using_it(algorithm);
        CHECK(conv_algorithm() == algorithm);
        if (algorithm == ConvAlgorithm::winograd) {
            for (const OpCase& c : conv_winograd_cases()) {
                INFO(c.name);
                check_values(c);
                check_gradient(c);
            }
            continue;
        }
        for (const OpCase& c : conv_large_cases()) {
            INFO(c.name);
            check_values(c);
            if (algorithm == ConvAlgorithm::implicit_gemm) check_gradient(c);
        }
        if (algorithm == ConvAlgorithm::implicit_gemm) continue;  // has the small cases in the test above
        for (const OpCase& c : conv_cases()) {
            INFO(c.name);
            check_values(c);
            check_gradient(c);
        }
    }
    CHECK(conv_algorithm() == ConvAlgorithm::automatic);
}

TEST_CASE("ops/conv: the error of winograd in f32 and f64") {
    manual_seed(3);
    struct Sizes {
        std::int64_t N, C, O, H, W;
        Pair2 padding;
        std::int64_t stride = 1;
    };
    for (const Sizes& n : {Sizes{2, 17, 33, 9, 10, 1}, {1, 64, 47, 7, 5, {2, 0}}, {3, 1, 1, 3, 3, 0}, {1, 31, 32, 33, 4, 1},
                           {2, 256, 16, 8, 8, 1}, {31, 16, 65, 4, 4, {3, 4}}, {65, 340, 349, 2, 1, 1},
                           {1, 17, 259, 101, 103, 1}, {2, 17, 33, 9, 10, 1, 2}, {3, 1, 1, 1, 2, 1, 2}, {1, 31, 32, 33, 7, 1, 2},
                           {31, 340, 349, 2, 9, 1, 2}, {1, 97, 66, 65, 67, 1, 2}}) {
        const Tensor x = randn({n.N, n.C, n.H, n.W}, {.dtype = DType::f64}), w = randn({n.O, n.C, 3, 3}, {.dtype = DType::f64});
        const Tensor b = randn({n.O}, {.dtype = DType::f64});
        const ConvOptions options{.stride = n.stride, .padding = n.padding};
        const Tensor dy = randn(conv2d(x, w, b, options).shape(), {.dtype = DType::f64});
        const auto all = [&](ConvAlgorithm algorithm, DType dtype) {
            const Using using_it(algorithm);
            const Tensor xt = x.to(dtype), wt = w.to(dtype), dyt = dy.to(dtype);
            return std::vector{values_of(conv2d(xt, wt, b.to(dtype), options)),
                               values_of(conv2d_backward_data(dyt, wt, x.shape(), options)),
                               values_of(conv2d_backward_weight(xt, dyt, w.shape(), options))};
        };
        const auto expected = all(ConvAlgorithm::direct, DType::f64), f32 = all(ConvAlgorithm::winograd, DType::f32),
                   f64 = all(ConvAlgorithm::winograd, DType::f64);
        for (std::size_t pass = 0; pass < 3; ++pass) {
            INFO("x ", x.shape(), ", pass ", pass);
            const double size = root_mean_square(expected[pass]);
            CHECK(largest_difference(f32[pass], expected[pass]) < 1e-4 * size);
            CHECK(largest_difference(f64[pass], expected[pass]) < 1e-12 * size);
        }
    }
}

TEST_CASE("ops/conv: y, dx and dw lie as kernels read them") {
    const Tensor x = ones({2, 3, 4, 5}, {.requires_grad = true}), w = ones({6, 3, 3, 3}, {.requires_grad = true});
    const Tensor y = conv2d(x, w, {}, {.padding = 1});
    CHECK(y.strides() == Strides{4 * 5 * 6, 1, 5 * 6, 6});
    CHECK(conv_weight_strides(w.shape()) == Strides{1, 6, 3 * 3 * 6, 3 * 6});
    CHECK(conv_weight_strides({6, 3, 4}) == Strides{1, 6, 18});
    const Tensor dw = conv2d_backward_weight(x, y, w.shape(), {.padding = 1});
    CHECK(dw.strides() == conv_weight_strides(w.shape()));
    CHECK(conv2d_backward_data(y, w, x.shape(), {.padding = 1}).strides() == channels_last_strides(x.shape()));
}

TEST_CASE("ops/conv: the same bits at one and two threads") {
    const int before = num_threads();
    manual_seed(1);
    struct Way {
        ConvAlgorithm algorithm;
        std::int64_t groups, channels, size, stride = 1;
    };
    for (const Way& way : {Way{ConvAlgorithm::implicit_gemm, 1, 32, 16}, {ConvAlgorithm::automatic, 32, 32, 16},
                           {ConvAlgorithm::winograd, 1, 33, 15}, {ConvAlgorithm::winograd, 1, 256, 4},
                           {ConvAlgorithm::winograd, 1, 352, 4}, {ConvAlgorithm::winograd, 1, 64, 120},
                           {ConvAlgorithm::winograd, 1, 33, 50, 2}, {ConvAlgorithm::winograd, 1, 352, 4, 2}}) {
        const Using using_it(way.algorithm);
        const Tensor x = randn({4, way.channels, way.size, way.size});
        const Tensor w = randn({way.channels, way.channels / way.groups, 3, 3});
        const ConvOptions options{.stride = way.stride, .padding = 1, .groups = way.groups};
        const auto all = [&] {
            const Tensor y = conv2d(x, w, {}, options);
            return std::vector{y.to_vector<float>(), conv2d_backward_data(y, w, x.shape(), options).to_vector<float>(),
                               conv2d_backward_weight(x, y, w.shape(), options).to_vector<float>()};
        };
        set_num_threads(1);
        const auto one = all();
        set_num_threads(2);
        CHECK(all() == one);
    }
    set_num_threads(before);
}

TEST_CASE("ops/conv: kernels of one element with a stride, beside the formula, at one and two threads") {
    const int before = num_threads();
    manual_seed(5);
    struct Sizes {
        std::int64_t N, C, H, W, O;
        Pair2 stride;
    };
    for (const Sizes& n : {Sizes{1, 16, 15, 16, 17, 2},
                           {3, 33, 9, 8, 31, {2, 3}},
                           {2, 17, 7, 33, 64, {1, 2}},
                           {1, 31, 33, 1, 32, {5, 1}},
                           {5, 64, 32, 31, 40, 2}}) {
        for (DType dtype : {DType::f32, DType::f64}) {
            const Tensor x = randn({n.N, n.C, n.H, n.W}, {.dtype = dtype}),
                         w = randn({n.O, n.C, 1, 1}, {.dtype = dtype});
            const Tensor bias = randn({n.O}, {.dtype = dtype}), bias_x = randn({n.C}, {.dtype = dtype});
            const auto all = [&] {
                const Tensor y = conv2d(x, w, bias, {.stride = n.stride});
                const Pair2 more{n.stride.h - 1, n.stride.w - 1};  // rows and columns that no tap meets
                const Tensor z = conv_transpose2d(y, w, bias_x, {.stride = n.stride, .output_padding = more});
                return std::vector{values_of(y), values_of(z),
                                   values_of(conv2d_backward_data(y, w, x.shape(), {.stride = n.stride}))};
            };
            set_num_threads(1);
            const auto one = all();
            set_num_threads(2);
            CHECK(all() == one);
            const Using formula(ConvAlgorithm::direct);
            const auto wanted = all();
            double worst = 0;
            for (std::size_t k = 0; k < wanted.size(); ++k)
                for (std::size_t i = 0; i < wanted[k].size(); ++i)
                    worst = std::max(worst, std::abs(one[k][i] - wanted[k][i]) / (1 + std::abs(wanted[k][i])));
            CHECK(worst < (dtype == DType::f32 ? 1e-4 : 1e-13));
        }
    }
    set_num_threads(before);
}

TEST_CASE("ops/conv: a stride, padding and dilation far beyond the image take no memory for it") {
    const std::int64_t far = std::int64_t{1} << 29;
    const Tensor x = full({1, 1, 1, 1}, 2, {.requires_grad = true}), w = full({1, 1, 3, 3}, 5, {.requires_grad = true});
    const ConvOptions options{.stride = far, .padding = far, .dilation = far};
    const Tensor y = conv2d(x, w, {}, options);
    sum(y).backward();
    CHECK(y.to_vector<float>() == std::vector<float>{10});
    CHECK(x.grad().item<double>() == 5);
    CHECK(w.grad().to_vector<float>() == std::vector<float>{0, 0, 0, 0, 2, 0, 0, 0, 0});
}

TEST_CASE("ops/conv: nodes know their names, their line and what they saved") {
    const Tensor x = ones({1, 2, 3, 3}, {.requires_grad = true}), w = ones({2, 2, 3, 3}, {.requires_grad = true});
    const Tensor y = conv2d(x, w);
    const int line = __LINE__ - 1;
    REQUIRE(y.node());
    CHECK(y.node()->name() == std::string("conv2d"));
    CHECK(join(y.node()->site()) == join("conv.cpp:", line));
    CHECK(conv_transpose2d(x, w).node()->name() == std::string("conv_transpose2d"));
}

TEST_CASE("ops/conv: errors of shapes") {
    const Tensor x = ones({2, 4, 5, 5}), w = ones({6, 4, 3, 3});
    std::string text = error_of([&] { conv2d(ones({4, 5, 5}), w); });
    CHECK(text == join("conv2d: x (4, 5, 5); it must be (N, C, H, W) (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv2d(x, ones({6, 4, 3})); });
    CHECK(text == join("conv2d: w (6, 4, 3); it must be (O, C/groups, kernel height, kernel width) (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv1d(x, ones({6, 4, 3})); });
    CHECK(text == join("conv1d: x (2, 4, 5, 5); it must be (N, C, L) (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv1d(ones({2, 4, 5}), w); });
    CHECK(text == join("conv1d: w (6, 4, 3, 3); it must be (O, C/groups, kernel length) (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv2d(ones({2, 3, 5, 5}), w); });
    CHECK(text == join("conv2d: x (2, 3, 5, 5) and w (6, 4, 3, 3) with groups 1; x must have 4 channels (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv2d(x, w, ones({5})); });
    CHECK(text == join("conv2d: b (5,); it must be (6,) (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv2d(x, ones({6, 4, 0, 3})); });
    CHECK(text == join("conv2d: w (6, 4, 0, 3); a kernel has at least one element along each dimension (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv2d(x, ones({6, 4, 6, 3})); });
    CHECK(text == join("conv2d: kernel (6, 3) with dilation (1, 1) on x (2, 4, 5, 5) with padding (0, 0); it must not be larger than the "
                       "padded x (conv.cpp:", __LINE__ - 2, ")"));
    text = error_of([&] { conv1d(ones({1, 1, 4}), ones({1, 1, 3}), {}, {.dilation = 2}); });
    CHECK(text == join("conv1d: kernel 3 with dilation 2 on x (1, 1, 4) with padding 0; it must not be larger than the padded x "
                       "(conv.cpp:", __LINE__ - 2, ")"));
    text = error_of([&] { conv2d_backward_data(ones({2, 6, 5, 5}), w, x.shape()); });
    CHECK(text == join("conv2d_backward_data: dy (2, 6, 5, 5) for x (2, 4, 5, 5) and w (6, 4, 3, 3); it must be (2, 6, 3, 3) (conv.cpp:",
                       __LINE__ - 2, ")"));
    text = error_of([&] { conv2d_backward_weight(x, ones({2, 6, 5, 5}), w.shape()); });
    CHECK(text == join("conv2d_backward_weight: dy (2, 6, 5, 5) for x (2, 4, 5, 5) and w (6, 4, 3, 3); it must be (2, 6, 3, 3) (conv.cpp:",
                       __LINE__ - 2, ")"));
}

TEST_CASE("ops/conv: errors of options") {
    const Tensor x = ones({2, 4, 5, 5}), w = ones({6, 4, 3, 3});
    std::string text = error_of([&] { conv2d(x, w, {}, {.stride = {1, 0}}); });
    CHECK(text == join("conv2d: stride (1, 0); allowed is 1 or more, below 2^31 (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv2d(x, w, {}, {.padding = -1}); });
    CHECK(text == join("conv2d: padding (-1, -1); allowed is 0 or more, below 2^31 (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv2d(x, w, {}, {.padding = INT64_MAX}); });
    CHECK(text.starts_with("conv2d: padding (9223372036854775807, "));
    text = error_of([&] { conv2d(x, w, {}, {.dilation = 0}); });
    CHECK(text == join("conv2d: dilation (0, 0); allowed is 1 or more, below 2^31 (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv1d(ones({1, 1, 4}), ones({1, 1, 3}), {}, {.stride = 0}); });
    CHECK(text == join("conv1d: stride 0; allowed is 1 or more, below 2^31 (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv2d(x, w, {}, {.groups = 0}); });
    CHECK(text == join("conv2d: groups 0; allowed is 1 or more (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv2d(x, w, {}, {.groups = 3}); });
    CHECK(text == join("conv2d: groups 3 of x (2, 4, 5, 5) and w (6, 4, 3, 3); it must divide 4 channels of x and 6 of w (conv.cpp:",
                       __LINE__ - 2, ")"));
    text = error_of([&] { conv2d(ones({1, 1, 1, 1}, {.dtype = DType::i64}), w); });
    CHECK(text == join("conv2d: x is i64; allowed are f32 and f64 (conv.cpp:", __LINE__ - 1, ")"));
    CHECK(error_of([&] { conv2d(x, w.to(DType::f64)); }).starts_with("conv2d: x is f32 "));
    CHECK(error_of([&] { conv2d(x, w, ones({6}, {.dtype = DType::f64})); }).starts_with("conv2d: x is f32 "));
    for (Device device : available_devices())
        if (device != Device::cpu) CHECK(error_of([&] { conv2d(x, w.to(device)); }).starts_with("conv2d: x is on cpu"));
}

TEST_CASE("ops/conv: errors of transposed convolutions") {
    const Tensor x = ones({2, 4, 5, 5}), w = ones({4, 6, 3, 3});
    std::string text = error_of([&] { conv_transpose2d(ones({4, 5, 5}), w); });
    CHECK(text == join("conv_transpose2d: x (4, 5, 5); it must be (N, C, H, W) (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv_transpose2d(x, ones({4, 6, 3})); });
    CHECK(text == join("conv_transpose2d: w (4, 6, 3); it must be (C, O/groups, kernel height, kernel width) (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv_transpose2d(x, ones({3, 6, 3, 3})); });
    CHECK(text == join("conv_transpose2d: x (2, 4, 5, 5) and w (3, 6, 3, 3); x must have 3 channels (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv_transpose2d(x, w, {}, {.groups = 3}); });
    CHECK(text == join("conv_transpose2d: groups 3 of x (2, 4, 5, 5); it must divide 4 channels (conv.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { conv_transpose2d(x, w, {}, {.stride = 2, .output_padding = {1, 2}}); });
    CHECK(text == join("conv_transpose2d: output_padding (1, 2) with stride (2, 2); it must be smaller than the stride (conv.cpp:",
                       __LINE__ - 2, ")"));
    text = error_of([&] { conv_transpose2d(x, w, {}, {.padding = 4}); });
    CHECK(text == join("conv_transpose2d: x (2, 4, 5, 5) with kernel (3, 3), stride (1, 1) and padding (4, 4); nothing is left of y (conv.cpp:",
                       __LINE__ - 2, ")"));
    text = error_of([&] { conv_transpose2d(x, w, ones({4})); });
    CHECK(text == join("conv_transpose2d: b (4,); it must be (6,) (conv.cpp:", __LINE__ - 1, ")"));
}
