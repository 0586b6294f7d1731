// Which lanes of a warp come by each place of a kernel. Part of the profile: docs/profile.md.
//
// The compiler calls __sanitizer_cov_trace_pc() at the begin of every basic block, the code between two branches
// (-fsanitize-coverage=trace-pc, cmake/vitrine_simt_check.cmake). A warp's k-th time at a block is that of those lanes
// that come by at least k times between two barriers: where some do not, the others wait for them, or the other way
// round.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>

namespace vitrine::kernels::simt {

/// A basic block of a kernel, over all warps.
struct BranchTotal {
    std::uint64_t times = 0;    ///< that a warp, or a part of one, came by
    std::uint64_t in_part = 0;  ///< of those, that some of its lanes did not
    std::uint64_t lanes = 0;    ///< that came by, of all times
    std::uint64_t idle = 0;     ///< that did not
};

/// By return address: the begin of the block.
using BranchTotals = std::unordered_map<const void*, BranchTotal>;

class Branches {
public:
    void come_by(const void* pc, unsigned thread) { ++visits_[{pc, thread / 32}].by[thread % 32]; }
    /// Adds what came by since the last call, in a block of threads of that size.
    void finish(unsigned block_threads, BranchTotals& totals);
    void forget() { visits_.clear(); }

private:
    struct Visits {
        std::uint32_t by[32] = {};  // each lane
    };
    std::map<std::pair<const void*, unsigned>, Visits> visits_;  // by block and warp
};

namespace check {

/// Whether a kernel is under way whose branches are counted: each basic block asks.
extern constinit bool counting_branches;

/// The running thread begins a basic block.
void profile_block(const void* pc);

}  // namespace check

}  // namespace vitrine::kernels::simt
