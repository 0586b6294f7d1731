// Where the library tells the profiler what it does: one test of a number each while no profile is being made.
// Programs include profiler.h.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "site.h"

namespace vitrine {

class Node;
class Tensor;

/// How many profiles are being made; below 0: the environment was not asked yet.
extern constinit std::atomic<int> profiles_in_progress;
inline bool profiling() { return profiles_in_progress.load(std::memory_order_relaxed) != 0; }

// Cold, so that what a call does while no profile is made stays together.

/// A call of an op begins and ends; `owner` is the Call.
[[gnu::cold]] void profile_begin(const void* owner, const char* op, Site site);
[[gnu::cold]] void profile_end(const void* owner) noexcept;
/// A copy of the Call is the one that will end it: a checked call keeps a copy of what it is given.
[[gnu::cold]] void profile_hand_on(const void* owner, const void* copy) noexcept;
/// The innermost call hands x to a kernel, or changes it in place.
[[gnu::cold]] void profile_touched(const Tensor& x);
[[gnu::cold]] void profile_changed(const Tensor& x);
/// The innermost call's kernels do so many FLOP more. An op that does not say it counts one for each element.
[[gnu::cold]] void profile_flops(double flops);
inline void count_flops(double flops) {
    if (profiling()) [[unlikely]]
        profile_flops(flops);
}
/// The innermost call has recorded the node. What is returned is for profile_backward(): which module recorded it.
[[gnu::cold]] std::uint32_t profile_recorded();
/// The innermost call is the backward of a node that `module` recorded.
[[gnu::cold]] void profile_backward(std::uint32_t module);
/// The innermost call stands for a stretch of the program instead of an op.
[[gnu::cold]] void profile_region();
/// Memory in use has grown to `bytes`.
[[gnu::cold]] void profile_memory(std::size_t bytes) noexcept;

/// A module's call begins; profile_end() ends it. `path` is its name from the outermost module on.
[[gnu::cold]] void profile_begin_module(const void* owner, std::string_view path, Site site);

/// A stretch of the program that a profile shows as a row of its own: reading a batch, a step of an optimizer.
///
///     { const ProfileScope scope("augment"); ... }
class ProfileScope {
public:
    explicit ProfileScope(const char* name, Site site = Site::here()) {
        if (profiling()) [[unlikely]]
            begin(name, site);
    }
    ~ProfileScope() {
        if (profiling()) [[unlikely]]
            profile_end(this);
    }
    ProfileScope(const ProfileScope&) = delete;
    ProfileScope& operator=(const ProfileScope&) = delete;

private:
    [[gnu::cold]] void begin(const char* name, Site site) const;
};

}  // namespace vitrine
