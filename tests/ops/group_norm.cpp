#include "cases/group_norm.h"

#include <doctest/doctest.h>

#include "vitrine/core/device.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("ops/group_norm: values, gradients and second derivatives on every device") {
    check_op(group_norm_cases());
    for (const OpCase& c : large_group_norm_cases()) check_values(c);
}

TEST_CASE("ops/group_norm: images keep their channels together; the same bits at one and two threads") {
    const int before = num_threads();
    manual_seed(3);
    const Tensor x = randn({64, 32, 9, 9}), w = randn({32}).requires_grad_();
    const auto run = [&] {
        w.set_grad({});
        const Tensor y = group_norm(x, 8, w);
        CHECK(y.strides() == Strides{2592, 1, 288, 32});
        sum(y * x).backward();
        return std::pair(y.to_vector<float>(), w.grad().to_vector<float>());
    };
    set_num_threads(1);
    const auto one = run();
    set_num_threads(2);
    CHECK(run() == one);
    set_num_threads(before);
}

TEST_CASE("ops/group_norm: errors name the op, what was given, what is allowed and the line") {
    const Tensor x = zeros({2, 6, 4, 4});
    std::string text = error_of([&] { group_norm(x, 4); });
    CHECK(text == join("group_norm: 4 groups for x (2, 6, 4, 4); groups must divide its 6 channels (group_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { group_norm(x, 0); });
    CHECK(text == join("group_norm: 0 groups for x (2, 6, 4, 4); groups must divide its 6 channels (group_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { group_norm(zeros({6}), 2); });
    CHECK(text == join("group_norm: x (6,); it must be (N, C, ...) (group_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { group_norm(x, 2, zeros({2})); });
    CHECK(text == join("group_norm: weight (2,) for x (2, 6, 4, 4); it must be (6,), one value for each channel (group_norm.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { group_norm(x, 2, {}, {}, -1); });
    CHECK(text == join("group_norm: eps -1; it must be above 0 (group_norm.cpp:", __LINE__ - 1, ")"));
}
