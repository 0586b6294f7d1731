// What the compiler calls for __atomic_... in a file that is compiled with -fsanitize=thread. The
// atomics of CUDA do not come here: they tell the checker themselves, with their caller's line.
#include <cstdint>

#include "events.h"

namespace vitrine::kernels::simt::check {
namespace {

bool releases(int order) {
    return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

void note(const volatile void* at, std::size_t bytes, AccessKind kind, int order, const void* pc) {
    if (!running.kernel) return;
    if (releases(order)) fence(Scope::system);
    atomic({const_cast<const void*>(at), static_cast<std::uint32_t>(bytes), kind, Scope::system, pc,
            nullptr});
}

template <class T>
T load(const volatile T* at, int order, const void* pc) {
    note(at, sizeof(T), AccessKind::atomic_load, order, pc);
    return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

template <class T>
void store(volatile T* at, T value, int order, const void* pc) {
    note(at, sizeof(T), AccessKind::atomic_store, order, pc);
    __atomic_store_n(at, value, __ATOMIC_SEQ_CST);
}

/// *at = change(*at); returns the value from before.
template <class T, class F>
T update(volatile T* at, int order, const void* pc, F change) {
    note(at, sizeof(T), AccessKind::atomic_update, order, pc);
    T before = __atomic_load_n(at, __ATOMIC_SEQ_CST);
    while (!__atomic_compare_exchange_n(at, &before, static_cast<T>(change(before)), false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    }
    return before;
}

template <class T>
bool exchange_if(volatile T* at, T* expected, T value, int order, const void* pc) {
    note(at, sizeof(T), AccessKind::atomic_update, order, pc);
    return __atomic_compare_exchange_n(at, expected, value, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

}  // namespace
}  // namespace vitrine::kernels::simt::check

using namespace vitrine::kernels::simt::check;

extern "C" {

void __tsan_atomic_thread_fence(int order) {
    if (running.kernel && releases(order)) fence(vitrine::kernels::simt::Scope::system);
}
void __tsan_atomic_signal_fence(int) {}

std::uint8_t __tsan_atomic8_load(const volatile std::uint8_t* at, int order) {
    return load(at, order, __builtin_return_address(0));
}
void __tsan_atomic8_store(volatile std::uint8_t* at, std::uint8_t value, int order) {
    store(at, value, order, __builtin_return_address(0));
}
std::uint8_t __tsan_atomic8_exchange(volatile std::uint8_t* at, std::uint8_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint8_t) { return v; });
}
std::uint8_t __tsan_atomic8_fetch_add(volatile std::uint8_t* at, std::uint8_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint8_t b) { return b + v; });
}
std::uint8_t __tsan_atomic8_fetch_sub(volatile std::uint8_t* at, std::uint8_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint8_t b) { return b - v; });
}
std::uint8_t __tsan_atomic8_fetch_and(volatile std::uint8_t* at, std::uint8_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint8_t b) { return b & v; });
}
std::uint8_t __tsan_atomic8_fetch_or(volatile std::uint8_t* at, std::uint8_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint8_t b) { return b | v; });
}
std::uint8_t __tsan_atomic8_fetch_xor(volatile std::uint8_t* at, std::uint8_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint8_t b) { return b ^ v; });
}
std::uint8_t __tsan_atomic8_fetch_nand(volatile std::uint8_t* at, std::uint8_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint8_t b) { return ~(b & v); });
}
int __tsan_atomic8_compare_exchange_strong(volatile std::uint8_t* at, std::uint8_t* expected,
                                           std::uint8_t value, int order, int) {
    return exchange_if(at, expected, value, order, __builtin_return_address(0));
}
int __tsan_atomic8_compare_exchange_weak(volatile std::uint8_t* at, std::uint8_t* expected,
                                         std::uint8_t value, int order, int) {
    return exchange_if(at, expected, value, order, __builtin_return_address(0));
}
std::uint8_t __tsan_atomic8_compare_exchange_val(volatile std::uint8_t* at, std::uint8_t expected,
                                                 std::uint8_t value, int order, int) {
    exchange_if(at, &expected, value, order, __builtin_return_address(0));
    return expected;
}

std::uint16_t __tsan_atomic16_load(const volatile std::uint16_t* at, int order) {
    return load(at, order, __builtin_return_address(0));
}
void __tsan_atomic16_store(volatile std::uint16_t* at, std::uint16_t value, int order) {
    store(at, value, order, __builtin_return_address(0));
}
std::uint16_t __tsan_atomic16_exchange(volatile std::uint16_t* at, std::uint16_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint16_t) { return v; });
}
std::uint16_t __tsan_atomic16_fetch_add(volatile std::uint16_t* at, std::uint16_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint16_t b) { return b + v; });
}
std::uint16_t __tsan_atomic16_fetch_sub(volatile std::uint16_t* at, std::uint16_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint16_t b) { return b - v; });
}
std::uint16_t __tsan_atomic16_fetch_and(volatile std::uint16_t* at, std::uint16_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint16_t b) { return b & v; });
}
std::uint16_t __tsan_atomic16_fetch_or(volatile std::uint16_t* at, std::uint16_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint16_t b) { return b | v; });
}
std::uint16_t __tsan_atomic16_fetch_xor(volatile std::uint16_t* at, std::uint16_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint16_t b) { return b ^ v; });
}
std::uint16_t __tsan_atomic16_fetch_nand(volatile std::uint16_t* at, std::uint16_t v, int order) {
    return update(at, order, __builtin_return_address(0),
                  [v](std::uint16_t b) { return ~(b & v); });
}
int __tsan_atomic16_compare_exchange_strong(volatile std::uint16_t* at, std::uint16_t* expected,
                                            std::uint16_t value, int order, int) {
    return exchange_if(at, expected, value, order, __builtin_return_address(0));
}
int __tsan_atomic16_compare_exchange_weak(volatile std::uint16_t* at, std::uint16_t* expected,
                                          std::uint16_t value, int order, int) {
    return exchange_if(at, expected, value, order, __builtin_return_address(0));
}
std::uint16_t __tsan_atomic16_compare_exchange_val(volatile std::uint16_t* at,
                                                   std::uint16_t expected, std::uint16_t value,
                                                   int order, int) {
    exchange_if(at, &expected, value, order, __builtin_return_address(0));
    return expected;
}

