#include "async_copy.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "vitrine/kernels/base/error.h"

#include "atomic_operations.h"
#include "vitrine/kernels/simt/check/barrier_sites.h"
#include "vitrine/kernels/simt/check/events.h"
#include "scheduler.h"

namespace vitrine::kernels::simt {

void AsyncCopies::issue(void* to, const void* from, std::size_t bytes, std::size_t valid) {
    std::memset(to, 0xff, bytes);
    copies_.push_back({to, from, bytes, valid});
}

void AsyncCopies::wait(std::size_t groups, const Site& site) {
    if (ends_.size() <= groups) return;
    const auto done = ends_.end() - static_cast<std::ptrdiff_t>(groups);
    const std::size_t count = *(done - 1);
    for (std::size_t i = 0; i < count; ++i) {
        const Copy& copy = copies_[i];
        const auto announce = [&](const void* address, std::size_t bytes, AccessKind kind) {
            tell_checker(
                {address, static_cast<std::uint32_t>(bytes), kind, Scope::block, nullptr, &site});
        };
        if (copy.valid) announce(copy.from, copy.valid, AccessKind::read);
        announce(copy.to, copy.bytes, AccessKind::write);
        std::memset(copy.to, 0, copy.bytes);
        std::memcpy(copy.to, copy.from, copy.valid);
    }
    copies_.erase(copies_.begin(), copies_.begin() + static_cast<std::ptrdiff_t>(count));
    ends_.erase(ends_.begin(), done);
    for (std::size_t& end : ends_) end -= count;
}

void AsyncCopies::clear() {
    copies_.clear();
    ends_.clear();
}

AsyncCopies& Scheduler::own_copies() {
    if (copies_.size() < count_) copies_.resize(count_);
    return copies_[thread_loop.on ? thread_loop.thread : current_->linear];
}

namespace {
AsyncCopies& own_copies() {
    if (!running_scheduler) throw Error("simt: asynchronous copy outside of a kernel");
    return running_scheduler->own_copies();
}
}  // namespace

void issue_copy(void* to, const void* from, std::size_t bytes, int valid, const Site& site) {
    const check::Pause pause;
    const auto is_aligned = [bytes](const void* address) {
        return reinterpret_cast<std::uintptr_t>(address) % bytes == 0;
    };
    if (!is_aligned(to) || !is_aligned(from)) fail_alignment(bytes, site);
    if (valid < 0 || static_cast<std::size_t>(valid) > bytes)
        fail(std::to_string(valid) + " valid bytes of " + std::to_string(bytes), site);
    own_copies().issue(to, from, bytes, static_cast<std::size_t>(valid));
}

void commit_copies() {
    const check::Pause pause;
    own_copies().commit();
}

void wait_for_copies(std::size_t groups, const Site& site) {
    const check::Pause pause;
#if VITRINE_SIMT_CHECK
    if (check::is_taken_away(site)) return;
#endif
    own_copies().wait(groups, site);
}

}  // namespace vitrine::kernels::simt
