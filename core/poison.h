// Telling AddressSanitizer which memory nobody may touch. Does nothing in other builds. Private to core.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define VITRINE_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VITRINE_ADDRESS_SANITIZER 1
#endif
#endif
#ifndef VITRINE_ADDRESS_SANITIZER
#define VITRINE_ADDRESS_SANITIZER 0
#endif

#if VITRINE_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
/// For a function that reads what is poisoned for others.
#define VITRINE_MAY_TOUCH_POISON __attribute__((no_sanitize("address")))
#else
#define VITRINE_MAY_TOUCH_POISON
#endif

namespace vitrine {

inline void poison([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes) {
#if VITRINE_ADDRESS_SANITIZER
    __asan_poison_memory_region(memory, bytes);
#endif
}
inline void unpoison([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes) {
#if VITRINE_ADDRESS_SANITIZER
    __asan_unpoison_memory_region(memory, bytes);
#endif
}

}  // namespace vitrine
