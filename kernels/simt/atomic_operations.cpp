#include "atomic_operations.h"

#include <string>

#include "vitrine/kernels/base/error.h"

#include "vitrine/kernels/simt/check/events.h"
#include "scheduler.h"

namespace vitrine::kernels::simt {

constinit VITRINE_SIMT_PER_WORKER FruitlessAtomics fruitless_atomics{};

void fail_alignment(std::size_t bytes, const Site& site) {
    const check::Pause pause;
    const std::string what = "the address is no multiple of " + std::to_string(bytes) + " bytes";
    if (running_scheduler) fail(what, site);
    throw Error("simt: " + to_string(site) + ": " + what);
}

void waiting_turn(const Site& site) {
    const check::Pause pause;
    if (running_scheduler) running_scheduler->yield(site);
}

void fence(Scope scope) {
    if (scope == Scope::block)  // of one OS thread
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
    else
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (running_scheduler) check::fence(scope);
}

#if VITRINE_SIMT_CHECK
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
void tell_checker(const Access& access) {
    const check::Pause pause;
    if (running_scheduler) check::atomic(access);
}

template std::uint8_t load_bits(const std::uint8_t*);
template std::uint16_t load_bits(const std::uint16_t*);
template std::uint32_t load_bits(const std::uint32_t*);
template std::uint64_t load_bits(const std::uint64_t*);
template void store_bits(std::uint8_t*, std::uint8_t);
template void store_bits(std::uint16_t*, std::uint16_t);
template void store_bits(std::uint32_t*, std::uint32_t);
template void store_bits(std::uint64_t*, std::uint64_t);
template bool exchange_bits(std::uint8_t*, std::uint8_t&, std::uint8_t);
template bool exchange_bits(std::uint16_t*, std::uint16_t&, std::uint16_t);
template bool exchange_bits(std::uint32_t*, std::uint32_t&, std::uint32_t);
template bool exchange_bits(std::uint64_t*, std::uint64_t&, std::uint64_t);
#endif

}  // namespace vitrine::kernels::simt
