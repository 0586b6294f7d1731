// The cases of an op, run on the inputs of a file that data::export_case() wrote:
//
//     VITRINE_CASE=bad.safetensors build/release/tests/vitrine_tests --test-case='ops/softmax:*'
#pragma once

#include <vector>

#include "op_case.h"

namespace vitrine::testing {

/// Whether VITRINE_CASE names a file.
bool case_file_wanted();

/// Runs the one of these cases that is the file's call (its op, as many inputs, and of those with another option the one
/// that comes nearest to the file's outputs) on the file's inputs, on every device: outputs and gradients must be the
/// file's. Prints how long forward and backward take, and the bytes that must move at least, in GB/s. When no case of the
/// whole run is the file's, the program fails and says so.
void check_case_file(const std::vector<OpCase>& cases);

/// That the node's case, as a file would have it, says all that it takes to make the node's outputs and gradients again;
/// and that the ops of which that is not so are those of docs/verify.md.
void check_case_of(const std::string& name, Node* node);

}  // namespace vitrine::testing
