#include "cases/recurrent.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "vitrine/core/anomaly.h"
#include "vitrine/core/autocast.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/kernels/matmul/matmul_bf16.h"
#include "vitrine/kernels/recurrent/recurrent_steps.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/recurrent: values, gradients and second derivatives on every device") { check_op(recurrent_cases()); }

namespace {

// Without ids.
std::vector<Tensor> differentiable(std::vector<Tensor> inputs) {
    std::erase_if(inputs, [](const Tensor& x) { return !x.requires_grad(); });
    return inputs;
}

}  // namespace

TEST_CASE("ops/recurrent: an output alone passes its gradient; first derivatives are those of simple ops") {
    for (Cell cell : {Cell::rnn_tanh, Cell::gru, Cell::lstm}) {
        const OpCase c = recurrent_case({"alone", cell, 3, 2, 3, 4}, true);
        const RecurrentCase k{"alone", cell, 3, 2, 3, 4};
        for (int output = 0; output < (cell == Cell::lstm ? 3 : 2); ++output) {
            const auto inputs = make_inputs(c, DType::f64, Device::cpu);
            const auto loss = [&] {
                const Outputs out = run_recurrent(k, inputs);
                return sum(square(output == 0 ? out.y : output == 1 ? out.h : out.c));
            };
            const auto kernels = grad({loss()}, inputs, {.allow_unused = true});
            const auto simple = grad({loss()}, inputs, {.create_graph = true, .allow_unused = true});
            for (std::size_t i = 0; i < inputs.size(); ++i) {
                REQUIRE(kernels[i].defined());
                REQUIRE(simple[i].requires_grad());
                const auto a = values_of(kernels[i]), b = values_of(simple[i]);
                for (std::size_t e = 0; e < a.size(); ++e) CHECK(a[e] == doctest::Approx(b[e]).epsilon(1e-9));
            }
        }
    }
}

TEST_CASE("ops/recurrent: an input computed from another input gets its own gradient") {
    // h0 = x_0: the gradient of x has both parts, by the kernels and by simple ops alike.
    const OpCase c = recurrent_case({"shared", Cell::gru, 3, 2, 4, 4}, true);
    const auto in = make_inputs(c, DType::f64, Device::cpu);
    const auto loss = [&] { return sum(square(gru(in[0], in[0].select(0, 0), {in[1], in[2], in[3], in[4]}).y)); };
    const auto kernels = values_of(grad({loss()}, {in[0]})[0]);
    const auto simple = values_of(grad({loss()}, {in[0]}, {.create_graph = true})[0]);
    for (std::size_t e = 0; e < kernels.size(); ++e) CHECK(kernels[e] == doctest::Approx(simple[e]).epsilon(1e-9));
}

TEST_CASE("ops/recurrent: one node for a layer; gradients lie as their weights do; no graph, no node") {
    const OpCase c = recurrent_case({"node", Cell::lstm, 5, 2, 3, 4, true, false, true, Layout::transposed}, true);
    const auto in = make_inputs(c, DType::f32, Device::cpu);
    const LstmResult r = lstm(in[0], in[5], in[6], {in[1], in[2], in[3], in[4]});
    const int line = __LINE__ - 1;
    REQUIRE(r.y.node());
    CHECK(r.y.node() == r.h.node());
    CHECK(r.y.node() == r.c.node());
    CHECK(r.y.node()->name() == std::string("lstm"));
    CHECK(join(r.y.node()->site()) == join("recurrent.cpp:", line));
    CHECK(r.y.node()->inputs()[0].leaf.get() == in[0].impl());
    sum(r.y).backward();
    CHECK(in[1].grad().strides() == in[1].strides());
    CHECK(in[2].grad().strides() == in[2].strides());
    CHECK(error_of([&] { sum(r.h).backward(); }).find("already freed") != std::string::npos);
    const NoGrad no_grad;
    CHECK(!lstm(in[0], in[5], in[6], {in[1], in[2], in[3], in[4]}).y.requires_grad());
}

