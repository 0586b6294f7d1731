// cat and stack: values and gradients, errors.
#include "vitrine/core/ops/cat.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;
using Values = std::vector<double>;

TEST_CASE("ops/cat: along each axis, with an empty part") {
    std::vector<OpCase> cases;
    cases.push_back({.name = "rows",
                     .inputs = {{{2, 3}}, {{0, 3}}, {{1, 3}, Layout::gaps}},
                     .op = [](const std::vector<Tensor>& in) { return cat(in, 0); },
                     .reference = [](const std::vector<Array>& in) {
                         Values y = in[0].values;
                         y.insert(y.end(), in[2].values.begin(), in[2].values.end());
                         return y;
                     }});
    cases.push_back({.name = "columns",
                     .inputs = {{{2, 3}}, {{2, 1}, Layout::transposed}},
                     .op = [](const std::vector<Tensor>& in) { return cat(in, -1); },
                     .reference = [](const std::vector<Array>& in) {
                         Values y;
                         for (std::int64_t i = 0; i < 2; ++i) {
                             for (std::int64_t j = 0; j < 3; ++j) y.push_back(in[0].values[static_cast<std::size_t>(3 * i + j)]);
                             y.push_back(in[1].values[static_cast<std::size_t>(i)]);
                         }
                         return y;
                     }});
    check_op(cases);
}

TEST_CASE("ops/cat: stack along each axis") {
    std::vector<OpCase> cases;
    for (const std::int64_t axis : {0, 1, 2, -1}) {
        cases.push_back({.name = "stack",
                         .inputs = {{{2, 3}}, {{2, 3}, Layout::transposed}, {{2, 3}, Layout::gaps}},
                         .op = [=](const std::vector<Tensor>& in) { return stack(in, axis); },
                         .reference = [=](const std::vector<Array>& in) {
                             const std::int64_t a = axis < 0 ? axis + 3 : axis, inner = a == 0 ? 6 : a == 1 ? 3 : 1;
                             Values y(18);
                             for (std::int64_t i = 0; i < 3; ++i)
                                 for (std::int64_t e = 0; e < 6; ++e)
                                     y[static_cast<std::size_t>((e / inner * 3 + i) * inner + e % inner)] =
                                         in[static_cast<std::size_t>(i)].values[static_cast<std::size_t>(e)];
                             return y;
                         },
                         .covers = "stack"});
    }
    cases.push_back({.name = "scalars",
                     .inputs = {{{}}, {{}}},
                     .op = [](const std::vector<Tensor>& in) { return stack(in); },
                     .reference = [](const std::vector<Array>& in) { return Values{in[0].values[0], in[1].values[0]}; },
                     .covers = "stack"});
    check_op(cases);
}

TEST_CASE("ops/cat: images keep their channels last") {
    const Tensor x = make_channels_last({2, 3, 4, 5}, DType::f32, Device::cpu);
    CHECK(cat({x, x}, 1).strides() == channels_last_strides({2, 6, 4, 5}));
}

TEST_CASE("ops/cat: errors say what was given and what is allowed") {
    const Tensor x = zeros({2, 6});
    CHECK(error_of([] { cat({}); }) == join("cat: no tensors were given (cat.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { cat({x, zeros({3, 5})}); }).starts_with("cat: tensor 0 is (2, 6) and tensor 1 (3, 5); they may differ on axis 0 alone"));
    CHECK(error_of([&] { cat({x, zeros({1, 6}, {.dtype = DType::f64})}); }).starts_with("cat: tensor 0 is f32 and tensor 1 f64"));
    std::string text;
    text = error_of([&] { cat({x, Tensor()}); });
    CHECK(text == join("cat: tensor 1 is undefined (cat.cpp:", __LINE__ - 1, ")"));
    text = error_of([] { stack({}); });
    CHECK(text == join("stack: no tensors were given (cat.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { stack({x, zeros({2, 5})}); });
    CHECK(text == join("stack: tensor 0 is (2, 6) and tensor 1 (2, 5); both must have one shape (cat.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { stack({x, x}, 3); });
    CHECK(text == join("stack: axis 3 for tensors (2, 6); allowed are -3 to 2 (cat.cpp:", __LINE__ - 1, ")"));
}
