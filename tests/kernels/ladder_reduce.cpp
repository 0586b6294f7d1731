#include "cases/reduce.h"
#include "kernels/ladder.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("kernels/ladder_reduce: every step computes what the op computes") {
    std::vector<OpCase> cases = reduce_cases(sum, sum_of, true);
    cases.push_back(reduce_case("cut into pieces", sum, sum_of, {{70001}}, {}));
    cases.push_back(reduce_case("rows in pieces", sum, sum_of, {{3, 35003}}, {1}));
    cases.push_back(reduce_case("a block of packs", mean, mean_of, {{2, 1024}}, {1}));
    cases.push_back(reduce_case("rows that begin anywhere", mean, mean_of, {{5, 1027}}, {1}));
    check_ladder(Ladder::reduce, cases);
}
