// Copies from global to shared memory that go on while the thread does, at the most hostile timing
// that is allowed: the destination is 0xFF bytes, NaN as floats, from when the copy is issued until
// its group is waited for. A wait that is missing, or waits for too few groups, shows at once.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime.h"
#include "site.h"

namespace vitrine::kernels {
namespace simt {

/// The copies under way of one CUDA thread.
class AsyncCopies {
public:
    void issue(void* to, const void* from, std::size_t bytes, std::size_t valid);
    void commit() { ends_.push_back(copies_.size()); }
    /// Performs all groups but the last `groups`.
    void wait(std::size_t groups, const Site& site);
    void clear();

private:
    struct Copy {
        void* to;
        const void* from;
        std::size_t bytes, valid;
    };
    std::vector<Copy> copies_;       // in the order in which they were issued
    std::vector<std::size_t> ends_;  // of the groups
};

void issue_copy(void* to, const void* from, std::size_t bytes, int valid, const Site& site);
void commit_copies();
void wait_for_copies(std::size_t groups, const Site& site);

}  // namespace simt

inline namespace on_simt {

/// Copies `Bytes` (4, 8 or 16) some time before cp_async_wait; both addresses are multiples of it.
/// Of the bytes behind the first `valid`, 0 is written.
template <int Bytes>
void cp_async(void* shared, const void* global, int valid = Bytes, VITRINE_SIMT_CALLER) {
    static_assert(Bytes == 4 || Bytes == 8 || Bytes == 16, "cp.async copies 4, 8 or 16 bytes");
    simt::issue_copy(shared, global, Bytes, valid, {"cp_async", caller_file, caller_line});
}
/// The thread's copies since the last commit become a group.
inline void cp_async_commit() { simt::commit_copies(); }
/// Waits until at most the thread's last `Groups` groups are under way.
template <int Groups>
void cp_async_wait(VITRINE_SIMT_CALLER) {
    static_assert(Groups >= 0);
    simt::wait_for_copies(Groups, {"cp_async_wait", caller_file, caller_line});
}
/// Waits for all of the thread's copies, those that belong to no group yet as well.
inline void cp_async_wait_all(VITRINE_SIMT_CALLER) {
    simt::commit_copies();
    simt::wait_for_copies(0, {"cp_async_wait_all", caller_file, caller_line});
}

}  // namespace on_simt
}  // namespace vitrine::kernels
