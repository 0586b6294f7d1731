#include "cases/softmax.h"
#include "kernels/ladder.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("kernels/ladder_softmax: every step computes what the op computes") {
    std::vector<OpCase> cases = softmax_cases();
    for (const bool log : {false, true}) {
        cases.push_back(softmax_case("whole packs", {{3, 128}}, 1, log));
        cases.push_back(softmax_case("one more than the registers hold", {{2, 1025}}, 1, log));
    }
    check_ladder(Ladder::softmax, cases);
}

TEST_CASE("kernels/ladder_softmax: rows longer than a block keeps") {
    {
        const KernelStepScope scope(Ladder::softmax, KernelStep::vectorised);
        check_step(softmax_case("packs beyond the registers", {{2, 2052}}, 1, true), DType::f32, 1e-5);
    }
    const KernelStepScope scope(Ladder::softmax, KernelStep::tiled);
    for (const bool log : {false, true})
        check_step(softmax_case("one more than shared memory keeps", {{1, 4097}}, 1, log), DType::f64, 1e-12);
}
