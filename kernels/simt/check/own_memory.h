// What no other thread can touch, so that the checker need not look at it: the running thread's
// stack, and threadIdx and its like. Part of the checker.
#pragma once

#include <cstddef>

#include "vitrine/kernels/simt/language.h"

#include "events.h"

namespace vitrine::kernels::simt::check {

template <class T>
inline bool holds(const T& variable, const char* address) {
    return static_cast<std::size_t>(address - reinterpret_cast<const char*>(&variable)) < sizeof(T);
}

inline bool is_built_in(const char* address) {
    return holds(threadIdx, address) || holds(blockIdx, address) || holds(blockDim, address) ||
           holds(gridDim, address);
}

// The stack grows downwards: what the thread has on it lies above this frame.
inline bool is_own(const char* address) {
    const auto* here = static_cast<const char*>(__builtin_frame_address(0));
    return static_cast<std::size_t>(address - here) <
           static_cast<std::size_t>(running.stack_end - here);
}

}  // namespace vitrine::kernels::simt::check
