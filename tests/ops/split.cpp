// split, chunk and unbind: values, gradients through every part and through some, views, errors.
#include "vitrine/core/ops/split.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/gradcheck.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

std::vector<Shape> shapes_of(const std::vector<Tensor>& parts) {
    std::vector<Shape> shapes;
    for (const Tensor& part : parts) shapes.push_back(part.shape());
    return shapes;
}

// The parts in another order, so that none can be mistaken for another.
Tensor backwards(const std::vector<Tensor>& parts, std::int64_t axis, bool joined) {
    const std::vector<Tensor> reversed(parts.rbegin(), parts.rend());
    return joined ? cat(reversed, axis) : stack(reversed, axis);
}

std::vector<double> reversed_columns(const Array& x, const std::vector<std::int64_t>& sizes) {
    std::vector<double> y;
    for (std::int64_t row = 0; row < x.shape[0]; ++row) {
        std::int64_t end = x.shape[1];
        for (std::size_t i = sizes.size(); i-- > 0; end -= sizes[i])
            for (std::int64_t c = end - sizes[i]; c < end; ++c)
                y.push_back(x.values[static_cast<std::size_t>(row * x.shape[1] + c)]);
    }
    return y;
}

}  // namespace

TEST_CASE("ops/split: values, gradients and second derivatives on every device") {
    std::vector<OpCase> cases;
    for (const Layout layout : {Layout::rows, Layout::transposed, Layout::gaps, Layout::broadcast}) {
        const Input x{{3, 7}, layout};
        cases.push_back({.name = "split by size",
                         .inputs = {x},
                         .op = [](const auto& in) { return backwards(split(in[0], 3, 1), 1, true); },
                         .reference = [](const auto& in) { return reversed_columns(in[0], {3, 3, 1}); },
                         .covers = "split"});
        cases.push_back({.name = "split by sizes",
                         .inputs = {x},
                         .op = [](const auto& in) { return backwards(split(in[0], {1, 0, 4, 2}, -1), 1, true); },
                         .reference = [](const auto& in) { return reversed_columns(in[0], {1, 0, 4, 2}); },
                         .covers = "split"});
        cases.push_back({.name = "chunk",
                         .inputs = {x},
                         .op = [](const auto& in) { return backwards(chunk(in[0], 2, 1), 1, true); },
                         .reference = [](const auto& in) { return reversed_columns(in[0], {4, 3}); },
                         .covers = "chunk"});
        cases.push_back({.name = "unbind",
                         .inputs = {x},
                         .op = [](const auto& in) { return backwards(unbind(in[0], 1), 1, false); },
                         .reference = [](const auto& in) { return reversed_columns(in[0], {1, 1, 1, 1, 1, 1, 1}); },
                         .covers = "unbind"});
    }
    check_op(cases);
}

TEST_CASE("ops/split: parts for which no gradient comes back count as 0") {
    for (Device device : available_devices()) {
        const Tensor x = arange(0, 6, 1, {.dtype = DType::f64, .device = device}).reshape({3, 2}).requires_grad_();
        sum(split(x, 1)[1] * 2).backward();
        CHECK(values_of(x.grad()) == std::vector<double>{0, 0, 2, 2, 0, 0});
        const auto middle = [](const std::vector<Tensor>& in) { return square(unbind(in[0], 0)[1]); };
        CHECK(gradcheck_function(middle, {x}));
        CHECK(gradgradcheck_function(middle, {x}));
    }
}

TEST_CASE("ops/split: parts are views of x, one node for all") {
    Tensor x = zeros({4, 3});
    chunk(x, 2)[1].fill_(5);
    CHECK(values_of(x) == std::vector<double>{0, 0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 5});
    unbind(x, 1)[0].fill_(7);
    CHECK(values_of(x.select(1, 0)) == std::vector<double>{7, 7, 7, 7});
    x.requires_grad_();
    const auto parts = split(x, 1);
    CHECK(parts[0].node() == parts[3].node());
    CHECK(parts[3].output_index() == 3);
    CHECK(std::string(parts[0].node()->name()) == "split");
}

TEST_CASE("ops/split: how many parts there are") {
    CHECK(shapes_of(split(zeros({7}), 3)) == std::vector<Shape>{{3}, {3}, {1}});
    CHECK(shapes_of(split(zeros({2}), INT64_MAX)) == std::vector<Shape>{{2}});
    CHECK(shapes_of(split(zeros({0, 2}), 3)) == std::vector<Shape>{{0, 2}});
    CHECK(shapes_of(chunk(zeros({5}), 4)) == std::vector<Shape>{{2}, {2}, {1}});
    CHECK(shapes_of(chunk(zeros({2}), 5)) == std::vector<Shape>{{1}, {1}});
    CHECK(shapes_of(unbind(zeros({2, 3}), -1)) == std::vector<Shape>{{2}, {2}, {2}});
    CHECK(unbind(zeros({0, 3})).empty());
}

TEST_CASE("ops/split: errors") {
    const Tensor x = zeros({2, 5});
    std::string text;
    text = error_of([&] { split(x, 0); });
    CHECK(text == join("split: size 0; allowed are 1 and more (split.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { split(x, 1, 2); });
    CHECK(text == join("split: axis 2 of x (2, 5); allowed are -2 to 1 (split.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { split(x, {2, 4}, 1); });
    CHECK(text == join("split: a part of 4 of axis 1 of x (2, 5), where 3 are left; the parts must add up to 5 (split.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { split(x, {2, -1}, 1); });
    CHECK(text == join("split: a part of -1 of axis 1 of x (2, 5), where 3 are left; the parts must add up to 5 (split.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { split(x, {2, 1}, 1); });
    CHECK(text == join("split: the parts of axis 1 of x (2, 5) leave 2; they must add up to 5 (split.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { chunk(x, 0); });
    CHECK(text == join("chunk: chunks 0; allowed are 1 and more (split.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { unbind(zeros({})); });
    CHECK(text == join("unbind: axis 0 of x (); a scalar has no axis (split.cpp:", __LINE__ - 1, ")"));
}
