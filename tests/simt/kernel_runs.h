// One forward and one backward pass of every kernel family on device simt, in the sizes of the
// ops' test cases.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace vitrine::testing {

struct KernelRun {
    std::string family;  ///< "softmax"
    std::string name;
    /// All that the ops computed: values, then gradients.
    std::function<std::vector<double>()> run;
    bool in_every_order = true;  ///< false: forward and reverse are enough, of the many steps of the kernel ladders
};

std::vector<KernelRun> kernel_runs();

}  // namespace vitrine::testing
