// The table of docs/ladders.md, measured again: requests to memory, what they cost, and barriers of every step.
#include "vitrine/config.h"
#if VITRINE_SIMT_CHECK && !defined(__clang__)  // the page's numbers are g++'s; clang merges other accesses

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ladder.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/layer_norm.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/simt/check/profile.h"

using namespace vitrine;
namespace simt = vitrine::kernels::simt;

namespace {

struct Memory {
    std::uint64_t requests = 0, cost = 0, ideal = 0;

    void add(const simt::ProfileLine& line) { requests += line.requests, cost += line.cost, ideal += line.ideal; }
    std::string text() const { return join(requests, " | ", cost, " | ", cost - ideal); }
};

Tensor run(Ladder ladder, const Tensor& rows, const Tensor& tall) {
    switch (ladder) {
        case Ladder::matmul: return matmul(tall, tall.reshape({32, 128}));
        case Ladder::softmax: return softmax(rows, 1);
        case Ladder::reduce: return sum(rows, 1);
        case Ladder::layer_norm: return layer_norm(rows, {512});
    }
    return rows;
}

/// Of global memory and of shared memory: requests, what they cost, what of that the best pattern would save. Barriers.
std::string row_of(Ladder ladder, KernelStep step) {
    const NoGrad no_grad;
    const KernelStepScope scope(ladder, step);
    const TensorOptions f32{.dtype = DType::f32, .device = Device::simt};
    const Tensor rows = ones({32, 512}, f32), tall = ones({128, 32}, f32);
    simt::clear_profile();
    simt::set_profiling(true);
    run(ladder, rows, tall);
    simt::set_profiling(false);
    Memory global, shared;
    std::uint64_t barriers = 0;
    for (const simt::ProfileKernel& kernel : simt::profile()) {
        barriers += kernel.barriers;
        for (const simt::ProfileLine& line : kernel.lines)
            (std::string(line.memory) == "global" ? global : shared).add(line);
    }
    simt::clear_profile();
    return join("| ", ladder, " | `", step, "` | ", global.text(), " | ", shared.text(), " | ", barriers, " |");
}

}  // namespace

TEST_CASE("simt/check_ladders: the table of docs/ladders.md") {
    std::ifstream file(VITRINE_SOURCE_DIR "/docs/ladders.md");
    std::stringstream page;
    page << file.rdbuf();
    for (const Ladder ladder : {Ladder::matmul, Ladder::softmax, Ladder::reduce, Ladder::layer_norm})
        for (const KernelStep step : kernel_steps(ladder)) {
            const std::string row = row_of(ladder, step);
            CHECK_MESSAGE(page.str().find(row) != std::string::npos, "docs/ladders.md lacks ", row);
        }
}

#endif
