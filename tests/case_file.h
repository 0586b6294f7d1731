// The cases of an op, run on the inputs of a file that data::export_case() wrote:
//
//     VITRINE_CASE=bad.safetensors build/release/tests/vitrine_tests --test-case='ops/softmax:*'
#pragma once

#include <vector>

#include "op_case.h"

namespace vitrine::testing {

/// Whether VITRINE_CASE names a file.
bool case_file_wanted();

/// Runs the file's call on every device, if these are cases of its op: outputs and gradients must be the file's, within the
/// tolerance of the first of them. (An op that no file can call is called as the case is that comes nearest to the file's
/// outputs, which is the one with the call's options.) Prints how long forward and backward take, and the bytes that must
/// move at least, in GB/s. When no case of the whole run is of the file's op, the program fails and says so.
void check_case_file(const std::vector<OpCase>& cases);

/// That the node's case, as a file would have it, says all that it takes to make the node's outputs and gradients again, if
/// it can be called from a file.
void check_case_of(const std::string& name, Node* node);

}  // namespace vitrine::testing
