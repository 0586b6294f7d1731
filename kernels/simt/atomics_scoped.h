// CUDA's atomics for the threads of one block (_block) and for those of all devices and the host
// (_system), see atomics.h. They compute the same; the checker reports a block's atomics on what
// another block touches.
#pragma once

#include <type_traits>

#include "atomic_operations.h"
#include "site.h"

inline namespace vitrine_simt {

template <class T>
requires vitrine::kernels::simt::AtomicAddend<T> T atomicAdd_block(T* address,
                                                                   std::type_identity_t<T> value,
                                                                   VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_add(
        address, value,
        {vitrine::kernels::simt::Scope::block, {"atomicAdd_block", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger32<T> T atomicSub_block(T* address,
                                                                      std::type_identity_t<T> value,
                                                                      VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_sub(
        address, value,
        {vitrine::kernels::simt::Scope::block, {"atomicSub_block", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicMin_block(T* address,
                                                                    std::type_identity_t<T> value,
                                                                    VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_min(
        address, value,
        {vitrine::kernels::simt::Scope::block, {"atomicMin_block", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicMax_block(T* address,
                                                                    std::type_identity_t<T> value,
                                                                    VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_max(
        address, value,
        {vitrine::kernels::simt::Scope::block, {"atomicMax_block", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicWord<T> T atomicExch_block(T* address,
                                                                  std::type_identity_t<T> value,
                                                                  VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_exchange(
        address, value,
        {vitrine::kernels::simt::Scope::block, {"atomicExch_block", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicAnd_block(T* address,
                                                                    std::type_identity_t<T> value,
                                                                    VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_and(
        address, value,
        {vitrine::kernels::simt::Scope::block, {"atomicAnd_block", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicOr_block(T* address,
                                                                   std::type_identity_t<T> value,
                                                                   VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_or(
        address, value,
        {vitrine::kernels::simt::Scope::block, {"atomicOr_block", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicXor_block(T* address,
                                                                    std::type_identity_t<T> value,
                                                                    VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_xor(
        address, value,
        {vitrine::kernels::simt::Scope::block, {"atomicXor_block", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicComparable<T> T
atomicCAS_block(T* address, std::type_identity_t<T> expected, std::type_identity_t<T> value,
                VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_cas(
        address, expected, value,
        {vitrine::kernels::simt::Scope::block, {"atomicCAS_block", caller_file, caller_line}});
}
inline unsigned atomicInc_block(unsigned* address, unsigned last, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_inc(
        address, last,
        {vitrine::kernels::simt::Scope::block, {"atomicInc_block", caller_file, caller_line}});
}
inline unsigned atomicDec_block(unsigned* address, unsigned last, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_dec(
        address, last,
        {vitrine::kernels::simt::Scope::block, {"atomicDec_block", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicAddend<T> T atomicAdd_system(T* address,
                                                                    std::type_identity_t<T> value,
                                                                    VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_add(
        address, value,
        {vitrine::kernels::simt::Scope::system, {"atomicAdd_system", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger32<T> T
atomicSub_system(T* address, std::type_identity_t<T> value, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_sub(
        address, value,
        {vitrine::kernels::simt::Scope::system, {"atomicSub_system", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicMin_system(T* address,
                                                                     std::type_identity_t<T> value,
                                                                     VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_min(
        address, value,
        {vitrine::kernels::simt::Scope::system, {"atomicMin_system", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicMax_system(T* address,
                                                                     std::type_identity_t<T> value,
                                                                     VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_max(
        address, value,
        {vitrine::kernels::simt::Scope::system, {"atomicMax_system", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicWord<T> T atomicExch_system(T* address,
                                                                   std::type_identity_t<T> value,
                                                                   VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_exchange(
        address, value,
        {vitrine::kernels::simt::Scope::system, {"atomicExch_system", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicAnd_system(T* address,
                                                                     std::type_identity_t<T> value,
                                                                     VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_and(
        address, value,
        {vitrine::kernels::simt::Scope::system, {"atomicAnd_system", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicOr_system(T* address,
                                                                    std::type_identity_t<T> value,
                                                                    VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_or(
        address, value,
        {vitrine::kernels::simt::Scope::system, {"atomicOr_system", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicInteger<T> T atomicXor_system(T* address,
                                                                     std::type_identity_t<T> value,
                                                                     VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_xor(
        address, value,
        {vitrine::kernels::simt::Scope::system, {"atomicXor_system", caller_file, caller_line}});
}
template <class T>
requires vitrine::kernels::simt::AtomicComparable<T> T
atomicCAS_system(T* address, std::type_identity_t<T> expected, std::type_identity_t<T> value,
                 VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_cas(
        address, expected, value,
        {vitrine::kernels::simt::Scope::system, {"atomicCAS_system", caller_file, caller_line}});
}
inline unsigned atomicInc_system(unsigned* address, unsigned last, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_inc(
        address, last,
        {vitrine::kernels::simt::Scope::system, {"atomicInc_system", caller_file, caller_line}});
}
inline unsigned atomicDec_system(unsigned* address, unsigned last, VITRINE_SIMT_CALLER) {
    return vitrine::kernels::simt::atomic_dec(
        address, last,
        {vitrine::kernels::simt::Scope::system, {"atomicDec_system", caller_file, caller_line}});
}

}  // namespace vitrine_simt
