// The examples of docs/reference/embedding.md.
#include <doctest/doctest.h>

#include <sstream>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/embedding.h"

namespace vt = vitrine;

TEST_CASE("reference/embedding: embedding") {
    vt::Tensor table = vt::tensor({{0.0, 0.0}, {1.0, 2.0}, {3.0, 4.0}});
    table.requires_grad_();
    vt::Tensor y = vt::embedding(table, vt::tensor({2, 0, 2}), {.padding_index = 0});  // (3, 2)
    y.backward(vt::ones({3, 2}));

    CHECK(y.to_vector<float>() == std::vector<float>{3, 4, 0, 0, 3, 4});
    CHECK(table.grad().to_vector<float>() == std::vector<float>{0, 0, 0, 0, 2, 2});
}

TEST_CASE("reference/embedding: embedding_backward") {
    vt::Tensor dy = vt::tensor({{1.0, 2.0}, {10.0, 20.0}});
    vt::Tensor dw = vt::embedding_backward(dy, vt::tensor({1, 1}), 3);  // three rows

    CHECK(dw.to_vector<float>() == std::vector<float>{0, 0, 11, 22, 0, 0});
}
