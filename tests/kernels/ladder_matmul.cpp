#include "cases/matmul.h"
#include "kernels/ladder.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("kernels/ladder_matmul: every step computes what the op computes") {
    std::vector<OpCase> cases = matmul_cases();
    for (const Layout layout : {Layout::rows, Layout::transposed}) {
        cases.push_back(matmul_case("whole packs", {{12, 16}, layout}, {{16, 20}, layout}));
        cases.push_back(matmul_case("one more than a tile", {{129, 9}, layout}, {{9, 130}, layout}));
    }
    cases.push_back(linear_case("whole packs", {{{8, 16}}, {{12, 16}}, {{12}}}));
    check_ladder(Ladder::matmul, cases);
}
