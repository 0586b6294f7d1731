// The examples of docs/reference/dropout.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/reduce.h"

namespace vt = vitrine;

TEST_CASE("reference/dropout: dropout") {
    vt::Generator random(7);
    vt::Tensor x = vt::ones({1000});
    vt::Tensor y = vt::dropout(x, 0.25, true, random);
    double kept = vt::sum((y > 0).to(vt::float32)).item<double>() / 1000;
    CHECK(kept == doctest::Approx(0.75).epsilon(0.05));
    CHECK(vt::max(y).item<double>() == doctest::Approx(1 / 0.75));
    CHECK(vt::dropout(x, 0.25, false).to_vector<float>() == x.to_vector<float>());
    vt::Tensor z = vt::dropout_add(x, x, 0.25, true, random);  // 1 where x is dropped, else 1 + 4 / 3
    CHECK(vt::min(z).item<double>() == 1);
    CHECK(vt::max(z).item<double>() == doctest::Approx(1 + 1 / 0.75));
}
