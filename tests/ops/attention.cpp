#include "cases/attention.h"

#include <doctest/doctest.h>

#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/view.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/attention: values, gradients and second derivatives on every device") { check_op(attention_cases()); }

TEST_CASE("ops/attention: tiles: values on every device, and the kernels' gradients are those of the composite") {
    for (const OpCase& c : attention_tile_cases()) {
        INFO(c.name);
        check_values(c);
        for (Device device : available_devices()) {
            const auto in = make_inputs(c, DType::f64, device);
            const Tensor y = c.op(in);
            const Tensor dy = no_grad([&] { return sub(y * 2, 1); });  // anything but constant
            const std::vector<Tensor> asked(in.begin(), in.begin() + 3);
            const auto kernels = grad({y}, asked, {.grad_outputs = {dy}, .retain_graph = true});
            const auto composite = grad({y}, asked, {.grad_outputs = {dy}, .create_graph = true});
            for (std::size_t i = 0; i < 3; ++i) {
                CHECK_FALSE(kernels[i].requires_grad());
                const auto a = values_of(kernels[i]), b = values_of(composite[i]);
                double worst = 0;
                for (std::size_t e = 0; e < a.size(); ++e) worst = std::max(worst, std::fabs(a[e] - b[e]));
                CHECK_MESSAGE(worst < 1e-12, device, " gradient ", i, " ", worst);
            }
        }
    }
}

TEST_CASE("ops/attention: queries that see no key give 0 and no gradient, others are as without them") {
    const double inf = INFINITY;
    for (Device device : available_devices()) {
        for (bool graph : {false, true}) {
            manual_seed(2);
            const TensorOptions options{.dtype = DType::f64, .device = device, .requires_grad = true};
            const Tensor q = randn({3, 2}, options), k = randn({2, 2}, options), v = randn({2, 2}, options);
            const Tensor mask = tensor({{0.0, 0.0}, {-inf, -inf}, {-inf, 0.0}}, {.dtype = DType::f64, .device = device});
            const Tensor o = scaled_dot_product_attention(q, k, v, {.mask = mask});
            const auto y = values_of(o), vs = values_of(v);
            CHECK(y[2] == 0);
            CHECK(y[3] == 0);
            CHECK(y[4] == vs[2]);  // one key: its value
            CHECK(y[5] == vs[3]);
            const auto d = grad({sum(o * o)}, {q, k, v}, {.create_graph = graph});
            for (const Tensor& x : d)
                for (double g : values_of(x)) CHECK(std::isfinite(g));
            CHECK(values_of(d[0])[2] == 0);
            CHECK(values_of(d[0])[3] == 0);
        }
    }
}

TEST_CASE("ops/attention: a bool mask says who is seen; the weights are the probabilities") {
    for (Device device : available_devices()) {
        manual_seed(3);
        const TensorOptions options{.dtype = DType::f64, .device = device};
        const Tensor q = randn({2, 3, 4, 5}, options), k = randn({2, 3, 6, 5}, options), v = randn({2, 3, 6, 2}, options);
        const Tensor seen = gt(randn({4, 6}, options), 0);
        for (double dropout : {0.0, 0.5}) {
            Generator first(9), second(9);
            const AttentionOptions how{.mask = seen, .causal = true, .dropout_p = dropout};
            const Tensor p = attention_weights(q, k, how, first);
            CHECK(p.shape() == Shape{2, 3, 4, 6});
            const auto o = values_of(scaled_dot_product_attention(q, k, v, how, second)), wanted = values_of(matmul(p, v));
            for (std::size_t i = 0; i < o.size(); ++i) CHECK(o[i] == doctest::Approx(wanted[i]).scale(1).epsilon(1e-12));
            const auto ps = values_of(p), sees = values_of(seen);
            for (std::size_t i = 0; i < ps.size(); ++i)
                if (sees[i % 24] == 0 || i % 6 > i / 6 % 4) CHECK(ps[i] == 0);
        }
    }
}

TEST_CASE("ops/attention: heads as views of (B, T, H D) are read in place, and the result lies like them") {
    for (Device device : available_devices()) {
        manual_seed(4);
        const TensorOptions options{.dtype = DType::f64, .device = device};
        const Tensor x = randn({2, 5, 3 * 6}, options);
        const auto heads = [&](std::int64_t which) { return x.slice(2, which * 6, which * 6 + 6).reshape({2, 5, 2, 3}).transpose(1, 2); };
        const Tensor o = scaled_dot_product_attention(heads(0), heads(1), heads(2), {.causal = true});
        CHECK(o.transpose(1, 2).is_contiguous());
        const Tensor same = scaled_dot_product_attention(heads(0).contiguous(), heads(1).contiguous(), heads(2).contiguous(), {.causal = true});
        CHECK(values_of(o) == values_of(same));
    }
}

