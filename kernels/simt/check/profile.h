// What each line of a kernel costs in memory requests: docs/profile.md. Part of the checker's build.
//
// A request is an instruction's k-th execution by the lanes of one warp between two barriers. The
// compiler announces each lane's access (callbacks.cpp); here they are put together again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "vitrine/kernels/simt/language.h"

#include "access.h"
#include "arrays.h"

namespace vitrine::kernels::simt {

struct KernelCall;

/// The accesses of one line of a kernel to one kind of memory.
struct ProfileLine {
    std::string place;   ///< "softmax_cuda.cu:27", "histogram.cu:9 (atomicAdd)"
    const char* access;  ///< "read", "write" or "atomic"
    const char* memory;  ///< "global" or "shared"
    std::uint64_t requests = 0;
    std::uint64_t cost = 0;   ///< of all requests: sectors of global memory, passes of shared memory
    std::uint64_t ideal = 0;  ///< the least that the same bytes could cost: profile_cost.h
    std::uint64_t lanes = 0;  ///< that took part in all requests; 32 a request where none branched off
};

/// A line where warps came apart.
struct ProfileBranch {
    std::string place;          ///< "softmax_cuda.cu:27"
    std::uint64_t times = 0;    ///< that a warp came by: of the line's basic blocks, the one with the most idle lanes
    std::uint64_t in_part = 0;  ///< of those, without some of its lanes
    std::uint64_t lanes = 0;    ///< that came by, of all times
    std::uint64_t idle = 0;     ///< that did not
};

struct ProfileKernel {
    std::string name;
    unsigned block_threads = 0;     ///< of the last launch
    std::size_t shared_bytes = 0;   ///< dynamic, and the static arrays that were touched
    std::uint64_t launches = 0, blocks = 0, barriers = 0;
    std::vector<ProfileLine> lines;  ///< what costs most above its ideal comes first
    std::vector<ProfileBranch> branches;  ///< most idle lanes first
};

/// Counts from now on, or no longer. VITRINE_SIMT_PROFILE=1 in the environment does it for a whole
/// run and writes profile_table() to stderr at its end; VITRINE_SIMT_PROFILE=FILE.json writes
/// profile_json() to that file. Throws vitrine::Error for another value.
void set_profiling(bool on);
/// What was counted, kernel by kernel in the order of their first launches.
std::vector<ProfileKernel> profile();
void clear_profile();

std::string profile_table(const std::vector<ProfileKernel>& kernels);
std::string profile_json(const std::vector<ProfileKernel>& kernels);

// ---- called by the checker

namespace check {

extern bool profiling;

void profile_launch(const KernelCall& call, dim3 grid, dim3 block, std::size_t shared_bytes);
void profile_access(const Access& access, const Array& array, unsigned thread);
void profile_barrier();
void profile_block_ends();

}  // namespace check

}  // namespace vitrine::kernels::simt
