#include "vitrine/core/ladder.h"

#include <doctest/doctest.h>

#include "vitrine/kernels/base/error.h"

using namespace vitrine;

TEST_CASE("core/ladder: a step holds until another is set, a scope puts the old one back") {
    CHECK(kernel_step(Ladder::softmax) == KernelStep::automatic);
    {
        const KernelStepScope scope(Ladder::softmax, KernelStep::tiled);
        CHECK(kernel_step(Ladder::softmax) == KernelStep::tiled);
        CHECK(kernel_step(Ladder::matmul) == KernelStep::automatic);
        set_kernel_step(Ladder::softmax, KernelStep::naive);
        CHECK(kernel_step(Ladder::softmax) == KernelStep::naive);
    }
    CHECK(kernel_step(Ladder::softmax) == KernelStep::automatic);
    CHECK(kernel_steps(Ladder::softmax).size() == 5);
    CHECK(join(Ladder::layer_norm, " ", KernelStep::register_tiled) == "layer_norm register_tiled");
}