TEST_CASE("ops/recurrent: anomaly mode finds a NaN that came in, with states and biases left out") {
    const DetectAnomaly anomaly;
    const Tensor x = zeros({2, 1, 3}), w_ih = full({16, 3}, NAN, {.requires_grad = true}), w_hh = zeros({16, 4});
    const std::string text = error_of([&] { lstm({x, {"user.cpp", 7}}, {}, {}, {w_ih, w_hh}); });
    CHECK(text.find("linear") == std::string::npos);
    CHECK(text.starts_with("lstm: input 1 (16, 3) holds nan at element 0 already"));
}

namespace {

// All outputs and gradients of a layer: rows shared by threads, units, both or nothing.
std::vector<std::vector<float>> all_values(const RecurrentCase& k, const std::vector<Tensor>& in) {
    const Outputs out = run_recurrent(k, in);
    std::vector<std::vector<float>> values{out.y.to_vector<float>(), out.h.to_vector<float>()};
    if (out.c.defined()) values.push_back(out.c.to_vector<float>());
    for (const Tensor& g : grad({sum(square(out.y)) + sum(out.h)}, differentiable(in))) values.push_back(g.to_vector<float>());
    return values;
}

}  // namespace

TEST_CASE("ops/recurrent: the same bits at any number of threads") {
    const int before = num_threads();
    for (const RecurrentCase& k : {RecurrentCase{"rows", Cell::lstm, 3, 50, 16, 128}, {"rows and units", Cell::gru, 3, 50, 5, 103, true, true},
                                   {"units", Cell::lstm, 9, 1, 4, 449}, {"units", Cell::rnn_relu, 4, 23, 3, 289, false, true, false},
                                   {"rows", Cell::rnn_tanh, 2, 75, 3, 161}, {"one step", Cell::lstm, 1, 40, 16, 128}, {"few units", Cell::gru, 3, 260, 4, 31},
                                   {"table", Cell::lstm, 3, 50, 0, 128, true, false, true, Layout::rows, 17},
                                   {"table", Cell::gru, 5, 7, 0, 103, false, true, true, Layout::rows, 17}}) {
        const auto in = make_inputs(recurrent_case(k, true), DType::f32, Device::cpu);
        set_num_threads(1);
        const auto one = all_values(k, in);
        for (int threads : {2, 3, 4}) {
            CAPTURE(std::string(k.name));
            CAPTURE(k.H);
            CAPTURE(threads);
            set_num_threads(threads);
            CHECK(all_values(k, in) == one);
        }
    }
    set_num_threads(before);
}

TEST_CASE("ops/recurrent: factors of bf16, all steps in one call: near f32, the same bits at any number of threads") {
    const int before = num_threads();
    for (const RecurrentCase& k : {RecurrentCase{"lstm", Cell::lstm, 3, 150, 16, 72}, {"gru", Cell::gru, 3, 50, 5, 90, true, true},
                                   {"rnn", Cell::rnn_tanh, 2, 70, 3, 133, false}}) {
        const auto in = make_inputs(recurrent_case(k, true), DType::f32, Device::cpu);
        const auto exact = all_values(k, in);
        const Autocast rounded(DType::bf16);
        set_num_threads(1);
        const auto one = all_values(k, in);
        for (std::size_t i = 0; i < exact.size(); ++i) {
            double apart = 0, size = 0;
            for (std::size_t e = 0; e < exact[i].size(); ++e) apart += std::abs(one[i][e] - exact[i][e]), size += std::abs(exact[i][e]);
            CAPTURE(std::string(k.name));
            CAPTURE(i);
            CHECK(apart <= 0.03 * size);
        }
        for (int threads : {2, 3, 4}) {
            set_num_threads(threads);
            CHECK(all_values(k, in) == one);
        }
    }
    set_num_threads(before);
}

