// An array in the memory of device simt, what a launch throws, and the settings under which every kernel must agree.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/simt/memory.h"
#include "vitrine/kernels/simt/options.h"

namespace simt = vitrine::kernels::simt;

template <class T>
class DeviceArray {
public:
    explicit DeviceArray(std::size_t count)
        : count_(count), data_(static_cast<T*>(simt::allocate(count * sizeof(T)))) {}
    explicit DeviceArray(const std::vector<T>& host) : DeviceArray(host.size()) {
        simt::copy(data_, host.data(), host.size() * sizeof(T));
    }
    ~DeviceArray() { simt::release(data_); }
    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;

    T* data() { return data_; }
    std::vector<T> to_host() const {
        std::vector<T> host(count_);
        simt::copy(host.data(), data_, count_ * sizeof(T));
        return host;
    }

private:
    std::size_t count_;
    T* data_;
};

/// The text of the vitrine::Error that f throws; "no error" if it throws none.
template <class F>
std::string error_of(F f) {
    try {
        f();
    } catch (const vitrine::Error& error) {
        return error.what();
    }
    return "no error";
}

/// Sets the options of the emulator until the end of the scope.
class WithOptions {
public:
    explicit WithOptions(const simt::Options& options) : before_(simt::options()) {
        simt::options() = options;
    }
    ~WithOptions() { simt::options() = before_; }

private:
    simt::Options before_;
};

/// Runs `f` in every order of threads, with one and with three workers, and with every switch. That of
/// OS threads is slow.
template <class F>
void in_every_setting(F f, [[maybe_unused]] bool os_threads = true) {
    using simt::Order, simt::SwitchKind;
    std::vector<simt::Options> all = {
        {Order::forward, 1, 1, simt::fastest_switch}, {Order::forward, 1, 3, simt::fastest_switch},
        {Order::reverse, 1, 1, simt::fastest_switch}, {Order::random, 1, 1, simt::fastest_switch},
        {Order::random, 2, 3, simt::fastest_switch},  {Order::forward, 1, 1, SwitchKind::ucontext},
        {Order::reverse, 1, 3, SwitchKind::ucontext},
    };
#if VITRINE_SIMT_ONE_WORKER
    if (os_threads) all.push_back({Order::random, 1, 1, SwitchKind::os_threads});
#endif
    for (std::size_t i = 0; i < all.size(); ++i) {
        CAPTURE(i);
        const WithOptions set(all[i]);
        f();
    }
}
