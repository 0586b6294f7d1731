// Checks of a model's gradients.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "op_case.h"
#include "vitrine/nn/any_module.h"

namespace vitrine::testing {

/// After a backward: every parameter has a gradient, and not of zeros alone.
inline void check_parameters_have_gradients(const nn::AnyModule& net) {
    for (const auto& named : net.named_parameters()) {
        INFO(named.first);
        REQUIRE(named.second.grad().defined());
        double largest = 0;
        for (double g : values_of(named.second.grad())) largest = std::max(largest, std::fabs(g));
        CHECK(largest > 0);
    }
}

}  // namespace vitrine::testing
