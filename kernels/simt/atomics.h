// CUDA's atomics, for the types that CUDA has them for and no others. They return the value from
// before; atomics_scoped.h has those of a narrower and a wider scope.
#pragma once

#include <type_traits>

#include "atomic_operations.h"
#include "atomics_scoped.h"
#include "site.h"

inline namespace vitrine_simt {

template <class T>
requires vitrine::kernels::simt::AtomicAddend<T> T atomicAdd(T* address,
                                                             std::type_identity_t<T> value,
                                                             VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_add(
        address, value,
        {vitrine::kernels::simt::Scope::device, {"atomicAdd", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger32<T> T atomicSub(T* address,
                                                                std::type_identity_t<T> value,
                                                                VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_sub(
        address, value,
        {vitrine::kernels::simt::Scope::device, {"atomicSub", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicMin(T* address,
                                                              std::type_identity_t<T> value,
                                                              VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_min(
        address, value,
        {vitrine::kernels::simt::Scope::device, {"atomicMin", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicMax(T* address,
                                                              std::type_identity_t<T> value,
                                                              VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_max(
        address, value,
        {vitrine::kernels::simt::Scope::device, {"atomicMax", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicWord<T> T atomicExch(T* address,
                                                            std::type_identity_t<T> value,
                                                            VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_exchange(
        address, value,
        {vitrine::kernels::simt::Scope::device, {"atomicExch", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicAnd(T* address,
                                                              std::type_identity_t<T> value,
                                                              VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_and(
        address, value,
        {vitrine::kernels::simt::Scope::device, {"atomicAnd", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicOr(T* address,
                                                             std::type_identity_t<T> value,
                                                             VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_or(
        address, value,
        {vitrine::kernels::simt::Scope::device, {"atomicOr", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicXor(T* address,
                                                              std::type_identity_t<T> value,
                                                              VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_xor(
        address, value,
        {vitrine::kernels::simt::Scope::device, {"atomicXor", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicComparable<T> T atomicCAS(T* address,
                                                                 std::type_identity_t<T> expected,
                                                                 std::type_identity_t<T> value,
                                                                 VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_cas(
        address, expected, value,
        {vitrine::kernels::simt::Scope::device, {"atomicCAS", caller_file, caller_line}});
}
inline unsigned atomicInc(unsigned* address, unsigned last, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_inc(
        address, last,
        {vitrine::kernels::simt::Scope::device, {"atomicInc", caller_file, caller_line}});
}
inline unsigned atomicDec(unsigned* address, unsigned last, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_dec(
        address, last,
        {vitrine::kernels::simt::Scope::device, {"atomicDec", caller_file, caller_line}});
}

inline void __threadfence() {
    vitrine::kernels::simt::fence(vitrine::kernels::simt::Scope::device);
}
inline void __threadfence_block() {
    vitrine::kernels::simt::fence(vitrine::kernels::simt::Scope::block);
}
inline void __threadfence_system() {
    vitrine::kernels::simt::fence(vitrine::kernels::simt::Scope::system);
}

}  // namespace vitrine_simt
