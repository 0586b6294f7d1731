#include "cases/optimizer.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/optimizer.h"
#include "vitrine/kernels/base/error.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr std::int64_t sizes[] = {0, 1, 5, 31, 32, 33, 257};
constexpr int steps = 5;

Tensor numbers(std::int64_t n, DType dtype, Device device, std::int64_t t) {
    std::vector<double> values(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = gradient_reference(i, t);
    return from_values(std::span<const double>(values), {n}, {.dtype = dtype, .device = device});
}

double tolerance(DType dtype) { return dtype == DType::f32 ? 2e-6 : 1e-14; }

void check_near(const Tensor& w, const std::vector<OptimizerElement>& wanted, double tolerance) {
    const auto got = values_of(w);
    for (std::size_t i = 0; i < got.size(); ++i)
        CHECK(std::fabs(got[i] - wanted[i].w) <= tolerance * (1 + std::fabs(wanted[i].w)));
}

std::vector<OptimizerElement> elements_of(const Tensor& w) {
    std::vector<OptimizerElement> elements;
    for (double value : values_of(w)) elements.push_back({.w = value});
    return elements;
}

/// The error ends with this file and the line of the call.
void check_error(const std::string& got, int line, const std::string& text) {
    CHECK(got == join(text, " (optimizer.cpp:", line, ")"));
}

}  // namespace

TEST_CASE("ops/optimizer: sgd against the recurrence in double on every device") {
    for (Device device : available_devices())
        for (DType dtype : {DType::f32, DType::f64})
            for (std::int64_t n : sizes)
                for (kernels::SgdStep step : sgd_steps()) {
                    Tensor w = numbers(n, dtype, device, 100), b = empty_like(w);
                    auto wanted = elements_of(w);
                    for (int t = 0; t < steps; ++t) {
                        step.first = t == 0;
                        sgd_step(w, numbers(n, dtype, device, t), b, step);
                        for (std::int64_t i = 0; i < n; ++i)
                            sgd_reference(wanted[static_cast<std::size_t>(i)], gradient_reference(i, t), step);
                    }
                    check_near(w, wanted, tolerance(dtype));
                }
}

TEST_CASE("ops/optimizer: adam and adamw against the recurrence in double on every device") {
    for (Device device : available_devices())
        for (DType dtype : {DType::f32, DType::f64})
            for (std::int64_t n : sizes)
                for (kernels::AdamStep step : adam_steps()) {
                    Tensor w = numbers(n, dtype, device, 100), m = zeros_like(w), v = zeros_like(w);
                    auto wanted = elements_of(w);
                    for (step.t = 1; step.t <= steps; ++step.t) {
                        adam_step(w, numbers(n, dtype, device, step.t), m, v, step);
                        for (std::int64_t i = 0; i < n; ++i)
                            adam_reference(wanted[static_cast<std::size_t>(i)], gradient_reference(i, step.t), step);
                    }
                    check_near(w, wanted, tolerance(dtype));
                }
}

TEST_CASE("ops/optimizer: rmsprop, centered and with momentum, against the recurrence in double on every device") {
    for (Device device : available_devices())
        for (DType dtype : {DType::f32, DType::f64})
            for (std::int64_t n : sizes)
                for (const kernels::RmspropStep& step : rmsprop_steps()) {
                    Tensor w = numbers(n, dtype, device, 100), v = zeros_like(w), a = zeros_like(w), b = zeros_like(w);
                    auto wanted = elements_of(w);
                    for (int t = 0; t < steps; ++t) {
                        rmsprop_step(w, numbers(n, dtype, device, t), v, a, b, step);
                        for (std::int64_t i = 0; i < n; ++i)
                            rmsprop_reference(wanted[static_cast<std::size_t>(i)], gradient_reference(i, t), step);
                    }
                    check_near(w, wanted, 3 * tolerance(dtype));
                }
}

TEST_CASE("ops/optimizer: centered rmsprop stays finite where a gradient never changes") {
    Tensor w = zeros({1}), v = zeros({1}), a = zeros({1}), none;
    for (int t = 0; t < 3000; ++t) rmsprop_step(w, full({1}, 0.1), v, a, none, {.alpha = 0.9, .centered = true});
    CHECK(std::isfinite(w.item<float>()));
}

TEST_CASE("ops/optimizer: parameters and gradients of any strides") {
    for (Device device : available_devices()) {
        const Tensor values = numbers(35, DType::f64, device, 1).reshape({5, 7}),
                     g = numbers(35, DType::f64, device, 2).reshape({5, 7});
        Tensor plain = values.clone(), m = zeros_like(plain), v = zeros_like(plain);
        adam_step(plain, g, m, v, {.lr = 0.1});

        Tensor columns = values.transpose(0, 1).contiguous().transpose(0, 1), mc = zeros_like(columns),
               vc = zeros_like(columns);
        CHECK(mc.strides() == Strides{1, 5});
        adam_step(columns, g, mc, vc, {.lr = 0.1});
        CHECK(values_of(columns) == values_of(plain));
        CHECK(values_of(vc) == values_of(v));

        Tensor gaps = zeros({5, 15}, {.dtype = DType::f64, .device = device}).slice(1, 1, 15, 2);
        gaps.copy_(values);
        Tensor none;
        sgd_step(gaps, g, none, {.lr = 0.5});
        Tensor rows = values.clone();
        sgd_step(rows, g, none, {.lr = 0.5});
        CHECK(values_of(gaps) == values_of(rows));
    }
}

