// CUDA's other names for asynchronous copies: <cuda_pipeline.h> and
// <cooperative_groups/memcpy_async.h>.
#pragma once

#include <cstddef>
#include <cstdint>

#include "async_copy.h"
#include "cooperative_groups.h"
#include "site.h"

inline namespace vitrine_simt {

/// Of the last `zeros` of the 4, 8 or 16 bytes, 0 is written.
inline void __pipeline_memcpy_async(void* shared, const void* global, std::size_t bytes,
                                    std::size_t zeros = 0, VITRINE_SIMT_CALLER) {
    const vitrine::kernels::simt::Site site{"__pipeline_memcpy_async", caller_file, caller_line};
    if (bytes != 4 && bytes != 8 && bytes != 16)
        vitrine::kernels::simt::fail("copies 4, 8 or 16 bytes", site);
    vitrine::kernels::simt::issue_copy(shared, global, bytes, static_cast<int>(bytes - zeros),
                                       site);
}
inline void __pipeline_commit() { vitrine::kernels::simt::commit_copies(); }
/// Waits for all groups but the last `groups`.
inline void __pipeline_wait_prior(std::size_t groups, VITRINE_SIMT_CALLER) {
    vitrine::kernels::simt::wait_for_copies(groups,
                                            {"__pipeline_wait_prior", caller_file, caller_line});
}

}  // namespace vitrine_simt

namespace cooperative_groups {

/// The threads of the group copy `bytes` together, as one group of copies each.
template <class Group>
void memcpy_async(const Group& group, void* to, const void* from, std::size_t bytes,
                  VITRINE_SIMT_CALLER) {
    const auto places =
        reinterpret_cast<std::uintptr_t>(to) | reinterpret_cast<std::uintptr_t>(from) | bytes;
    const std::size_t piece = places % 16 == 0 ? 16 : places % 4 == 0 ? 4 : 1;
    for (std::size_t at = group.thread_rank() * piece; at < bytes; at += group.size() * piece)
        simt::issue_copy(static_cast<char*>(to) + at, static_cast<const char*>(from) + at, piece,
                         static_cast<int>(piece), {"memcpy_async", caller_file, caller_line});
    simt::commit_copies();
}
/// Waits for all copies of all threads of the group but each one's last `Groups`.
template <unsigned Groups, class Group>
void wait_prior(const Group& group, VITRINE_SIMT_CALLER) {
    simt::wait_for_copies(Groups, {"wait_prior", caller_file, caller_line});
    group.sync(caller_file, caller_line);
}
template <class Group>
void wait(const Group& group, VITRINE_SIMT_CALLER) {
    wait_prior<0>(group, caller_file, caller_line);
}

}  // namespace cooperative_groups
