#include "cases/dropout.h"

#include <doctest/doctest.h>

#include "vitrine/core/device.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/base/error.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

/// The error ends with this file and the line of the call.
void check_error(const std::string& got, int line, const std::string& text) {
    CHECK(got == join(text, " (dropout.cpp:", line, ")"));
}

}  // namespace

TEST_CASE("ops/dropout: values, gradients and second derivatives on every device") { check_op(dropout_cases()); }

TEST_CASE("ops/dropout: keeps 1 - p of the elements, and the mean; seed 8") {
    const std::int64_t n = 200'000;
    for (double p : {0.1, 0.5, 0.9}) {
        Generator generator(8);
        const auto y = values_of(dropout(ones({n}), p, true, generator));
        double kept = 0, sum = 0;
        for (double v : y) kept += v != 0, sum += v;
        const double deviation = std::sqrt(p * (1 - p) / static_cast<double>(n));
        CHECK(std::fabs(kept / static_cast<double>(n) - (1 - p)) < 5 * deviation);
        CHECK(std::fabs(sum / static_cast<double>(n) - 1) < 5 * deviation / (1 - p));
    }
}

TEST_CASE("ops/dropout: x itself outside training and for p = 0, zeros for p = 1 even of inf and NaN") {
    const Tensor x = tensor({1.0, double{INFINITY}, double{NAN}, -2.0});
    const GeneratorState before = default_generator().get_state();
    CHECK(dropout(x, 0.5, false).impl() == x.impl());
    CHECK(dropout(x, 0).impl() == x.impl());
    CHECK(default_generator().get_state() == before);
    for (Device device : available_devices())
        CHECK(values_of(dropout(x.to(device), 1)) == std::vector<double>{0, 0, 0, 0});
}

TEST_CASE("ops/dropout: f32 and f64, and every device, drop the same elements; two calls drop others") {
    const std::int64_t n = 5000;
    const auto draw = [&](DType dtype, Device device) {
        Generator generator(3);
        return values_of(dropout(ones({n}, {.dtype = dtype, .device = device}), 0.5, true, generator));
    };
    const auto wanted = draw(DType::f32, Device::cpu);
    for (Device device : available_devices())
        for (DType dtype : {DType::f32, DType::f64}) CHECK(draw(dtype, device) == wanted);
    const Tensor x = ones({n});
    CHECK(values_of(dropout(x)) != values_of(dropout(x)));
}

TEST_CASE("ops/dropout: the gradient has the mask of the forward, also when its layout differs") {
    for (Device device : available_devices()) {
        const Tensor x = ones({6, 4}, {.device = device, .requires_grad = true});
        const Tensor y = dropout(x, 0.5);
        y.backward(ones({4, 6}, {.device = device}).transpose(0, 1));
        CHECK(values_of(x.grad()) == values_of(y));

        const Tensor columns = ones({4, 6}, {.device = device}).transpose(0, 1).requires_grad_();
        const Tensor z = dropout(columns, 0.5);
        z.backward(ones({6, 4}, {.device = device}));
        CHECK(z.strides() == columns.strides());
        CHECK(values_of(columns.grad()) == values_of(z));
    }
}

TEST_CASE("ops/dropout: the same bits at one and two threads") {
    const int before = num_threads();
    const Tensor x = ones({300'001});
    const auto draw = [&](int threads) {
        set_num_threads(threads);
        Generator generator(1);
        return dropout(x, 0.3, true, generator).to_vector<float>();
    };
    CHECK(draw(1) == draw(2));
    set_num_threads(before);
}

TEST_CASE("ops/dropout: errors name the op, what was given, what is allowed and the line") {
    const Tensor x = zeros({2, 5});
    check_error(error_of([&] { dropout(x, 1.5); }), __LINE__, "dropout: p 1.5; allowed is 0 to 1");
    check_error(error_of([&] { dropout(x, -0.1); }), __LINE__, "dropout: p -0.1; allowed is 0 to 1");
    check_error(error_of([&] { dropout(x, NAN); }), __LINE__, "dropout: p nan; allowed is 0 to 1");
    check_error(error_of([&] { dropout(zeros({2}, {.dtype = DType::i64})); }), __LINE__,
                "dropout: x is i64; allowed are f32 and f64");
    check_error(error_of([&] { dropout(3.0); }), __LINE__, "dropout: x is a number; allowed is a tensor");
}

TEST_CASE("ops/dropout: the node knows its name, its line and its mask") {
    const Tensor x = zeros({2, 5}, {.requires_grad = true});
    const Tensor y = dropout(x, 0.25);
    const int line = __LINE__ - 1;
    REQUIRE(y.node());
    CHECK(y.node()->name() == std::string("dropout"));
    CHECK(join(y.node()->site()) == join("dropout.cpp:", line));
}

TEST_CASE("ops/dropout: dropout_add is the residual plus dropout, of the same elements, at one thread and two") {
    const int threads = num_threads();
    for (Device device : available_devices()) {
        const Tensor x = full({40, 1000}, 3.0, {.device = device}), r = full({40, 1000}, 2.0, {.device = device});
        Generator a(5), b(5), c(5);
        set_num_threads(1);
        const auto one = values_of(dropout_add(x, r, 0.25, true, a));
        set_num_threads(2);
        CHECK(values_of(dropout_add(x, r, 0.25, true, b)) == one);
        set_num_threads(threads);
        CHECK(values_of(dropout(x, 0.25, true, c) + r) == one);
        CHECK(a.get_state() == c.get_state());
        CHECK(values_of(dropout_add(x, r, 0.25, false)) == std::vector<double>(40000, 5));
    }
    check_error(error_of([] { dropout_add(ones({2}), ones({3})); }), __LINE__, "dropout_add: x is (2,) and residual (3,); both must have one shape");
    check_error(error_of([] { dropout_add(ones({2}), ones({2}), 2); }), __LINE__, "dropout_add: p 2; allowed is 0 to 1");
}
