// CUDA's barriers and warp operations. Each takes the place of its call as a default argument, for
// the reports.
#pragma once

#include <cstring>
#include <type_traits>

#include "runtime.h"
#include "site.h"

namespace vitrine::kernels::simt {

/// The lanes of `mask` wait for each other, and see what each of them wrote before.
inline void synchronise_warp(unsigned mask, const Site& site) {
    meet_warp(mask, nullptr, nullptr, site);
}

/// f(slot, lane) for every lane of `lanes`.
template <class Slot, class F>
void for_each_lane(void* const* slots, unsigned lanes, F f) {
    for (unsigned left = lanes; left; left &= left - 1) {
        const int lane = __builtin_ctz(left);
        f(*static_cast<Slot*>(slots[lane]), lane);
    }
}

template <class T>
struct ShuffleSlot {
    T value, received;
    int source;
    bool source_takes_part;
};

template <class T>
void complete_shuffle(void* const* slots, unsigned lanes) {
    for_each_lane<ShuffleSlot<T>>(slots, lanes, [&](ShuffleSlot<T>& slot, int) {
        slot.source_takes_part = lanes >> slot.source & 1;
        if (slot.source_takes_part)
            slot.received = static_cast<ShuffleSlot<T>*>(slots[slot.source])->value;
    });
}

[[noreturn]] void fail_shuffle_source(int source, const Site& site);
void check_shuffle_width(int width, const Site& site);

/// What CUDA's shuffles take; 16-bit floats join in half.h.
template <class T>
constexpr bool is_shuffled = std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8);

/// `source` takes the lane's index and the last lane of its segment of `width` lanes.
template <class T, class Source>
T shuffle(unsigned mask, T value, int width, Source source, const Site& site) {
    check_shuffle_width(width, site);
    const int lane = static_cast<int>(lane_index()), last = lane | (width - 1);
    ShuffleSlot<T> slot{value, value, source(lane, last), true};
    meet_warp(mask, &slot, &complete_shuffle<T>, site);
    if (!slot.source_takes_part) fail_shuffle_source(slot.source, site);
    return slot.received;
}

/// Sources of a shuffle in a segment of `width` lanes that ends with lane `last`.
inline auto from_lane(int source, int width) {
    return [=](int, int last) { return (last & ~(width - 1)) | (source & (width - 1)); };
}
inline auto from_below(unsigned distance, int width) {
    return [=](int lane, int last) {
        const int first = last & ~(width - 1);
        return distance > static_cast<unsigned>(lane - first) ? lane
                                                              : lane - static_cast<int>(distance);
    };
}
inline auto from_above(unsigned distance) {
    return [=](int lane, int last) {
        return distance > static_cast<unsigned>(last - lane) ? lane
                                                             : lane + static_cast<int>(distance);
    };
}
inline auto from_crossed(int bits) {
    return
        [=](int lane, int last) { return ((lane ^ bits) & 31) > last ? lane : (lane ^ bits) & 31; };
}

template <class T>
struct MatchSlot {
    T value;
    unsigned same, lanes;
};

template <class T>
void complete_match(void* const* slots, unsigned lanes) {
    for_each_lane<MatchSlot<T>>(slots, lanes, [&](MatchSlot<T>& slot, int) {
        slot.lanes = lanes;
        slot.same = 0;
        for_each_lane<MatchSlot<T>>(slots, lanes, [&](const MatchSlot<T>& other, int lane) {
            if (std::memcmp(&other.value, &slot.value, sizeof(T)) == 0) slot.same |= 1u << lane;
        });
    });
}

/// Compares bits, as the device does.
template <class T>
MatchSlot<T> match(unsigned mask, T value, const Site& site) {
    static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8),
                  "CUDA matches 4 or 8 bytes");
    MatchSlot<T> slot{value, 0, 0};
    meet_warp(mask, &slot, &complete_match<T>, site);
    return slot;
}