TEST_CASE("ops/recurrent: threads that come after the workspace was asked for leave what lies behind it alone") {
    if (!kernels::matmul_bf16_packs()) return;
    const int before = num_threads();
    kernels::RecurrentSteps n{2, 64, 512, 4};
    n.bf16_factors = true;
    set_num_threads(1);
    const auto elements = static_cast<std::size_t>(kernels::recurrent_steps_workspace(n));
    std::vector<float> workspace(elements + 65536, 7), w(512 * 2048, 0.01f), a(2 * 64 * 2048, 0.1f), h(3 * 64 * 512), c(h);
    set_num_threads(4);
    kernels::lstm_steps(kernels::Cpu{}, w.data(), static_cast<const float*>(nullptr), a.data(), c.data(), h.data(), n, workspace.data());
    set_num_threads(before);
    CHECK(std::all_of(workspace.begin() + static_cast<std::ptrdiff_t>(elements), workspace.end(), [](float x) { return x == 7; }));
}

TEST_CASE("ops/recurrent: all steps in one call give what simple ops give") {
    for (const RecurrentCase& k : {RecurrentCase{"units in blocks", Cell::lstm, 4, 3, 5, 157}, {"reverse", Cell::lstm, 3, 50, 2, 64, false, true, false},
                                   {"gru", Cell::gru, 4, 49, 3, 61, true, true}, {"rnn", Cell::rnn_tanh, 5, 1, 3, 47},
                                   {"table, rnn", Cell::rnn_tanh, 3, 17, 0, 47, true, false, true, Layout::rows, 5},
                                   {"table, gru", Cell::gru, 3, 17, 0, 61, true, true, true, Layout::rows, 5},
                                   {"table, lstm", Cell::lstm, 4, 3, 0, 157, false, false, true, Layout::gaps, 65}}) {
        const auto in = make_inputs(recurrent_case(k, true), DType::f64, Device::cpu);
        const auto loss = [&] {
            const Outputs out = run_recurrent(k, in);
            return sum(square(out.y)) + sum(square(out.h));
        };
        const auto wanted = differentiable(in);
        const auto kernels = grad({loss()}, wanted), simple = grad({loss()}, wanted, {.create_graph = true});
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const auto a = values_of(kernels[i]), b = values_of(simple[i]);
            CAPTURE(std::string(k.name));
            CAPTURE(i);
            for (std::size_t e = 0; e < a.size(); ++e) REQUIRE(a[e] == doctest::Approx(b[e]).epsilon(1e-9));
        }
    }
}

TEST_CASE("ops/recurrent: errors name the op, what was given, what is allowed and the line") {
    const Tensor x = zeros({5, 2, 3}), h0 = zeros({2, 4}), w_ih = zeros({16, 3}), w_hh = zeros({16, 4}),
                 b = zeros({16});
    const auto text_of = [&](const Tensor& x_, const Tensor& h, const RecurrentWeights& w) {
        return error_of([&] { lstm({x_, {"user.cpp", 7}}, h, {}, w); });
    };
    CHECK(text_of(zeros({5, 3}), h0, {w_ih, w_hh}) ==
          "lstm: x (5, 3); it must be (time steps, batch, inputs) (user.cpp:7)");
    CHECK(text_of(zeros({0, 2, 3}), h0, {w_ih, w_hh}) ==
          "lstm: x (0, 2, 3) has no time steps; allowed are 1 and more (user.cpp:7)");
    CHECK(text_of(x, h0, {w_ih, zeros({15, 4})}) == "lstm: w_hh (15, 4); it must be (4 H, H) (user.cpp:7)");
    CHECK(text_of(x, h0, {zeros({16, 2}), w_hh}) ==
          "lstm: w_ih (16, 2) for x (5, 2, 3) and w_hh (16, 4); it must be (16, 3) (user.cpp:7)");
    CHECK(text_of(x, zeros({1, 4}), {w_ih, w_hh}) ==
          "lstm: h0 (1, 4) for x (5, 2, 3) and w_hh (16, 4); it must be (2, 4) (user.cpp:7)");
    CHECK(text_of(x, h0, {w_ih, w_hh, b}) == "lstm: b_ih without the other bias; give both or none (user.cpp:7)");
    CHECK(text_of(x, h0, {w_ih, w_hh, b, zeros({4})}) ==
          "lstm: b_hh (4,) for x (5, 2, 3) and w_hh (16, 4); it must be (16,) (user.cpp:7)");
    CHECK(text_of(x, h0, {w_ih, Tensor()}) == "lstm: w_hh is undefined (user.cpp:7)");
    CHECK(text_of(x, zeros({2, 4}, {.dtype = DType::f64}), {w_ih, w_hh}) ==
          "lstm: x is f32 and h0 f64; both must have one dtype: cast one with to() (user.cpp:7)");
    CHECK(text_of(zeros({5, 2, 3}, {.dtype = DType::i64}), h0, {w_ih, w_hh}) ==
          "lstm: x is i64; allowed are f32 and f64 (user.cpp:7)");
    CHECK(error_of([&] {
              gru({x, {"user.cpp", 8}}, h0, {w_ih, w_hh});
          }) == "gru: w_hh (16, 4); it must be (3 H, H) (user.cpp:8)");
    CHECK(error_of([&] {
              rnn({x, {"user.cpp", 9}}, h0, {w_ih, w_hh});
          }) == "rnn: w_hh (16, 4); it must be (H, H) (user.cpp:9)");
}

