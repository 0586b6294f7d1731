// Which step of its kernel ladder an op runs on devices cuda and simt (docs/ladders.md).
//
//     set_kernel_step(Ladder::matmul, KernelStep::tiled);        // from now on
//     KernelStepScope naive(Ladder::softmax, KernelStep::naive); // until the end of the block
//     VITRINE_LADDER=matmul=tiled,softmax=naive ./program        // without a change to the program
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "site.h"
#include "vitrine/kernels/base/kernel_step.h"

namespace vitrine {

using kernels::KernelStep;

/// The ops that have a ladder.
enum class Ladder {
    matmul,      ///< matmul and linear, forward and backward
    softmax,     ///< softmax and log_softmax, forward
    reduce,      ///< sum and mean
    layer_norm,  ///< layer_norm, forward
};

/// The steps of a ladder, from the bottom.
std::vector<KernelStep> kernel_steps(Ladder ladder);

/// From now on, in every thread, the op runs this step. The default is KernelStep::automatic, or what VITRINE_LADDER in
/// the environment says. Throws Error for a step that the ladder does not have; this and the functions below also if
/// VITRINE_LADDER cannot be read.
void set_kernel_step(Ladder ladder, KernelStep step, Site site = Site::here());
KernelStep kernel_step(Ladder ladder);
/// set_kernel_step for each of "matmul=tiled,softmax=naive". Throws Error for a text that cannot be read.
void set_kernel_steps(const std::string& choices, Site site = Site::here());

/// While one lives, an op runs a step of its ladder.
class KernelStepScope {
public:
    KernelStepScope(Ladder ladder, KernelStep step, Site site = Site::here());
    ~KernelStepScope();
    KernelStepScope(const KernelStepScope&) = delete;
    KernelStepScope& operator=(const KernelStepScope&) = delete;

private:
    Ladder ladder_;
    KernelStep outer_;
};

/// "matmul", "register_tiled": the name of the enumerator.
std::ostream& operator<<(std::ostream& out, Ladder ladder);

}  // namespace vitrine

namespace vitrine::kernels {
std::ostream& operator<<(std::ostream& out, KernelStep step);
}  // namespace vitrine::kernels
