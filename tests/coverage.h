// What the cases of the ops measured: op by op, device by device. The reporter `ops_table` writes it as docs/ops.md:
//
//     build/release/tests/vitrine_tests --test-case='ops/*' --reporters=ops_table --out=docs/ops.md
#pragma once

#include <string>

#include "vitrine/core/device.h"
#include "vitrine/core/dtype.h"

namespace vitrine::testing {

enum class Pass { forward, backward, double_backward };

/// Notes that `op` was compared with its reference, and the largest |got - wanted| / (1 + |wanted|) seen.
void cover(const std::string& op, Pass pass, Device device, DType dtype, double error);

}  // namespace vitrine::testing
