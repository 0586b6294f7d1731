#include "occupancy.h"

namespace vitrine::kernels::simt {

Occupancy occupancy(const Multiprocessor& m, unsigned block_threads, std::size_t shared_bytes) {
    const unsigned whole_warps = (block_threads + 31) / 32 * 32;
    const std::size_t shared = shared_bytes + 1024;
    Occupancy most{m.threads / whole_warps, 0, "threads"};
    if (m.shared_bytes / shared < most.blocks)
        most = {static_cast<unsigned>(m.shared_bytes / shared), 0, "shared memory"};
    if (m.blocks < most.blocks) most = {m.blocks, 0, "blocks"};
    most.threads = most.blocks * whole_warps;
    return most;
}

}  // namespace vitrine::kernels::simt
