// The graph engine: what a walk does, frees, keeps and refuses.
#include <doctest/doctest.h>

#include <thread>

#include "op_case.h"
#include "vitrine/core/allocator.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/gradcheck.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/view.h"

using namespace vitrine;
using namespace vitrine::testing;
using Values = std::vector<double>;

namespace {

Tensor leaf(std::initializer_list<double> values) { return tensor(values, {.dtype = DType::f64, .requires_grad = true}); }

// A node with two outputs: y0 = 2x, y1 = 3x.
struct SplitNode final : Node {
    const char* name() const override { return "two_and_three"; }
    void backward(const Grads& g) override {
        Tensor dx;
        if (g.out[0].defined()) dx = g.out[0] * 2;
        if (g.out[1].defined()) dx = dx.defined() ? dx + g.out[1] * 3 : g.out[1] * 3;
        g.in[0] = dx;
    }
};

std::pair<Tensor, Tensor> two_and_three(Operand operand) {
    const Call call("two_and_three", operand);
    const Tensor x = call.floating(operand);
    Tensor y0, y1;
    {
        const NoGrad no_grad;
        y0 = x * 2, y1 = x * 3;
    }
    if (recording(x)) record<SplitNode>(call, y0, x)->add_output(y1);
    return {y0, y1};
}

}  // namespace

TEST_CASE("core/graph: a node with two outputs, used, half used and unused") {
    const Tensor x = leaf({1, 2});
    auto [a, b] = two_and_three(x);
    CHECK(a.node() == b.node());
    CHECK(b.output_index() == 1);
    sum(a + b).backward();
    CHECK(values_of(x.grad()) == Values{5, 5});

    auto [c, d] = two_and_three(x);
    CHECK(values_of(grad({sum(d)}, {x})[0]) == Values{3, 3});
    CHECK(gradcheck([](const Tensor& t) { auto [p, q] = two_and_three(t); return p * q; }, x).text == "");
    CHECK(gradgradcheck([](const Tensor& t) { auto [p, q] = two_and_three(t); return p * q; }, x).text == "");
}

TEST_CASE("core/graph: gradients of leaves add up until they are cleared") {
    Tensor x = leaf({2});
    for (int i = 0; i < 3; ++i) sum(x * x).backward();
    CHECK(values_of(x.grad()) == Values{12});
    x.set_grad(Tensor());
    sum(x * x).backward();
    CHECK(values_of(x.grad()) == Values{4});
}

TEST_CASE("core/graph: a gradient that others can see is not changed in place") {
    const Tensor x = leaf({1, 2}), w = leaf({3, 4});
    const Tensor dy = ones({2}, {.dtype = DType::f64});
    (x + w).backward(dy);  // both leaves get the same dy
    (x + w).backward(dy);
    CHECK(values_of(x.grad()) == Values{2, 2});
    CHECK(values_of(w.grad()) == Values{2, 2});
    CHECK(values_of(dy) == Values{1, 1});
}

TEST_CASE("core/graph: backward twice needs retain_graph") {
    const Tensor x = leaf({0.5});
    const Tensor y = sum(exp(x));
    y.backward({.retain_graph = true});
    y.backward();
    const std::string text = error_of([&] { y.backward(); });
    CHECK(text.starts_with("exp: the graph was already freed by an earlier backward"));
    CHECK(text.find("retain_graph = true") != std::string::npos);
    CHECK(text.ends_with("(graph.cpp:" + std::to_string(y.node()->inputs()[0].node->site().line) + ")"));
}

TEST_CASE("core/graph: what backward refuses") {
    const Tensor x = leaf({1, 2});
    const Tensor y = x * 2;
    std::string text = error_of([&] { y.backward(); });
    CHECK(text == join("backward: the tensor is (2,); without a gradient argument it must have one element (graph.cpp:", __LINE__ - 1, ")"));
    CHECK(error_of([&] { y.backward(ones({3}, {.dtype = DType::f64})); })
              .starts_with("backward: the gradient is (3,) f64 on cpu, the tensor (2,) f64 on cpu"));
    CHECK(error_of([&] { ones({1}).backward(); }).starts_with("backward: the tensor (1,) does not require grad"));
    CHECK(error_of([&] { Tensor().backward(); }).starts_with("backward: the tensor is undefined"));
    CHECK(error_of([&] { grad({sum(y)}, {leaf({1})}); }).starts_with("grad: input 0 (1,) was not used to compute the outputs"));
    CHECK(!grad({sum(x * 1)}, {leaf({1})}, {.allow_unused = true})[0].defined());
}

TEST_CASE("core/graph: a tensor changed before backward is an error, not a wrong gradient") {
    const Tensor x = leaf({1, 2});
    Tensor y = exp(x);
    {
        const NoGrad no_grad;
        y.detach().mul_(ones({2}, {.dtype = DType::f64}));
    }
    const std::string text = error_of([&] { sum(y).backward(); });
    CHECK(text.starts_with("exp: y, saved for backward, was changed in place afterwards (version 1, saved at 0) (graph.cpp:"));
}

TEST_CASE("core/graph: hooks see and may replace gradients, of leaves and others") {
    const Tensor x = leaf({1, 2});
    const Tensor h = x * 3;
    int calls = 0;
    h.register_hook([&](const Tensor& g) {
        ++calls;
        return g * 10;
    });
    x.register_hook([&](const Tensor& g) {
        ++calls;
        CHECK(values_of(g) == Values{60, 60});  // both uses of h at once
        return Tensor();
    });
    sum(h + h).backward();
    CHECK(calls == 2);
    CHECK(values_of(x.grad()) == Values{60, 60});
}

