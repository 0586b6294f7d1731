#include "vitrine/core/ladder.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/matmul.h"

using namespace vitrine;
using vitrine::testing::error_of;

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
    CHECK(kernel_steps(Ladder::matmul).back() == KernelStep::tensor_cores);
    CHECK(join(Ladder::layer_norm, " ", KernelStep::register_tiled) == "layer_norm register_tiled");
}

TEST_CASE("core/ladder: errors name the ladder or the op, the step and the line") {
    std::string text = error_of([] { set_kernel_step(Ladder::softmax, KernelStep::tensor_cores); });
    int line = __LINE__ - 1;
    CHECK(text == join("set_kernel_step: softmax has no step tensor_cores; allowed are automatic, naive, coalesced, "
                       "tiled, register_tiled, vectorised (ladder.cpp:", line, ")"));
    CHECK(kernel_step(Ladder::softmax) == KernelStep::automatic);

    const KernelStepScope scope(Ladder::matmul, KernelStep::tensor_cores);
    CHECK(matmul(ones({2, 3}, {.dtype = DType::f64}), ones({3}, {.dtype = DType::f64})).numel() == 2);  // cpu has no ladder
    if (!is_available(Device::simt)) return;
    const Tensor x = ones({2, 3}, {.dtype = DType::f64, .device = Device::simt});
    text = error_of([&] { matmul(x, x); });
    line = __LINE__ - 1;
    CHECK(text == join("matmul: a is f64; the kernel step tensor_cores multiplies f32 (ladder.cpp:", line, ")"));
}

TEST_CASE("core/ladder: steps as text, which is what VITRINE_LADDER holds") {
    const KernelStepScope matmul_afterwards(Ladder::matmul, KernelStep::automatic);
    const KernelStepScope softmax_afterwards(Ladder::softmax, KernelStep::automatic);
    set_kernel_steps("matmul=tiled,softmax=naive");
    CHECK(kernel_step(Ladder::matmul) == KernelStep::tiled);
    CHECK(kernel_step(Ladder::softmax) == KernelStep::naive);
    set_kernel_steps("");
    CHECK(kernel_step(Ladder::matmul) == KernelStep::tiled);
    set_kernel_steps("matmul=automatic");
    CHECK(kernel_step(Ladder::matmul) == KernelStep::automatic);

    const auto told = [](const char* choices) {
        const std::string text = error_of([&] { set_kernel_steps(choices); });
        return text.substr(0, text.find(" (ladder.cpp:"));
    };
    CHECK(told("matmul") == "set_kernel_steps: matmul; it must be OP=STEP, several with commas between them");
    CHECK(told("matmul=tiled,,") == "set_kernel_steps: ; it must be OP=STEP, several with commas between them");
    CHECK(told("conv=naive") ==
          "set_kernel_steps: conv=naive; the ops with a ladder are matmul, softmax, reduce and layer_norm");
    CHECK(told("reduce=fast") ==
          "set_kernel_steps: reduce=fast; the steps of reduce are automatic, naive, coalesced, tiled, register_tiled, "
          "vectorised");
}
