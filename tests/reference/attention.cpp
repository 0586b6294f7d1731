// The examples of docs/reference/attention.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/attention.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/view.h"

namespace vt = vitrine;

TEST_CASE("reference/attention: scaled_dot_product_attention") {
    // Scores 0 and ln 3: the second key weighs three times the first.
    vt::Tensor q = vt::tensor({{1.0}}), k = vt::tensor({{0.0}, {1.0986123}}), v = vt::tensor({{4.0}, {8.0}});
    vt::Tensor o = vt::scaled_dot_product_attention(q, k, v);  // (1, 1): 4/4 + 3 * 8/4

    CHECK(o.item<float>() == doctest::Approx(7));
}

TEST_CASE("reference/attention: heads of a layer") {
    const std::int64_t B = 2, T = 5, H = 4, D = 8;
    vt::Tensor x = vt::randn({B, T, H * D});
    vt::Tensor heads = x.reshape({B, T, H, D}).transpose(1, 2);  // (B, H, T, D), a view
    vt::Tensor o = vt::scaled_dot_product_attention(heads, heads, heads, {.causal = true, .dropout_p = 0.1});
    vt::Tensor y = o.transpose(1, 2).reshape({B, T, H * D});     // a view again

    CHECK(y.shape() == vt::Shape{2, 5, 32});
}

TEST_CASE("reference/attention: attention_weights") {
    vt::Tensor q = vt::zeros({2, 1}), k = vt::zeros({2, 1});
    vt::Tensor p = vt::attention_weights(q, k, {.causal = true});

    CHECK(p.to_vector<float>() == std::vector<float>{1, 0, 0.5, 0.5});
}