TEST_CASE("ops/optimizer: a step bumps the version of what it changes") {
    Tensor w = ones({3}), m = zeros({3}), v = zeros({3});
    const auto before = w.version(), before_m = m.version();
    adam_step(w, ones({3}), m, v, {});
    CHECK(w.version() > before);
    CHECK(m.version() > before_m);
}

TEST_CASE("ops/optimizer: the same bits at one and two threads") {
    const int before = num_threads();
    const auto run = [](int threads) {
        set_num_threads(threads);
        Tensor w = numbers(200'003, DType::f32, Device::cpu, 3), m = zeros_like(w), v = zeros_like(w);
        for (int t = 1; t <= 3; ++t)
            adam_step(w, numbers(200'003, DType::f32, Device::cpu, t), m, v, {.lr = 0.1, .t = t});
        const Tensor all[] = {w, m, v};
        return std::pair(w.to_vector<float>(), total_norm(all));
    };
    CHECK(run(1) == run(2));
    set_num_threads(before);
}

TEST_CASE("ops/optimizer: the norm of several tensors, undefined ones and empty ones among them") {
    for (Device device : available_devices()) {
        double sum = 0;
        std::vector<Tensor> tensors{Tensor()};
        for (std::int64_t n : {0, 1, 33, 4097, 10'007}) {
            tensors.push_back(numbers(n, n % 2 ? DType::f32 : DType::f64, device, 1));
            for (double g : values_of(tensors.back())) sum += g * g;
        }
        CHECK(total_norm(tensors) == doctest::Approx(std::sqrt(sum)).epsilon(1e-12));
        CHECK(total_norm({}) == 0);
    }
}

TEST_CASE("ops/optimizer: more tensors than a list holds, scaled, clamped and averaged in place") {
    for (Device device : available_devices())
        for (DType dtype : {DType::f32, DType::f64}) {
            std::vector<Tensor> y, x;
            for (int i = 0; i < 130; ++i) {
                y.push_back(numbers(i % 5 * 7, dtype, device, i)),
                    x.push_back(numbers(i % 5 * 7, dtype, device, i + 1));
                if (i == 3) y[3] = y[3].reshape({3, 7}).transpose(0, 1), x[3] = x[3].reshape({7, 3});
            }
            y.push_back(numbers(9001, dtype, device, 5)), x.push_back(numbers(9001, dtype, device, 6));
            y.push_back(zeros({8, 3}, {.dtype = dtype, .device = device}).slice(0, 0, 8, 2).transpose(0, 1));
            x.push_back(ones({3, 4}, {.dtype = dtype, .device = device}));
            std::vector<std::vector<double>> before;
            for (const Tensor& one : y) before.push_back(values_of(one));
            const auto version = y[1].version();
            const auto launches = dispatch_count(device);
            scale_all(y, 0.5);
            CHECK(dispatch_count(device) - launches == 5);  // 132 tensors: 3 lists, and 2 copies of the one with gaps
            CHECK(y[1].version() > version);
            lerp_all(y, x, 0.25);
            clamp_all(y, 1);
            for (std::size_t i = 0; i < y.size(); ++i) {
                const auto got = values_of(y[i]), xs = values_of(x[i]);
                double error = 0;
                for (std::size_t k = 0; k < got.size(); ++k) {
                    const double mean = 0.75 * 0.5 * before[i][k] + 0.25 * xs[k];
                    error = std::max(error, std::fabs(got[k] - std::min(std::max(mean, -1.0), 1.0)));
                }
                CHECK(error <= tolerance(dtype));
            }
        }
    const std::vector<Tensor> bad{tensor({double{NAN}, double{INFINITY}})};
    clamp_all(bad, 1);
    CHECK(std::isnan(values_of(bad[0])[0]));
    CHECK(values_of(bad[0])[1] == 1);
}

TEST_CASE("ops/optimizer: errors name the op, what was given, what is allowed and the line") {
    Tensor w = zeros({3}), m = zeros({3}), v = zeros({4}), t = zeros({3, 2}).transpose(0, 1), rows = zeros({2, 3});
    check_error(error_of([&] { adam_step(w, zeros({3}), m, v, {}); }), __LINE__,
                "adam_step: w is (3,) and v (4,); both must have one shape");
    check_error(error_of([&] { adam_step(w, zeros({3}), m, m, {.t = 0}); }), __LINE__,
                "adam_step: t 0; steps are numbered from 1");
    check_error(error_of([&] { sgd_step(t, rows, rows, {.momentum = 0.5}); }), __LINE__,
                "sgd_step: b has strides (3, 1); allowed are (1, 2)");
    const std::vector<Tensor> one{w}, two{w, m}, longer{v};
    check_error(error_of([&] { lerp_all(one, two, 0.5); }), __LINE__,
                "lerp_all: 1 tensors y and 2 x; both must be as many");
    check_error(error_of([&] { lerp_all(one, longer, 1); }), __LINE__,
                "lerp_all: y is (3,) and x (4,); both must have one shape");
    check_error(error_of([&] { clamp_all(one, -1); }), __LINE__, "clamp_all: limit -1; allowed is 0 or more");
    check_error(error_of([&] { rmsprop_step(w, m, v, v, v, {}); }), __LINE__,
                "rmsprop_step: w is (3,) and v (4,); both must have one shape");
    check_error(error_of([&] { sgd_step(w, Tensor(), m, {}); }), __LINE__, "sgd_step: g is undefined");
}
