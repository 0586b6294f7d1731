// What CUDA's atomics and cuda::atomic are made of: real atomics, since the blocks of a grid run on
// several OS threads. They are relaxed, as on the device; an order is made by fences around them.
//
// The checker is told of each before it happens. In its build the kernels are instrumented, so the
// accesses themselves are compiled elsewhere (atomic_operations.cpp): nobody shall take them for
// plain ones.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "vitrine/kernels/simt/check/access.h"
#include "runtime.h"

namespace vitrine::kernels::simt {

template <class T, class... Allowed>
constexpr bool is_one_of = (std::is_same_v<T, Allowed> || ...);

template <class T>
concept AtomicInteger32 = is_one_of<T, int, unsigned>;
/// CUDA names `unsigned long long` alone; where `unsigned long` has 64 bits, it is taken too.
template <class T>
concept AtomicUnsigned64 = std::is_same_v<T, unsigned long long> ||
    (std::is_same_v<T, unsigned long> && sizeof(unsigned long) == 8);
template <class T>
concept AtomicSigned64 = std::is_same_v<T, long long> ||
    (std::is_same_v<T, long> && sizeof(long) == 8);
template <class T>
concept AtomicInteger = AtomicInteger32<T> || AtomicUnsigned64<T> || AtomicSigned64<T>;

template <class T>
concept AtomicWord = AtomicInteger32<T> || AtomicUnsigned64<T> || std::is_same_v<T, float>;
template <class T>
concept AtomicComparable =
    AtomicInteger32<T> || AtomicUnsigned64<T> || std::is_same_v<T, unsigned short>;
/// 16-bit floats join by this; half.h.
template <class T>
constexpr bool is_atomic_half = false;
template <class T>
concept AtomicAddend =
    AtomicInteger32<T> || AtomicUnsigned64<T> || is_one_of<T, float, double> || is_atomic_half<T>;

template <std::size_t bytes>
struct AtomicBits;
template <>
struct AtomicBits<1> {
    using type = std::uint8_t;
};
template <>
struct AtomicBits<2> {
    using type = std::uint16_t;
};
template <>
struct AtomicBits<4> {
    using type = std::uint32_t;
};
template <>
struct AtomicBits<8> {
    using type = std::uint64_t;
};
template <class T>
using BitsOf = typename AtomicBits<sizeof(T)>::type;

#if VITRINE_SIMT_CHECK
template <class Bits>
Bits load_bits(const Bits* address);
template <class Bits>
void store_bits(Bits* address, Bits value);
/// Whether *address was `seen` and now is `after`; otherwise `seen` is what was there.
template <class Bits>
bool exchange_bits(Bits* address, Bits& seen, Bits after);
/// Tells the checker of an atomic access by the running thread; nothing outside of a kernel.
void tell_checker(const Access& access);
#else
template <class Bits>
Bits load_bits(const Bits* address) {
    return __atomic_load_n(address, __ATOMIC_RELAXED);
}
template <class Bits>
void store_bits(Bits* address, Bits value) {
    __atomic_store_n(address, value, __ATOMIC_RELAXED);
}
template <class Bits>
bool exchange_bits(Bits* address, Bits& seen, Bits after) {
    return __atomic_compare_exchange_n(address, &seen, after, true, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED);
}
inline void tell_checker(const Access&) {}
#endif

/// Atomics of one thread in a row that changed nothing: many of them are most likely a loop that
/// waits for another thread, such as one that takes a lock.
struct FruitlessAtomics {
    unsigned thread;  ///< threadIdx.x: another thread of the same x counts on
    int count;
};
extern constinit VITRINE_SIMT_PER_WORKER FruitlessAtomics fruitless_atomics;
constexpr int fruitless_atomics_of_a_waiting_loop = 100;

[[noreturn]] void fail_alignment(std::size_t bytes, const Site& site);

/// Where an atomic is called: with a Site, or (an operator has no default arguments) by its return
/// address.
struct AtomicPlace {
    Scope scope;
    Site site;
    const void* pc = nullptr;
};

template <class T>
void begin_atomic(const T* address, AccessKind kind, const AtomicPlace& place) {
    if (reinterpret_cast<std::uintptr_t>(address) % sizeof(T) != 0)
        fail_alignment(sizeof(T), place.site);
    tell_checker(
        {address, sizeof(T), kind, place.scope, place.pc, place.pc ? nullptr : &place.site});
}

inline void note_fruitless(const AtomicPlace& place) {
    if (fruitless_atomics.thread != threadIdx.x) fruitless_atomics = {threadIdx.x, 0};
    if (++fruitless_atomics.count < fruitless_atomics_of_a_waiting_loop) return;
    fruitless_atomics.count = 0;
    waiting_turn(place.site);
}

/// *address = change(*address), in one step; returns the value from before.
template <class T, class F>
T update_atomically(T* address, F change, const AtomicPlace& place) {
    using Bits = BitsOf<T>;
    begin_atomic(address, AccessKind::atomic_update, place);
    auto* bits = reinterpret_cast<Bits*>(address);
    Bits seen = load_bits(bits);
    for (;;) {
        const T before = std::bit_cast<T>(seen);
        const Bits after = std::bit_cast<Bits>(static_cast<T>(change(before)));
        if (!exchange_bits(bits, seen, after)) continue;
        if (after == seen) note_fruitless(place);
        return before;
    }
}

template <class T>
T load_atomically(const T* address, const AtomicPlace& place) {
    begin_atomic(address, AccessKind::atomic_load, place);
    const T value = std::bit_cast<T>(load_bits(reinterpret_cast<const BitsOf<T>*>(address)));
    note_fruitless(place);
    return value;
}

template <class T>
void store_atomically(T* address, T value, const AtomicPlace& place) {
    begin_atomic(address, AccessKind::atomic_store, place);
    store_bits(reinterpret_cast<BitsOf<T>*>(address), std::bit_cast<BitsOf<T>>(value));
}

/// A plain access by an operation of the emulator, with the place of its call.
template <class T>
T read_for(const T* address, const Site& site) {
    tell_checker({address, sizeof(T), AccessKind::read, Scope::block, nullptr, &site});
    return std::bit_cast<T>(load_bits(reinterpret_cast<const BitsOf<T>*>(address)));
}
template <class T>
void write_for(T* address, T value, const Site& site) {
    tell_checker({address, sizeof(T), AccessKind::write, Scope::block, nullptr, &site});
    store_bits(reinterpret_cast<BitsOf<T>*>(address), std::bit_cast<BitsOf<T>>(value));
}

/// Sum as on the device: integers wrap around.
template <class T>
T atomic_add(T* address, T value, const AtomicPlace& place) {
    return update_atomically(
        address,
        [value](T before) {
            if constexpr (std::is_integral_v<T>) {
                using U = std::make_unsigned_t<T>;
                return static_cast<T>(static_cast<U>(before) + static_cast<U>(value));
            } else {
                return before + value;
            }
        },
        place);
}
template <class T>
T atomic_sub(T* address, T value, const AtomicPlace& place) {
    return atomic_add(address, static_cast<T>(0u - static_cast<std::make_unsigned_t<T>>(value)),
                      place);
}
template <class T>
T atomic_min(T* address, T value, const AtomicPlace& place) {
    return update_atomically(
        address, [value](T before) { return value < before ? value : before; }, place);
}
template <class T>
T atomic_max(T* address, T value, const AtomicPlace& place) {
    return update_atomically(
        address, [value](T before) { return before < value ? value : before; }, place);
}
template <class T>
T atomic_and(T* address, T value, const AtomicPlace& place) {
    return update_atomically(
        address, [value](T before) { return before & value; }, place);
}
template <class T>
T atomic_or(T* address, T value, const AtomicPlace& place) {
    return update_atomically(
        address, [value](T before) { return before | value; }, place);
}
template <class T>
T atomic_xor(T* address, T value, const AtomicPlace& place) {
    return update_atomically(
        address, [value](T before) { return before ^ value; }, place);
}
template <class T>
T atomic_exchange(T* address, T value, const AtomicPlace& place) {
    return update_atomically(
        address, [value](T) { return value; }, place);
}
/// Compares bits, so that NaN equals itself.
template <class T>
T atomic_cas(T* address, T expected, T value, const AtomicPlace& place) {
    return update_atomically(
        address,
        [=](T before) {
            return std::bit_cast<BitsOf<T>>(before) == std::bit_cast<BitsOf<T>>(expected) ? value
                                                                                          : before;
        },
        place);
}
/// Counts up to `last`, then starts at 0 again.
inline unsigned atomic_inc(unsigned* address, unsigned last, const AtomicPlace& place) {
    return update_atomically(
        address, [last](unsigned b) { return b >= last ? 0u : b + 1; }, place);
}
/// Counts down to 0, then starts at `last` again.
inline unsigned atomic_dec(unsigned* address, unsigned last, const AtomicPlace& place) {
    return update_atomically(
        address, [last](unsigned b) { return b == 0 || b > last ? last : b - 1; }, place);
}

/// Orders the running thread's accesses before and after it for the threads of `scope`.
void fence(Scope scope);

}  // namespace vitrine::kernels::simt