std::uint32_t __tsan_atomic32_load(const volatile std::uint32_t* at, int order) {
    return load(at, order, __builtin_return_address(0));
}
void __tsan_atomic32_store(volatile std::uint32_t* at, std::uint32_t value, int order) {
    store(at, value, order, __builtin_return_address(0));
}
std::uint32_t __tsan_atomic32_exchange(volatile std::uint32_t* at, std::uint32_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint32_t) { return v; });
}
std::uint32_t __tsan_atomic32_fetch_add(volatile std::uint32_t* at, std::uint32_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint32_t b) { return b + v; });
}
std::uint32_t __tsan_atomic32_fetch_sub(volatile std::uint32_t* at, std::uint32_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint32_t b) { return b - v; });
}
std::uint32_t __tsan_atomic32_fetch_and(volatile std::uint32_t* at, std::uint32_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint32_t b) { return b & v; });
}
std::uint32_t __tsan_atomic32_fetch_or(volatile std::uint32_t* at, std::uint32_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint32_t b) { return b | v; });
}
std::uint32_t __tsan_atomic32_fetch_xor(volatile std::uint32_t* at, std::uint32_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint32_t b) { return b ^ v; });
}
std::uint32_t __tsan_atomic32_fetch_nand(volatile std::uint32_t* at, std::uint32_t v, int order) {
    return update(at, order, __builtin_return_address(0),
                  [v](std::uint32_t b) { return ~(b & v); });
}
int __tsan_atomic32_compare_exchange_strong(volatile std::uint32_t* at, std::uint32_t* expected,
                                            std::uint32_t value, int order, int) {
    return exchange_if(at, expected, value, order, __builtin_return_address(0));
}
int __tsan_atomic32_compare_exchange_weak(volatile std::uint32_t* at, std::uint32_t* expected,
                                          std::uint32_t value, int order, int) {
    return exchange_if(at, expected, value, order, __builtin_return_address(0));
}
std::uint32_t __tsan_atomic32_compare_exchange_val(volatile std::uint32_t* at,
                                                   std::uint32_t expected, std::uint32_t value,
                                                   int order, int) {
    exchange_if(at, &expected, value, order, __builtin_return_address(0));
    return expected;
}

std::uint64_t __tsan_atomic64_load(const volatile std::uint64_t* at, int order) {
    return load(at, order, __builtin_return_address(0));
}
void __tsan_atomic64_store(volatile std::uint64_t* at, std::uint64_t value, int order) {
    store(at, value, order, __builtin_return_address(0));
}
std::uint64_t __tsan_atomic64_exchange(volatile std::uint64_t* at, std::uint64_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint64_t) { return v; });
}
std::uint64_t __tsan_atomic64_fetch_add(volatile std::uint64_t* at, std::uint64_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint64_t b) { return b + v; });
}
std::uint64_t __tsan_atomic64_fetch_sub(volatile std::uint64_t* at, std::uint64_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint64_t b) { return b - v; });
}
std::uint64_t __tsan_atomic64_fetch_and(volatile std::uint64_t* at, std::uint64_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint64_t b) { return b & v; });
}
std::uint64_t __tsan_atomic64_fetch_or(volatile std::uint64_t* at, std::uint64_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint64_t b) { return b | v; });
}
std::uint64_t __tsan_atomic64_fetch_xor(volatile std::uint64_t* at, std::uint64_t v, int order) {
    return update(at, order, __builtin_return_address(0), [v](std::uint64_t b) { return b ^ v; });
}
std::uint64_t __tsan_atomic64_fetch_nand(volatile std::uint64_t* at, std::uint64_t v, int order) {
    return update(at, order, __builtin_return_address(0),
                  [v](std::uint64_t b) { return ~(b & v); });
}
int __tsan_atomic64_compare_exchange_strong(volatile std::uint64_t* at, std::uint64_t* expected,
                                            std::uint64_t value, int order, int) {
    return exchange_if(at, expected, value, order, __builtin_return_address(0));
}
int __tsan_atomic64_compare_exchange_weak(volatile std::uint64_t* at, std::uint64_t* expected,
                                          std::uint64_t value, int order, int) {
    return exchange_if(at, expected, value, order, __builtin_return_address(0));
}
std::uint64_t __tsan_atomic64_compare_exchange_val(volatile std::uint64_t* at,
                                                   std::uint64_t expected, std::uint64_t value,
                                                   int order, int) {
    exchange_if(at, &expected, value, order, __builtin_return_address(0));
    return expected;
}

}  // extern "C"
