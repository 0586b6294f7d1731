// f(x, w) = (x + w) x^2 with w = 1, worked by hand.
#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/graph_dot.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/unary.h"

using namespace vitrine;
using namespace vitrine::testing;
using Values = std::vector<double>;

namespace {
Tensor f(const Tensor& x, const Tensor& w) { return (x + w) * square(x); }
Tensor leaf(std::initializer_list<double> values, Device device) {
    return tensor(values, {.dtype = DType::f32, .device = device, .requires_grad = true});
}
Tensor number(double value, Device device) { return scalar(value, {.dtype = DType::f32, .device = device, .requires_grad = true}); }
}  // namespace

TEST_CASE("core/textbook: f(3) = 36, df/dw = 9, df/dx = 33") {
    for (Device device : available_devices()) {
        const Tensor x = number(3, device), w = number(1, device);
        const Tensor y = f(x, w);
        CHECK(y.item<double>() == 36);
        y.backward();
        CHECK(w.grad().item<double>() == 9);
        CHECK(x.grad().item<double>() == 33);
    }
}

TEST_CASE("core/textbook: f([3, 4, 5]) = [36, 80, 150] and its Jacobians") {
    for (Device device : available_devices()) {
        const Tensor x = leaf({3, 4, 5}, device), w = number(1, device);
        const Tensor y = f(x, w);
        CHECK(values_of(y) == Values{36, 80, 150});
        const Tensor by_x = jacobian(y, x), by_w = jacobian(y, w);
        CHECK(by_x.shape() == Shape{3, 3});
        CHECK(values_of(by_x) == Values{33, 0, 0, 0, 56, 0, 0, 0, 85});
        CHECK(by_w.shape() == Shape{3});
        CHECK(values_of(by_w) == Values{9, 16, 25});
    }
}

TEST_CASE("core/textbook: it prints as it should") {
    const Tensor x = leaf({3, 4, 5}, Device::cpu), w = number(1, Device::cpu);
    const Tensor y = f(x, w);
    CHECK(join(y) == "[ 36.  80. 150.] (from mul)");
    CHECK(join(jacobian(y, x)) == "[[33.  0.  0.]\n [ 0. 56.  0.]\n [ 0.  0. 85.]]");
    CHECK(join(f(number(3, Device::cpu), w).detach()) == "36.0");
}

TEST_CASE("core/textbook: two calls are two graphs that never mix") {
    const Tensor x = leaf({3}, Device::cpu), w = leaf({1}, Device::cpu);
    const Tensor first = f(x, w), second = f(x, w);
    CHECK(first.node() != second.node());
    CHECK(values_of(grad({first}, {x})[0]) == Values{33});
    CHECK(values_of(grad({second}, {x})[0]) == Values{33});  // the first walk freed nothing of the second graph
    CHECK(!x.grad().defined());                               // grad() leaves the leaves alone
}

TEST_CASE("core/textbook: x * x gets both edges") {
    const Tensor x = leaf({3, -2}, Device::cpu);
    (x * x).backward(ones({2}));
    CHECK(values_of(x.grad()) == Values{6, -4});
    REQUIRE((x * x).node()->inputs().size() == 2);
}

TEST_CASE("core/textbook: second and third derivatives") {
    const Tensor x = number(3, Device::cpu), w = number(1, Device::cpu);
    const Tensor dx = grad({f(x, w)}, {x}, {.create_graph = true})[0];           // 3x^2 + 2xw
    const Tensor ddx = grad({dx}, {x}, {.create_graph = true})[0];               // 6x + 2w
    CHECK(ddx.item<double>() == 20);
    CHECK(grad({dx}, {w}, {.retain_graph = true})[0].item<double>() == 6);       // 2x
    CHECK(grad({ddx}, {x})[0].item<double>() == 6);
}

TEST_CASE("core/textbook: the picture names ops, shapes, values and lines") {
    const KeepValues keep;
    const Tensor x = leaf({3, 4, 5}, Device::cpu), w = number(1, Device::cpu);
    const Tensor y = f(x, w);
    const std::string dot = graph_dot(y, {{"x", x}, {"w", w}});
    for (const char* part : {"digraph vitrine", "label=\"x (3,)\\n[3, 4, 5]\"", "label=\"w ()\\n1\"", "add (3,)\\n[4, 5, 6]", "square (3,)\\n[9, 16, 25]",
                             "mul (3,)\\n[36, 80, 150]", "textbook.cpp:", " -> y"}) {
        CAPTURE(part);
        CHECK(dot.find(part) != std::string::npos);
    }
}
