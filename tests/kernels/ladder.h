// Runs the cases of an op with every step of its kernel ladder.
#pragma once

#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ladder.h"

namespace vitrine::testing {

/// The op's values against its reference, on every device but cpu, which has no ladder.
inline void check_step(const OpCase& c, DType dtype, double tolerance) {
    const NoGrad no_grad;
    for (const Device device : available_devices()) {
        if (device == Device::cpu) continue;
        const auto inputs = make_inputs(c, dtype, device);
        std::vector<Array> arrays;
        for (const Tensor& x : inputs) arrays.push_back(to_array(x));
        const std::vector<double> y = values_of(c.op(inputs)), wanted = c.reference(arrays);
        REQUIRE(y.size() == wanted.size());
        for (std::size_t i = 0; i < y.size(); ++i) {
            const bool close = y[i] == wanted[i] || (std::isnan(y[i]) && std::isnan(wanted[i])) ||
                               std::fabs(y[i] - wanted[i]) <= tolerance * (1 + std::fabs(wanted[i]));
            if (close) continue;
            FAIL_CHECK(c.name, " [", dtype, " on ", device, "]: element ", i, " is ", y[i], ", reference ", wanted[i]);
            break;
        }
    }
}

/// Every step but tensor_cores, in both dtypes.
inline void check_ladder(Ladder ladder, const std::vector<OpCase>& cases) {
    for (const KernelStep step : kernel_steps(ladder)) {
        if (step == KernelStep::tensor_cores) continue;
        const KernelStepScope scope(ladder, step);
        CAPTURE(step);
        for (const OpCase& c : cases) {
            check_step(c, DType::f32, c.f32_tolerance);
            check_step(c, DType::f64, c.f64_tolerance);
        }
    }
}

}  // namespace vitrine::testing