struct VoteSlot {
    bool vote;
    unsigned ballot;
};
void complete_vote(void* const* slots, unsigned lanes);
inline unsigned ballot(unsigned mask, bool vote, const Site& site) {
    VoteSlot slot{vote, 0};
    meet_warp(mask, &slot, &complete_vote, site);
    return slot.ballot;
}

template <class T, class F>
void complete_reduction(void* const* slots, unsigned lanes) {
    T result = *static_cast<T*>(slots[__builtin_ctz(lanes)]);
    for_each_lane<T>(slots, lanes & (lanes - 1),
                     [&](T& value, int) { result = F()(result, value); });
    for_each_lane<T>(slots, lanes, [&](T& value, int) { value = result; });
}

template <class F, class T>
T reduce(unsigned mask, T value, const Site& site) {
    static_assert(std::is_same_v<T, int> || std::is_same_v<T, unsigned>,
                  "CUDA reduces int and unsigned");
    meet_warp(mask, &value, &complete_reduction<T, F>, site);
    return value;
}

}  // namespace vitrine::kernels::simt

// A namespace of their own, so that a program that also holds device cuda has no two functions of
// one name.
inline namespace vitrine_simt {

inline void __syncthreads(VITRINE_SIMT_CALLER) {
    vitrine::kernels::simt::meet_block(true, {"__syncthreads", caller_file, caller_line});
}
inline int __syncthreads_count(int vote, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::meet_block(vote != 0,
                                              {"__syncthreads_count", caller_file, caller_line})
        .yes;
}
inline int __syncthreads_and(int vote, VITRINE_SIMT_CALLER) {
    const auto votes = vitrine::kernels::simt::meet_block(
        vote != 0, {"__syncthreads_and", caller_file, caller_line});
    return votes.yes == votes.threads;
}
inline int __syncthreads_or(int vote, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::meet_block(vote != 0,
                                              {"__syncthreads_or", caller_file, caller_line})
               .yes > 0;
}
inline void __syncwarp(unsigned mask = 0xffffffffu, VITRINE_SIMT_CALLER) {
    vitrine::kernels::simt::synchronise_warp(mask, {"__syncwarp", caller_file, caller_line});
}

/// The value of lane `source` of the segment of `width` lanes.
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, VITRINE_SIMT_CALLER) {
    static_assert(vitrine::kernels::simt::is_shuffled<T>, "CUDA shuffles 4 or 8 bytes");
    return vitrine::kernels::simt::shuffle(mask, value, width,
                                           vitrine::kernels::simt::from_lane(source, width),
                                           {"__shfl_sync", caller_file, caller_line});
}
/// The value of the lane `distance` lower; the own one where there is none in the segment.
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned distance, int width = 32, VITRINE_SIMT_CALLER) {
    static_assert(vitrine::kernels::simt::is_shuffled<T>, "CUDA shuffles 4 or 8 bytes");
    return vitrine::kernels::simt::shuffle(mask, value, width,
                                           vitrine::kernels::simt::from_below(distance, width),
                                           {"__shfl_up_sync", caller_file, caller_line});
}
/// The value of the lane `distance` higher; the own one where there is none in the segment.
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned distance, int width = 32, VITRINE_SIMT_CALLER) {
    static_assert(vitrine::kernels::simt::is_shuffled<T>, "CUDA shuffles 4 or 8 bytes");
    return vitrine::kernels::simt::shuffle(mask, value, width,
                                           vitrine::kernels::simt::from_above(distance),
                                           {"__shfl_down_sync", caller_file, caller_line});
}
/// The value of lane `own ^ bits`; the own one where that lies in a later segment.
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, VITRINE_SIMT_CALLER) {
    static_assert(vitrine::kernels::simt::is_shuffled<T>, "CUDA shuffles 4 or 8 bytes");
    return vitrine::kernels::simt::shuffle(mask, value, width,
                                           vitrine::kernels::simt::from_crossed(bits),
                                           {"__shfl_xor_sync", caller_file, caller_line});
}