TEST_CASE("ops/attention: large scores do not overflow; a NaN stays in its row") {
    for (Device device : available_devices()) {
        const Tensor q = tensor({{300.0, 0.0}, {double(NAN), 0.0}, {0.0, 0.0}}, {.device = device});
        const Tensor k = tensor({{300.0, 0.0}, {-300.0, 0.0}}, {.device = device});
        const auto o = values_of(scaled_dot_product_attention(q, k, tensor({{1.0}, {2.0}}, {.device = device}), {.scale = 1}));
        CHECK(o[0] == 1);
        CHECK(std::isnan(o[1]));
        CHECK(o[2] == 1.5);
    }
}

TEST_CASE("ops/attention: the same bits at one and two threads") {
    const int before = num_threads();
    manual_seed(5);
    const Tensor q = randn({2, 3, 130, 16}, {.requires_grad = true}), k = randn({2, 3, 150, 16}, {.requires_grad = true}),
                 v = randn({2, 3, 150, 8}, {.requires_grad = true});
    std::vector<std::vector<float>> results[2];
    for (int threads : {1, 2}) {
        set_num_threads(threads);
        Generator generator(6);
        const Tensor o = scaled_dot_product_attention(q, k, v, {.causal = true, .dropout_p = 0.1}, generator);
        auto& r = results[threads - 1];
        r.push_back(o.to_vector<float>());
        for (const Tensor& d : grad({sum(o * o)}, {q, k, v})) r.push_back(d.to_vector<float>());
    }
    CHECK(results[0] == results[1]);
    set_num_threads(before);
}

TEST_CASE("ops/attention: errors") {
    const Tensor q = zeros({2, 3, 4, 5}), k = zeros({2, 3, 6, 5}), v = zeros({2, 3, 6, 7});
    const std::string op = "scaled_dot_product_attention: ";
    const auto ends = [&](int line) { return join(" (attention.cpp:", line, ")"); };
    std::string text;
    text = error_of([&] { scaled_dot_product_attention(q, zeros({2, 3, 6, 4}), v); });
    CHECK(text == op + "q (2, 3, 4, 5) and k (2, 3, 6, 4); their last sizes must be equal" + ends(__LINE__ - 1));
    text = error_of([&] { scaled_dot_product_attention(q, zeros({2, 1, 6, 5}), v); });
    CHECK(text == op + "q (2, 3, 4, 5) and k (2, 1, 6, 5); dimensions before the last two must be equal" + ends(__LINE__ - 1));
    text = error_of([&] { scaled_dot_product_attention(q, zeros({6, 5}), v); });
    CHECK(text == op + "q (2, 3, 4, 5) and k (6, 5); both need as many dimensions" + ends(__LINE__ - 1));
    text = error_of([&] { scaled_dot_product_attention(q, k, zeros({2, 3, 5, 7})); });
    CHECK(text == op + "k (2, 3, 6, 5) and v (2, 3, 5, 7); all but their last sizes must be equal" + ends(__LINE__ - 1));
    text = error_of([&] { scaled_dot_product_attention(q, zeros({2, 3, 0, 5}), zeros({2, 3, 0, 5})); });
    CHECK(text == op + "k (2, 3, 0, 5) has no rows; a query needs at least one key" + ends(__LINE__ - 1));
    text = error_of([&] { scaled_dot_product_attention(zeros({5}), zeros({5}), zeros({5})); });
    CHECK(text == op + "q (5,); allowed is (..., N, D)" + ends(__LINE__ - 1));
    text = error_of([&] { scaled_dot_product_attention(q, k, v, {.mask = zeros({4, 5})}); });
    CHECK(text == op + "mask (4, 5); it must broadcast to (2, 3, 4, 6)" + ends(__LINE__ - 1));
    text = error_of([&] { scaled_dot_product_attention(q, k, v, {.mask = zeros({4, 6}, {.dtype = DType::f64})}); });
    CHECK(text == op + "mask is f64; allowed are bool and f32, as q is" + ends(__LINE__ - 1));
    text = error_of([&] { scaled_dot_product_attention(q, k, v, {.dropout_p = 1.5}); });
    CHECK(text == op + "dropout_p 1.5; allowed is 0 to 1" + ends(__LINE__ - 1));
    text = error_of([&] { scaled_dot_product_attention(tensor({{1}}), k, v); });
    CHECK(text == op + "q is i64; allowed are f32 and f64" + ends(__LINE__ - 1));
    text = error_of([&] { attention_weights(q, k, {.mask = zeros({7})}); });
    CHECK(text == "attention_weights: mask (7,); it must broadcast to (2, 3, 4, 6)" + ends(__LINE__ - 1));
    if (is_available(Device::simt)) {
        const Tensor wide = zeros({1, 257}, {.device = Device::simt});
        text = error_of([&] { scaled_dot_product_attention(wide, wide, wide); });
        CHECK(text == op + "rows of 257 numbers; at most 256 on simt" + ends(__LINE__ - 1));
    }
}
