// What one request of a warp to memory costs on a GPU. Part of the profile: docs/profile.md.
//
//   global   Memory moves in sectors of 32 bytes: the cost is how many of them the request touches.
//   shared   32 banks, each of which gives one word of 4 bytes in a pass; lanes that read one word
//            share it. Elements of 8 bytes are served half a warp at a time, of 16 a quarter. The
//            cost is the number of passes.
//   atomics  Lanes that change one place wait for each other: one pass for each.
//
// Ideal is the least that the same bytes could cost: side by side in as few sectors as hold them,
// or in one pass for each (half, quarter) warp that takes part.
#pragma once

#include <cstdint>

namespace vitrine::kernels::simt {

struct Request {
    unsigned lanes = 0;                ///< which take part, a bit for each
    unsigned bytes = 4;                ///< of a lane: at most 16
    std::uintptr_t address[32] = {};   ///< in shared memory from the array's begin
};

struct RequestCost {
    unsigned paid = 0, ideal = 0;
};

RequestCost global_cost(const Request& request, bool is_atomic);
RequestCost shared_cost(const Request& request, bool is_atomic);

}  // namespace vitrine::kernels::simt
