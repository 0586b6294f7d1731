// repeat: values, gradients, errors.
#include "vitrine/core/ops/repeat.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

std::vector<double> repeat_reference(const Array& x, const Shape& repeats) {
    const int dims = repeats.dims(), added = dims - x.shape.dims();
    Shape size = repeats;
    for (int d = added; d < dims; ++d) size[d] *= x.shape[d - added];
    std::vector<double> y;
    for (std::int64_t i = 0; i < size.numel(); ++i) {
        std::int64_t rest = i, place = 0;
        const Strides steps = contiguous_strides(size);
        for (int d = 0; d < dims; ++d) {
            if (d >= added) place = place * x.shape[d - added] + rest / steps[d] % x.shape[d - added];
            rest %= steps[d];
        }
        y.push_back(x.values[static_cast<std::size_t>(place)]);
    }
    return y;
}

}  // namespace

TEST_CASE("ops/repeat: values, gradients and second derivatives on every device") {
    std::vector<OpCase> cases;
    const auto add = [&](const char* name, Input x, Shape repeats) {
        cases.push_back({.name = name,
                         .inputs = {x},
                         .op = [=](const auto& in) { return repeat(in[0], repeats); },
                         .reference = [=](const auto& in) { return repeat_reference(in[0], repeats); },
                         .covers = "repeat"});
    };
    for (std::int64_t n : {0, 1, 31, 33}) add("vector", {{n}}, {3});
    add("once", {{5}}, {1});
    add("none", {{5, 2}}, {0, 2});
    add("scalar", {{}}, {3});
    add("matrix", {{2, 3}}, {3, 2});
    add("new dimensions", {{2, 3}}, {2, 1, 1, 2});
    add("sizes of 1", {{1, 3, 1}}, {4, 1, 2});
    add("transposed", {{5, 7}, Layout::transposed}, {2, 2});
    add("gaps", {{5, 7}, Layout::gaps}, {1, 2});
    add("broadcast", {{5, 7}, Layout::broadcast}, {2, 1});
    check_op(cases);
}

TEST_CASE("ops/repeat: a copy, of every dtype") {
    const Tensor x = tensor({1, 0}, {.dtype = DType::bf16});
    CHECK(values_of(repeat(x, {2})) == std::vector<double>{1, 0, 1, 0});
    CHECK(repeat(x, {1}).impl()->storage.get() != x.impl()->storage.get());
}

TEST_CASE("ops/repeat: errors") {
    std::string text;
    text = error_of([] { repeat(zeros({2, 3}), {2}); });
    CHECK(text == join("repeat: repeats (2,) for x (2, 3); there must be one for each dimension (repeat.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { repeat(zeros({2, 3}), {2, -1}); });
    CHECK(text == join("repeat: repeats (2, -1); they cannot be negative (repeat.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { repeat(zeros({1, 1, 1, 1, 1, 1, 1, 2}), {1, 1, 1, 1, 1, 1, 1, 2}); });
    CHECK(text == join("repeat: x (1, 1, 1, 1, 1, 1, 1, 2) has too many dimensions; allowed are 7 (repeat.cpp:", __LINE__ - 1, ")"));
}