/// The lanes whose value is the same as the own one.
template <class T>
unsigned __match_any_sync(unsigned mask, T value, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::match(mask, value,
                                         {"__match_any_sync", caller_file, caller_line})
        .same;
}
/// The mask's lanes if all have one value, which `all_same` then says; else 0.
template <class T>
unsigned __match_all_sync(unsigned mask, T value, int* all_same, VITRINE_SIMT_CALLER) {
    const auto found =
        vitrine::kernels::simt::match(mask, value, {"__match_all_sync", caller_file, caller_line});
    *all_same = found.same == found.lanes;
    return *all_same ? found.lanes : 0u;
}
/// The lanes of the warp that come to this place as well, before they wait elsewhere. CUDA promises
/// no more than the own one.
inline unsigned __activemask(VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::converge({"__activemask", caller_file, caller_line});
}

inline unsigned __ballot_sync(unsigned mask, int vote, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::ballot(mask, vote != 0,
                                          {"__ballot_sync", caller_file, caller_line});
}
inline int __any_sync(unsigned mask, int vote, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::ballot(mask, vote != 0,
                                          {"__any_sync", caller_file, caller_line}) != 0;
}
inline int __all_sync(unsigned mask, int vote, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::ballot(mask, vote == 0,
                                          {"__all_sync", caller_file, caller_line}) == 0;
}

struct ReduceSyncAdd {
    template <class T>
    T operator()(T a, T b) const {
        return static_cast<T>(static_cast<unsigned>(a) +
                              static_cast<unsigned>(b));  // wraps around, as on the device
    }
};
struct ReduceSyncMin {
    template <class T>
    T operator()(T a, T b) const {
        return b < a ? b : a;
    }
};
struct ReduceSyncMax {
    template <class T>
    T operator()(T a, T b) const {
        return a < b ? b : a;
    }
};
struct ReduceSyncAnd {
    unsigned operator()(unsigned a, unsigned b) const { return a & b; }
};
struct ReduceSyncOr {
    unsigned operator()(unsigned a, unsigned b) const { return a | b; }
};
struct ReduceSyncXor {
    unsigned operator()(unsigned a, unsigned b) const { return a ^ b; }
};

template <class T>
T __reduce_add_sync(unsigned mask, T value, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::reduce<ReduceSyncAdd>(
        mask, value, {"__reduce_add_sync", caller_file, caller_line});
}
template <class T>
T __reduce_min_sync(unsigned mask, T value, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::reduce<ReduceSyncMin>(
        mask, value, {"__reduce_min_sync", caller_file, caller_line});
}
template <class T>
T __reduce_max_sync(unsigned mask, T value, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::reduce<ReduceSyncMax>(
        mask, value, {"__reduce_max_sync", caller_file, caller_line});
}
inline unsigned __reduce_and_sync(unsigned mask, unsigned value, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::reduce<ReduceSyncAnd>(
        mask, value, {"__reduce_and_sync", caller_file, caller_line});
}
inline unsigned __reduce_or_sync(unsigned mask, unsigned value, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::reduce<ReduceSyncOr>(
        mask, value, {"__reduce_or_sync", caller_file, caller_line});
}
inline unsigned __reduce_xor_sync(unsigned mask, unsigned value, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::reduce<ReduceSyncXor>(
        mask, value, {"__reduce_xor_sync", caller_file, caller_line});
}

/// Lets other threads run: what a loop that waits for one of them must call.
inline void __nanosleep(unsigned, VITRINE_SIMT_CALLER) {
    vitrine::kernels::simt::waiting_turn({"__nanosleep", caller_file, caller_line});
}

/// Stops the launch with an error that names the thread.
[[noreturn]] inline void __trap(VITRINE_SIMT_CALLER) {
    vitrine::kernels::simt::fail("the kernel trapped", {"__trap", caller_file, caller_line});
}

}  // namespace vitrine_simt
