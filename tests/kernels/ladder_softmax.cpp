#include "cases/softmax.h"
#include "kernels/ladder.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("kernels/ladder_softmax: every step computes what the op computes") {
    std::vector<OpCase> cases = softmax_cases();
    for (const bool log : {false, true}) {
        cases.push_back(softmax_case("whole packs", {{3, 128}}, 1, log));
        cases.push_back(softmax_case("one more than the registers hold", {{2, 1025}}, 1, log));
        cases.push_back(softmax_case("packs beyond the registers", {{2, 2052}}, 1, log));
        cases.push_back(softmax_case("one more than shared memory keeps", {{1, 4097}}, 1, log));
    }
    check_ladder(Ladder::softmax, cases);
}
