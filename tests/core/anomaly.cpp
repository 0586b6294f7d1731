// The op that first made a NaN is named, with the line of its call.
#include "vitrine/core/anomaly.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <thread>

#include "op_case.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"

using namespace vitrine;
using vitrine::testing::error_of;
using vitrine::testing::values_of;

namespace {

Tensor leaf(std::initializer_list<double> values, Device device = Device::cpu) {
    return tensor(values, {.device = device, .requires_grad = true});
}

/// What a new thread gets to see of the environment.
std::string error_with_environment(const char* value, const std::function<void()>& f) {
    setenv("VITRINE_ANOMALY", value, 1);
    std::string text;
    std::thread([&] {
        try {
            f();
        } catch (const Error& error) {
            text = error.what();
        }
    }).join();
    unsetenv("VITRINE_ANOMALY");
    return text;
}

}  // namespace

TEST_CASE("core/anomaly: the op whose forward made a NaN is named") {
    for (Device device : available_devices()) {
        const Tensor x = leaf({1, -2, 3}, device);
        CHECK(std::isnan(values_of(exp(log(x * 2)))[1]));  // off: nobody says a word
        const DetectAnomaly detect;
        std::string text;
        text = error_of([&] { exp(log(x * 2)); });
        CHECK(text == join("log: made nan in its result (3,) at element 1 (anomaly.cpp:", __LINE__ - 1, ")"));
        CHECK(values_of(exp(x)).size() == 3);
    }
}

TEST_CASE("core/anomaly: a NaN from outside is no op's fault") {
    const Tensor x = leaf({1, -2}), bad = log(x), data = tensor({0.0, double{NAN}});
    const int line = __LINE__ - 1;
    const DetectAnomaly detect;
    std::string text;
    text = error_of([&] { x * data; });
    CHECK(text == join("mul: input 1 (2,) holds nan at element 1 already, from outside the graph (anomaly.cpp:", __LINE__ - 1, ")"));
    text = error_of([&] { exp(bad); });
    CHECK(text.starts_with(join("exp: input 0 (2,) holds nan at element 1 already, from log (anomaly.cpp:", line, ") (")));
    const NoGrad no_grad;
    CHECK(std::isnan(values_of(log(x))[1]));  // not recorded: not looked at
}

TEST_CASE("core/anomaly: the op whose backward made a NaN is named, and the input") {
    for (Device device : available_devices()) {
        const Tensor x = leaf({4, 0}, device), zero = tensor({1.0, 0.0}, {.device = device});
        const Tensor y = x * 1;
        const int made = __LINE__ - 1;
        const Tensor loss = sum(sqrt(y) * zero);
        const int line = __LINE__ - 1;
        std::string text;
        {
            const DetectAnomaly detect;
            text = error_of([&] { loss.backward({.retain_graph = true}); });
            CHECK(text == join("sqrt: backward made nan in the gradient of input 0 (2,), computed by mul (anomaly.cpp:", made,
                               "), at element 1 (anomaly.cpp:", line, ")"));
            text = error_of([&] { y.backward(tensor({double{NAN}, 1.0}, {.device = device}), {.retain_graph = true}); });
            CHECK(text == join("mul: the gradient of its output 0 (2,) holds nan at element 0 already (anomaly.cpp:", made, ")"));
            text = error_of([&] { sum(sqrt(x) * zero).backward(); });
            CHECK(text == join("sqrt: backward made nan in the gradient of input 0 (2,), a leaf, at element 1 (anomaly.cpp:", __LINE__ - 1, ")"));
        }
        loss.backward();
        CHECK(std::isnan(values_of(x.grad())[1]));
    }
}

TEST_CASE("core/anomaly: infinities on request") {
    const Tensor x = leaf({1000, 1});
    const DetectAnomaly detect;
    CHECK(std::isinf(values_of(exp(x))[0]));
    {
        const DetectAnomaly infinities({.inf = true});
        std::string text;
        text = error_of([&] { exp(x); });
        CHECK(text == join("exp: made inf in its result (2,) at element 0 (anomaly.cpp:", __LINE__ - 1, ")"));
    }
    CHECK(std::isinf(values_of(exp(x))[0]));
}

TEST_CASE("core/anomaly: the environment switches it on for a run") {
    const auto nan = [] { log(leaf({-1})); };
    const auto inf = [] { exp(leaf({1000})); };
    CHECK(error_with_environment("1", nan).starts_with("log: made nan"));
    CHECK(error_with_environment("1", inf) == "");
    CHECK(error_with_environment("inf", inf).starts_with("exp: made inf"));
    CHECK(error_with_environment("0", nan) == "");
    CHECK(error_with_environment("", nan) == "");
    CHECK(error_with_environment("yes", nan) == "VITRINE_ANOMALY is \"yes\"; allowed are 0, 1 and inf");
}
