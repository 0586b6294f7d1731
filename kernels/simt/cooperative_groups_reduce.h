// Reductions and scans of the tiles of a warp: CUDA's <cooperative_groups/reduce.h> and
// <cooperative_groups/scan.h>.
#pragma once

#include <utility>

#include "cooperative_groups.h"

namespace cooperative_groups {

template <class T>
struct plus {
    T operator()(T a, T b) const { return a + b; }
};
template <class T>
struct less {
    T operator()(T a, T b) const { return b < a ? b : a; }
};
template <class T>
struct greater {
    T operator()(T a, T b) const { return a < b ? b : a; }
};
template <class T>
struct bit_and {
    T operator()(T a, T b) const { return a & b; }
};
template <class T>
struct bit_or {
    T operator()(T a, T b) const { return a | b; }
};
template <class T>
struct bit_xor {
    T operator()(T a, T b) const { return a ^ b; }
};

template <class T, class F>
struct CombineSlot {
    T value, before, with;  // `before`: the lanes below combined, `with`: the own one as well
    F* f;
};

template <class T, class F>
void complete_combine(void* const* slots, unsigned lanes) {
    const CombineSlot<T, F>* below = nullptr;
    simt::for_each_lane<CombineSlot<T, F>>(slots, lanes, [&](CombineSlot<T, F>& slot, int) {
        slot.before = below ? below->with : T{};
        slot.with = below ? (*slot.f)(below->with, slot.value) : slot.value;
        below = &slot;
    });
    const T all = below->with;
    simt::for_each_lane<CombineSlot<T, F>>(slots, lanes,
                                           [&](CombineSlot<T, F>& slot, int) { slot.value = all; });
}

template <class T, class F>
CombineSlot<T, F> combine(const lane_group& group, T value, F& f, const simt::Site& site) {
    CombineSlot<T, F> slot{value, value, value, &f};
    simt::meet_warp(group.lanes(), &slot, &complete_combine<T, F>, site);
    return slot;
}

/// f over the values of all threads of the group; every thread gets the result.
template <class T, class F>
T reduce(const lane_group& group, T value, F f, VITRINE_SIMT_CALLER) {
    return combine(group, value, f, {"reduce", caller_file, caller_line}).value;
}
/// f over the values of the threads up to this one.
template <class T, class F = plus<T>>
T inclusive_scan(const lane_group& group, T value, F f = {}, VITRINE_SIMT_CALLER) {
    return combine(group, value, f, {"inclusive_scan", caller_file, caller_line}).with;
}
/// f over the values of the threads below this one; T{} for the first.
template <class T, class F = plus<T>>
T exclusive_scan(const lane_group& group, T value, F f = {}, VITRINE_SIMT_CALLER) {
    return combine(group, value, f, {"exclusive_scan", caller_file, caller_line}).before;
}

}  // namespace cooperative_groups
