// The examples of docs/reference/batch_norm.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/batch_norm.h"
#include "vitrine/core/ops/creation.h"

namespace vt = vitrine;

TEST_CASE("reference/batch_norm: batch_norm") {
    vt::Tensor x = vt::tensor({{1.0, 0.0}, {3.0, 4.0}});              // two rows, two channels
    vt::Tensor mean = vt::zeros({2}), var = vt::ones({2});            // running statistics
    vt::Tensor y = vt::batch_norm(x, {}, {}, mean, var, {.training = true});
    // y is (-1, -1), (1, 1) but for eps; mean has moved a tenth of the way, to (0.2, 0.2)
    CHECK(y.at<float>({1, 0}) == doctest::Approx(1).epsilon(1e-4));
    CHECK(mean.at<float>({1}) == doctest::Approx(0.2));
    vt::Tensor around = vt::tensor({{0.0, 0.5}, {0.0, 0.5}});
    vt::Tensor z = vt::batch_norm_add_relu(x, around, {}, {}, mean, var, {.training = true});  // (0, 0), (1, 1.5)
    CHECK(z.at<float>({0, 1}) == 0);
    CHECK(z.at<float>({1, 1}) == doctest::Approx(1.5).epsilon(1e-4));
}
