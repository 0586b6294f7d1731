// The examples of docs/reference/einsum.md.
#include "vitrine/core/ops/einsum.h"

#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"

namespace vt = vitrine;

TEST_CASE("reference/einsum: einsum") {
    vt::Tensor a = vt::tensor({{1.0, 2.0}, {3.0, 4.0}});
    CHECK(vt::einsum("ij,jk->ik", {a, a}).to_vector<float>() == std::vector<float>{7, 10, 15, 22});
    CHECK(vt::einsum("ii->", {a}).item<double>() == 5);
}
