// CUDA's atomics: real ones, since the blocks of a grid run on several OS threads; relaxed, as on
// the device. Like there they exist for the types listed and no others, and return the value from
// before.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

namespace vitrine::kernels::simt {

template <class T, class... Allowed>
constexpr bool is_one_of = (std::is_same_v<T, Allowed> || ...);

/// 32- and 64-bit integers of CUDA's atomics.
template <class T>
constexpr bool is_atomic_integer = is_one_of<T, int, unsigned, long long, unsigned long long>;

/// *address = change(*address), in one step; returns the value from before.
template <class T, class F>
T update_atomically(T* address, F change) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    auto* bits = reinterpret_cast<Bits*>(address);
    Bits seen = __atomic_load_n(bits, __ATOMIC_RELAXED);
    for (;;) {
        const T before = std::bit_cast<T>(seen);
        const Bits after = std::bit_cast<Bits>(static_cast<T>(change(before)));
        if (__atomic_compare_exchange_n(bits, &seen, after, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
            return before;
    }
}

}  // namespace vitrine::kernels::simt

inline namespace vitrine_simt {

template <class T>
T atomicAdd(T* address, std::type_identity_t<T> value) {
    namespace simt = vitrine::kernels::simt;
    static_assert(simt::is_one_of<T, int, unsigned, unsigned long long, float, double>);
    if constexpr (std::is_same_v<T, int>)  // wraps around, as on the device
        return static_cast<int>(
            atomicAdd(reinterpret_cast<unsigned*>(address), static_cast<unsigned>(value)));
    else
        return simt::update_atomically(address, [value](T before) { return before + value; });
}
template <class T>
T atomicSub(T* address, std::type_identity_t<T> value) {
    static_assert(vitrine::kernels::simt::is_one_of<T, int, unsigned>);
    return static_cast<T>(
        atomicAdd(reinterpret_cast<unsigned*>(address), 0u - static_cast<unsigned>(value)));
}
template <class T>
T atomicMax(T* address, std::type_identity_t<T> value) {
    static_assert(vitrine::kernels::simt::is_atomic_integer<T>);
    return vitrine::kernels::simt::update_atomically(
        address, [value](T b) { return b < value ? value : b; });
}
template <class T>
T atomicMin(T* address, std::type_identity_t<T> value) {
    static_assert(vitrine::kernels::simt::is_atomic_integer<T>);
    return vitrine::kernels::simt::update_atomically(
        address, [value](T b) { return value < b ? value : b; });
}
template <class T>
T atomicExch(T* address, std::type_identity_t<T> value) {
    static_assert(vitrine::kernels::simt::is_one_of<T, int, unsigned, unsigned long long, float>);
    return vitrine::kernels::simt::update_atomically(address, [value](T) { return value; });
}
template <class T>
T atomicCAS(T* address, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
    static_assert(vitrine::kernels::simt::is_one_of<T, int, unsigned, unsigned long long>);
    return vitrine::kernels::simt::update_atomically(
        address, [=](T before) { return before == expected ? value : before; });
}
template <class T>
T atomicAnd(T* address, std::type_identity_t<T> value) {
    static_assert(vitrine::kernels::simt::is_atomic_integer<T>);
    return vitrine::kernels::simt::update_atomically(address,
                                                     [value](T before) { return before & value; });
}
template <class T>
T atomicOr(T* address, std::type_identity_t<T> value) {
    static_assert(vitrine::kernels::simt::is_atomic_integer<T>);
    return vitrine::kernels::simt::update_atomically(address,
                                                     [value](T before) { return before | value; });
}
template <class T>
T atomicXor(T* address, std::type_identity_t<T> value) {
    static_assert(vitrine::kernels::simt::is_atomic_integer<T>);
    return vitrine::kernels::simt::update_atomically(address,
                                                     [value](T before) { return before ^ value; });
}
/// Counts up to `last`, then starts at 0 again.
inline unsigned atomicInc(unsigned* address, unsigned last) {
    return vitrine::kernels::simt::update_atomically(
        address, [last](unsigned b) { return b >= last ? 0u : b + 1; });
}
/// Counts down to 0, then starts at `last` again.
inline unsigned atomicDec(unsigned* address, unsigned last) {
    return vitrine::kernels::simt::update_atomically(
        address, [last](unsigned b) { return b == 0 || b > last ? last : b - 1; });
}

inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_system() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

}  // namespace vitrine_simt
