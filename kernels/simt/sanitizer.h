// What AddressSanitizer and ThreadSanitizer must be told: that the stack changes, and which memory
// is out of bounds. Nothing in a build without them.
#pragma once

#include <cstddef>

#include "vitrine/config.h"

#if defined(__SANITIZE_ADDRESS__)
#define VITRINE_SIMT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VITRINE_SIMT_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define VITRINE_SIMT_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define VITRINE_SIMT_TSAN 1
#endif
#endif

#if VITRINE_SIMT_CHECK  // kernels call __tsan_...; what answers is check/callbacks.cpp
#undef VITRINE_SIMT_TSAN
#endif

#if VITRINE_SIMT_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if VITRINE_SIMT_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace vitrine::kernels::simt {

/// Any access to [memory, memory + bytes) is an error from now on.
inline void poison([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes) {
#if VITRINE_SIMT_ASAN
    __asan_poison_memory_region(memory, bytes);
#endif
}

inline void unpoison([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes) {
#if VITRINE_SIMT_ASAN
    __asan_unpoison_memory_region(memory, bytes);
#endif
}

}  // namespace vitrine::kernels::simt
