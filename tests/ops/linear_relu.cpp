// linear_relu: values, gradients, errors.
#include "vitrine/core/ops/linear_relu.h"

#include <doctest/doctest.h>

#include <cmath>

#include "cases/matmul.h"
#include "vitrine/core/device.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

OpCase with_relu(OpCase c) {
    c.name += " relu";
    c.covers = "linear_relu";
    c.op = [](const std::vector<Tensor>& in) { return linear_relu(in[0], in[1], in.size() == 3 ? in[2] : Tensor()); };
    c.reference = [](const std::vector<Array>& in) {
        std::vector<double> y = linear_reference(in);
        for (double& v : y) v = std::fmax(v, 0);
        return y;
    };
    return c;
}

std::vector<OpCase> cases() {
    std::vector<OpCase> all;
    all.push_back(with_relu(linear_case("layer", {{{5, 7}}, {{3, 7}}, {{3}}})));
    all.push_back(with_relu(linear_case("as Linear keeps it", {{{5, 7}}, {{3, 7}, Layout::transposed}, {{3}}})));
    all.push_back(with_relu(linear_case("without bias", {{{4, 3}}, {{3, 3}}})));
    all.push_back(with_relu(linear_case("sequence", {{{2, 3, 4}}, {{3, 4}}, {{3}}})));
    all.push_back(with_relu(linear_case("one vector", {{{7}}, {{4, 7}}, {{4}}})));
    all.push_back(with_relu(linear_case("no rows", {{{0, 7}}, {{4, 7}}, {{4}}})));
    all.push_back(with_relu(linear_case("no inputs", {{{2, 0}}, {{4, 0}}, {{4}}})));
    for (OpCase& c : all)
        for (const Input& in : c.inputs) c.twice = c.twice && in.layout == Layout::rows;
    return all;
}

}  // namespace

TEST_CASE("ops/linear_relu: values, gradients and second derivatives on every device") { check_op(cases()); }

TEST_CASE("ops/linear_relu: odd and large sizes") {
    for (const Shape& s : {Shape{31, 33, 32}, Shape{33, 401, 31}, Shape{70, 65, 130}, Shape{1, 5, 257}, Shape{257, 3, 1}})
        check_values(with_relu(linear_case("sizes", {{{s[0], s[1]}}, {{s[2], s[1]}}, {{s[2]}}})));
}

TEST_CASE("ops/linear_relu: what linear and relu make of the same, NaN too, and the bits of one thread on two") {
    const int threads = num_threads();
    manual_seed(5);
    const Tensor x = randn({67, 130}, {.requires_grad = true}), w = randn({300, 130}, {.requires_grad = true});
    const Tensor b = randn({300}, {.requires_grad = true}), slope = randn({67, 300});
    const auto results = [&](const Tensor& y) {
        for (const Tensor& t : {x, w, b}) t.set_grad({});
        sum(y * slope).backward();
        return std::vector{values_of(y), values_of(x.grad()), values_of(w.grad()), values_of(b.grad())};
    };
    const auto apart = results(relu(linear(x, w, b)));
    set_num_threads(1);
    const auto one = results(linear_relu(x, w, b));
    set_num_threads(2);
    CHECK(results(linear_relu(x, w, b)) == one);
    set_num_threads(threads);
    for (std::size_t k = 0; k < one.size(); ++k)
        for (std::size_t i = 0; i < one[k].size(); ++i)
            REQUIRE(one[k][i] == doctest::Approx(apart[k][i]).epsilon(1e-4));

    for (Device device : available_devices()) {
        const Tensor y = linear_relu(full({40, 3}, std::nan(""), {.device = device}), ones({50, 3}, {.device = device}));
        for (double v : values_of(y)) REQUIRE(std::isnan(v));
    }
}

TEST_CASE("ops/linear_relu: errors are linear's") {
    const Tensor x = zeros({2, 3}), w = zeros({3, 4});
    const std::string text = error_of([&] { linear_relu(x, w); });
    CHECK(text == join("linear_relu: x (2, 3) and weight (3, 4); the last size of x must be 4 (linear_relu.cpp:", __LINE__ - 1, ")"));
}
