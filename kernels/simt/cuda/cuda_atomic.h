// cuda::atomic and cuda::atomic_ref, on the atomics of the emulator. An order other than relaxed
// becomes a fence of the same scope before (release) and after (acquire) the operation.
#pragma once

#include <atomic>
#include <cstddef>
#include <type_traits>

#include "vitrine/kernels/simt/atomic_operations.h"
#include "vitrine/kernels/simt/site.h"

namespace cuda {

namespace simt = vitrine::kernels::simt;

enum thread_scope {
    thread_scope_system,
    thread_scope_device,
    thread_scope_block,
    thread_scope_thread
};

using std::memory_order;
using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_consume;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;

constexpr simt::Scope simt_scope(thread_scope scope) {
    return scope == thread_scope_system   ? simt::Scope::system
           : scope == thread_scope_device ? simt::Scope::device
                                          : simt::Scope::block;
}

inline void atomic_thread_fence(memory_order order, thread_scope scope = thread_scope_system) {
    if (order != memory_order_relaxed) simt::fence(simt_scope(scope));
}

/// What `order` adds to an operation: fences before and after it.
class OrderFences {
public:
    OrderFences(memory_order order, thread_scope scope) : order_(order), scope_(scope) {
        const bool releases = order == memory_order_release || order == memory_order_acq_rel ||
                              order == memory_order_seq_cst;
        if (releases) simt::fence(simt_scope(scope));
    }
    ~OrderFences() {
        const bool acquires = order_ == memory_order_acquire || order_ == memory_order_consume ||
                              order_ == memory_order_acq_rel || order_ == memory_order_seq_cst;
        if (acquires) simt::fence(simt_scope(scope_));
    }
    OrderFences(const OrderFences&) = delete;
    OrderFences& operator=(const OrderFences&) = delete;

private:
    memory_order order_;
    thread_scope scope_;
};

/// What can be done with an object that is atomic: Self knows its address().
template <class Self, class T, thread_scope scope>
class AtomicOperations {
    static_assert(std::is_trivially_copyable_v<T> &&
                  (sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8));

public:
    using value_type = T;
    static constexpr bool is_always_lock_free = true;

    bool is_lock_free() const { return true; }

    T load(memory_order order = memory_order_seq_cst, VITRINE_SIMT_CALLER) const {
        const OrderFences fences(order, scope);
        return simt::load_atomically(target(), place("cuda::atomic::load", caller_file, caller_line));
    }
    void store(T value, memory_order order = memory_order_seq_cst, VITRINE_SIMT_CALLER) const {
        const OrderFences fences(order, scope);
        simt::store_atomically(target(), value,
                               place("cuda::atomic::store", caller_file, caller_line));
    }
    T exchange(T value, memory_order order = memory_order_seq_cst, VITRINE_SIMT_CALLER) const {
        const OrderFences fences(order, scope);
        return simt::atomic_exchange(target(), value,
                                     place("cuda::atomic::exchange", caller_file, caller_line));
    }
    bool compare_exchange_strong(T& expected, T value, memory_order order = memory_order_seq_cst,
                                 VITRINE_SIMT_CALLER) const {
        const OrderFences fences(order, scope);
        const T before = simt::atomic_cas(
            target(), expected, value,
            place("cuda::atomic::compare_exchange", caller_file, caller_line));
        using Bits = simt::BitsOf<T>;
        const bool exchanged = std::bit_cast<Bits>(before) == std::bit_cast<Bits>(expected);
        expected = before;
        return exchanged;
    }
    bool compare_exchange_strong(T& expected, T value, memory_order success, memory_order,
                                 VITRINE_SIMT_CALLER) const {
        return compare_exchange_strong(expected, value, success, caller_file, caller_line);
    }
    bool compare_exchange_weak(T& expected, T value, memory_order order = memory_order_seq_cst,
                               VITRINE_SIMT_CALLER) const {
        return compare_exchange_strong(expected, value, order, caller_file, caller_line);
    }
    bool compare_exchange_weak(T& expected, T value, memory_order success, memory_order,
                               VITRINE_SIMT_CALLER) const {
        return compare_exchange_strong(expected, value, success, caller_file, caller_line);
    }

    T fetch_add(T value, memory_order order = memory_order_seq_cst, VITRINE_SIMT_CALLER) const {
        const OrderFences fences(order, scope);
        return simt::atomic_add(target(), value,
                                place("cuda::atomic::fetch_add", caller_file, caller_line));
    }
    T fetch_sub(T value, memory_order order = memory_order_seq_cst, VITRINE_SIMT_CALLER) const {
        const OrderFences fences(order, scope);
        return simt::update_atomically(
            target(), [value](T before) { return minus(before, value); },
            place("cuda::atomic::fetch_sub", caller_file, caller_line));
    }
    T fetch_min(T value, memory_order order = memory_order_seq_cst, VITRINE_SIMT_CALLER) const {
        const OrderFences fences(order, scope);
        return simt::atomic_min(target(), value,
                                place("cuda::atomic::fetch_min", caller_file, caller_line));
    }
    T fetch_max(T value, memory_order order = memory_order_seq_cst, VITRINE_SIMT_CALLER) const {
        const OrderFences fences(order, scope);
        return simt::atomic_max(target(), value,
                                place("cuda::atomic::fetch_max", caller_file, caller_line));
    }
    T fetch_and(T value, memory_order order = memory_order_seq_cst, VITRINE_SIMT_CALLER) const {
        const OrderFences fences(order, scope);
        return simt::atomic_and(target(), value,
                                place("cuda::atomic::fetch_and", caller_file, caller_line));
    }
    T fetch_or(T value, memory_order order = memory_order_seq_cst, VITRINE_SIMT_CALLER) const {
        const OrderFences fences(order, scope);
        return simt::atomic_or(target(), value,
                               place("cuda::atomic::fetch_or", caller_file, caller_line));
    }
    T fetch_xor(T value, memory_order order = memory_order_seq_cst, VITRINE_SIMT_CALLER) const {
        const OrderFences fences(order, scope);
        return simt::atomic_xor(target(), value,
                                place("cuda::atomic::fetch_xor", caller_file, caller_line));
    }

