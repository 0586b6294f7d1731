// What the cases of the ops measured: op by op, device by device. The reporter `ops_table` writes it as docs/ops.md:
//
//     build/release/tests/vitrine_tests --test-case='ops/*' --reporters=ops_table --out=docs/ops.md
//
// The reporter `ops_times` runs the same cases for their time instead: a call of each on the cpu in f32, forward with the graph and
// backward. The sizes are those of tests, so it shows what a call costs; bench/ops has the sizes of training.
#pragma once

#include <string>

#include "vitrine/core/device.h"
#include "vitrine/core/dtype.h"

namespace vitrine::testing {

enum class Pass { forward, backward, double_backward };

/// Notes that `op` was compared with its reference, and the largest |got - wanted| / (1 + |wanted|) seen.
void cover(const std::string& op, Pass pass, Device device, DType dtype, double error);

/// True when times are asked for.
bool times_wanted();
/// Notes how long a call of a case took, in microseconds.
void note_time(const std::string& op, const std::string& name, double forward_us, double backward_us);

}  // namespace vitrine::testing
