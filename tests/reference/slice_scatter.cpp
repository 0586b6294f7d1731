// The examples of docs/reference/slice_scatter.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/slice_scatter.h"

namespace vt = vitrine;

TEST_CASE("reference/slice_scatter: slice_scatter") {
    vt::Tensor x = vt::zeros({2, 4}, {.requires_grad = true}), src = vt::ones({2, 2}, {.requires_grad = true});
    vt::Tensor y = vt::slice_scatter(x, src, 1, 0, 4, 2);  // columns 0 and 2
    vt::sum(y).backward();

    CHECK(y.to_vector<float>() == std::vector<float>{1, 0, 1, 0, 1, 0, 1, 0});
    CHECK(x.grad().to_vector<float>() == std::vector<float>{0, 1, 0, 1, 0, 1, 0, 1});
    CHECK(src.grad().to_vector<float>() == std::vector<float>{1, 1, 1, 1});
}