    // Operators know no file and line of their call: these have the address that they return to,
    // which is the caller's as long as they are functions of their own.
    [[gnu::noinline]] operator T() const {
        const OrderFences fences(memory_order_seq_cst, scope);
        return simt::load_atomically(
            target(), place_at("cuda::atomic::load", __builtin_return_address(0)));
    }
    [[gnu::noinline]] T operator=(T value) const {
        const OrderFences fences(memory_order_seq_cst, scope);
        simt::store_atomically(target(), value,
                               place_at("cuda::atomic::store", __builtin_return_address(0)));
        return value;
    }
    [[gnu::noinline]] T operator+=(T value) const {
        return plus(add(value, __builtin_return_address(0)), value);
    }
    [[gnu::noinline]] T operator-=(T value) const {
        return minus(subtract(value, __builtin_return_address(0)), value);
    }
    [[gnu::noinline]] T operator++() const {
        return plus(add(T(1), __builtin_return_address(0)), T(1));
    }
    [[gnu::noinline]] T operator++(int) const { return add(T(1), __builtin_return_address(0)); }
    [[gnu::noinline]] T operator--() const {
        return minus(subtract(T(1), __builtin_return_address(0)), T(1));
    }
    [[gnu::noinline]] T operator--(int) const {
        return subtract(T(1), __builtin_return_address(0));
    }
    [[gnu::noinline]] T operator&=(T value) const {
        const OrderFences fences(memory_order_seq_cst, scope);
        const void* const pc = __builtin_return_address(0);
        return simt::atomic_and(target(), value, place_at("cuda::atomic::operator&=", pc)) & value;
    }
    [[gnu::noinline]] T operator|=(T value) const {
        const OrderFences fences(memory_order_seq_cst, scope);
        const void* const pc = __builtin_return_address(0);
        return simt::atomic_or(target(), value, place_at("cuda::atomic::operator|=", pc)) | value;
    }
    [[gnu::noinline]] T operator^=(T value) const {
        const OrderFences fences(memory_order_seq_cst, scope);
        const void* const pc = __builtin_return_address(0);
        return simt::atomic_xor(target(), value, place_at("cuda::atomic::operator^=", pc)) ^ value;
    }

private:
    static simt::AtomicPlace place(const char* operation, const char* file, int line) {
        return {simt_scope(scope), {operation, file, line}};
    }
    static simt::AtomicPlace place_at(const char* operation, const void* pc) {
        return {simt_scope(scope), {operation, "", 0}, pc};
    }

    static T plus(T a, T b) {
        if constexpr (std::is_integral_v<T>) {
            using U = std::make_unsigned_t<T>;
            return static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
        } else {
            return a + b;
        }
    }
    static T minus(T a, T b) {
        if constexpr (std::is_integral_v<T>) {
            using U = std::make_unsigned_t<T>;
            return static_cast<T>(static_cast<U>(a) - static_cast<U>(b));
        } else {
            return a - b;
        }
    }
    T add(T value, const void* pc) const {
        const OrderFences fences(memory_order_seq_cst, scope);
        return simt::atomic_add(target(), value, place_at("cuda::atomic::operator+=", pc));
    }
    T subtract(T value, const void* pc) const {
        const OrderFences fences(memory_order_seq_cst, scope);
        return simt::update_atomically(
            target(), [value](T before) { return minus(before, value); },
            place_at("cuda::atomic::operator-=", pc));
    }

    T* target() const { return static_cast<const Self*>(this)->address(); }
};

/// An object that only atomic operations touch. It lies in memory as a T does.
template <class T, thread_scope scope = thread_scope_system>
class alignas(sizeof(T)) atomic : public AtomicOperations<atomic<T, scope>, T, scope> {
public:
    atomic() = default;
    constexpr atomic(T value) : value_(value) {}
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;
    using AtomicOperations<atomic<T, scope>, T, scope>::operator=;

    T* address() const { return const_cast<T*>(&value_); }

private:
    T value_;
};

/// Any object, seen through atomic operations.
template <class T, thread_scope scope = thread_scope_system>
class atomic_ref : public AtomicOperations<atomic_ref<T, scope>, T, scope> {
public:
    explicit atomic_ref(T& object) : object_(&object) {}
    using AtomicOperations<atomic_ref<T, scope>, T, scope>::operator=;

    T* address() const { return object_; }

private:
    T* object_;
};

}  // namespace cuda