TEST_CASE("core/graph: retain_grad keeps the gradient of a tensor that is no leaf") {
    const Tensor x = leaf({1, 2});
    const Tensor h = x * 3;
    h.retain_grad();
    sum(h * h).backward();
    CHECK(values_of(h.grad()) == Values{6, 12});
    CHECK(error_of([&] { ones({1}).retain_grad(); }) == join("retain_grad: this tensor does not require grad (graph.cpp:", __LINE__, ")"));
}

TEST_CASE("core/graph: grad of an inner tensor, of an input, and only the nodes that lead there run") {
    const Tensor x = leaf({1, 2}), w = leaf({3, 4});
    const Tensor h = x * w;
    bool ran = false;
    const Tensor y = sum(h * h);
    h.register_hook([&](const Tensor&) {
        ran = true;
        return Tensor();
    });
    CHECK(values_of(grad({y}, {h}, {.retain_graph = true})[0]) == Values{6, 16});
    CHECK(ran);
    CHECK(values_of(grad({y}, {x})[0]) == Values{18, 64});
    CHECK(!w.grad().defined());
}

TEST_CASE("core/graph: no_grad, detach and requires_grad") {
    Tensor x = leaf({1});
    CHECK(no_grad([&] { return x * 2; }).requires_grad() == false);
    CHECK((x * 2).requires_grad());
    CHECK(!(x.detach() * 2).requires_grad());
    CHECK((x * 2).is_leaf() == false);
    CHECK(error_of([&] { Tensor y = x * 2; y.requires_grad_(false); }) == join("requires_grad_: this tensor was computed by mul; use detach() (graph.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { arange(0, 3).requires_grad_(); }) == join("requires_grad_: a tensor of i64 has no gradient; allowed are f32, f64, bf16 and f16 (graph.cpp:", __LINE__, ")"));
}

namespace {
// A stack frame for each would need more than the 8 MB that there are, with AddressSanitizer ten times sooner.
#ifdef __SANITIZE_ADDRESS__
constexpr int many = 200'000;
#else
constexpr int many = 1'000'000;
#endif
}  // namespace

TEST_CASE("core/graph: a chain of a million nodes is walked and freed without a deep stack") {
    const Tensor x = leaf({1});
    Tensor y = x;
    for (int i = 0; i < many; ++i) y = neg(y);
    y.backward();
    CHECK(values_of(x.grad()) == Values{1});
    y = Tensor();
}

TEST_CASE("core/graph: a chain of a million saved tensors is freed without a deep stack") {
    const Tensor x = leaf({1});
    Tensor y = x;
    for (int i = 0; i < many; ++i) y = y * x;
    y = Tensor();  // never walked: the saved tensors go with the nodes
    CHECK(!x.grad().defined());
}

TEST_CASE("core/graph: a saved output does not keep its own node alive") {
    const auto blocks = [] { return memory_stats(Device::cpu).in_use; };
    const Tensor x = leaf({1, 2, 3});
    const auto before = blocks();
    { const Tensor y = softmax(exp(x), 0); }
    CHECK(blocks() == before);
}

TEST_CASE("core/graph: eight host threads over shared parameters give single-thread bits") {
    const Tensor w = full({31, 17}, 0.25, {.dtype = DType::f32, .requires_grad = true});
    const auto one = [&](int seed) {
        const Tensor x = arange(0, 31 * 17, 1, {.dtype = DType::f32}).reshape({31, 17}) * (0.001 * seed);
        return grad({sum(softmax(x * w + exp(w), 1) * x)}, {w})[0].to_vector<float>();
    };
    std::vector<std::vector<float>> expected, got(8);
    for (int t = 0; t < 8; ++t) expected.push_back(one(t));
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (int repeat = 0; repeat < 20; ++repeat) got[static_cast<std::size_t>(t)] = one(t);
        });
    for (auto& thread : threads) thread.join();
    CHECK(got == expected);
    sum(w * w).backward();  // and the shared leaf still works
    CHECK(w.grad().defined());
}

TEST_CASE("core/graph: threads that add to the same leaf lose nothing") {
    const Tensor w = full({1000}, 1.0, {.dtype = DType::f64, .requires_grad = true});
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            for (int repeat = 0; repeat < 50; ++repeat) sum(w * 1).backward();
        });
    for (auto& thread : threads) thread.join();
    CHECK(values_of(w.grad()) == Values(1000, 400));
}

TEST_CASE("core/graph: gradcheck finds a wrong gradient") {
    struct WrongNode final : Node {
        const char* name() const override { return "wrong"; }
        void backward(const Grads& g) override { g.in[0] = g.out[0] * 2.5; }
    };
    const auto wrong = [](const Tensor& x) {
        Tensor y = no_grad([&] { return x * 2; });
        if (recording(x)) record<WrongNode>(Call("wrong", x), y, x);
        return y;
    };
    const GradcheckResult result = gradcheck(wrong, leaf({1, 2}));
    CHECK(!result);
    CHECK(result.text.starts_with("gradcheck: input 0, element 0: gradient "));
    CHECK(gradcheck(exp, leaf({1, 2})));
    CHECK(error_of([&] { gradcheck(exp, ones({2}, {.requires_grad = true})); }) == "gradcheck: an input is f32; allowed is f64");
}