TEST_CASE("ops/recurrent: rows of a table are products: errors; ids of i32; the table stays as it is") {
    const Tensor table = zeros({9, 16}), h0 = zeros({2, 4}), w_hh = zeros({16, 4}), b = zeros({16});
    const Tensor ids = zeros({5, 2}, {.dtype = DType::i64});
    const auto text_of = [&](const Tensor& p, const RecurrentWeights& w, const Tensor& i) {
        return error_of([&] { lstm({p, {"user.cpp", 7}}, i, h0, {}, w); });
    };
    CHECK(text_of(table, {zeros({16, 9}), w_hh}, ids) ==
          "lstm: w_ih with ids; the rows of p are products already: leave w_ih and b_ih out (user.cpp:7)");
    CHECK(text_of(table, {{}, w_hh, b, b}, ids) ==
          "lstm: b_ih with ids; the rows of p are products already: leave w_ih and b_ih out (user.cpp:7)");
    CHECK(text_of(table, {{}, w_hh}, {}) == "lstm: ids is undefined (user.cpp:7)");
    CHECK(text_of(table, {}, ids) == "lstm: w_hh is undefined (user.cpp:7)");
    CHECK(text_of(zeros({9, 15}), {{}, w_hh}, ids) ==
          "lstm: p (9, 15) for w_hh (16, 4); it must be (rows of a table, 16) (user.cpp:7)");
    CHECK(text_of(table, {{}, w_hh}, ids.flatten()) ==
          "lstm: ids (10,); they must be (time steps, batch) (user.cpp:7)");
    CHECK(text_of(table, {{}, w_hh}, ids.slice(0, 0, 0)) ==
          "lstm: ids (0, 2) have no time steps; allowed are 1 and more (user.cpp:7)");
    CHECK(text_of(table, {{}, w_hh}, ids + 9) ==
          "embedding: id 9 at (0, 0) of ids (5, 2); allowed are 0 to 8, the table has 9 rows (user.cpp:7)");
    CHECK(text_of(table, {{}, w_hh, {}, zeros({4})}, ids) ==
          "lstm: b_hh (4,) for ids (5, 2) and w_hh (16, 4); it must be (16,) (user.cpp:7)");
    CHECK(text_of(table, {{}, w_hh}, ids.to(DType::f32)) ==
          "embedding: ids is f32; allowed are i64 and i32 (user.cpp:7)");
    CHECK(text_of(table, {{}, zeros({16, 4}, {.dtype = DType::f64})}, ids) ==
          "lstm: p is f32 and w_hh f64; both must have one dtype: cast one with to() (user.cpp:7)");

    const RecurrentCase k{"i32", Cell::gru, 3, 4, 0, 48, true, false, true, Layout::rows, 6};
    auto in = make_inputs(recurrent_case(k, true), DType::f32, Device::cpu);
    const auto wide = run_recurrent(k, in).y.to_vector<float>();
    const auto table_before = in[0].to_vector<float>();
    in.back() = in.back().to(DType::i32);
    CHECK(run_recurrent(k, in).y.to_vector<float>() == wide);
    CHECK(in[0].to_vector<float>() == table_before);
}
