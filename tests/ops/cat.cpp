// cat: values and gradients, errors.
#include "vitrine/core/ops/cat.h"

#include <doctest/doctest.h>

#include "op_case.h"
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

TEST_CASE("ops/cat: errors say what was given and what is allowed") {
    const Tensor x = zeros({2, 6});
    CHECK(error_of([] { cat({}); }) == join("cat: no tensors were given (cat.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { cat({x, zeros({3, 5})}); }).starts_with("cat: tensor 0 is (2, 6) and tensor 1 (3, 5); they may differ on axis 0 alone"));
    CHECK(error_of([&] { cat({x, zeros({1, 6}, {.dtype = DType::f64})}); }).starts_with("cat: tensor 0 is f32 and tensor 1 f64"));
}
