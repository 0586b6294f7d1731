#include "branches.h"

#include <algorithm>

namespace vitrine::kernels::simt {

void Branches::finish(unsigned block_threads, BranchTotals& totals) {
    for (const auto& [key, visits] : visits_) {
        const unsigned active = std::min(32u, block_threads - key.second * 32);
        const auto [least, most] = std::minmax_element(visits.by, visits.by + active);
        std::uint64_t lanes = 0;
        for (unsigned lane = 0; lane < active; ++lane) lanes += visits.by[lane];
        BranchTotal& total = totals[key.first];
        total.times += *most;
        total.in_part += *most - *least;
        total.lanes += lanes;
        total.idle += std::uint64_t(*most) * active - lanes;
    }
    visits_.clear();
}

}  // namespace vitrine::kernels::simt

namespace vitrine::kernels::simt::check {

constinit bool counting_branches = false;

}  // namespace vitrine::kernels::simt::check

extern "C" void __sanitizer_cov_trace_pc() {
    using namespace vitrine::kernels::simt::check;
    if (counting_branches) [[unlikely]]
        profile_block(__builtin_return_address(0));
}
