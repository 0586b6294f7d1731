// The emulator on AArch64, run under qemu by ctest: every switch of stacks, errors, and a backtrace from a
// waiting thread's stack into the function that launched it. Prints "passed", or what is wrong.
#include <cstdio>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <unwind.h>

#include "kernels.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/simt/memory.h"
#include "vitrine/kernels/simt/options.h"

namespace kernels = vitrine::kernels;
namespace simt = vitrine::kernels::simt;
using kernels::launch;
using kernels::Simt;

namespace {

int failures = 0;

void check(bool right, const std::string& what) {
    if (right) return;
    std::printf("FAILED: %s\n", what.c_str());
    ++failures;
}

template <class T>
struct DeviceArray {
    explicit DeviceArray(const std::vector<T>& host)
        : data(static_cast<T*>(simt::allocate(host.size() * sizeof(T)))), count(host.size()) {
        simt::copy(data, host.data(), count * sizeof(T));
    }
    ~DeviceArray() { simt::release(data); }
    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;
    std::vector<T> to_host() const {
        std::vector<T> host(count);
        simt::copy(host.data(), data, count * sizeof(T));
        return host;
    }
    T* data;
    std::size_t count;
};

struct Trace {
    void* wanted;
    bool found;
};

_Unwind_Reason_Code look_at(_Unwind_Context* frame, void* trace) {
    auto* t = static_cast<Trace*>(trace);
    void* function = _Unwind_FindEnclosingFunction(reinterpret_cast<void*>(_Unwind_GetIP(frame)));
    t->found = t->found || function == t->wanted;
    return _URC_NO_REASON;
}

// Callee-saved registers, floating-point ones too, keep their values over a switch.
__global__ void tracing(Trace* traces, double* sums) {
    const double a = threadIdx.x, b = a * 0.5, c = a * 0.25, d = a * 0.125;
    __syncthreads();
    _Unwind_Backtrace(&look_at, &traces[threadIdx.x]);
    __syncthreads();
    sums[threadIdx.x] = a + b + c + d;
}

__attribute__((noinline)) void launch_tracing(Trace* traces, double* sums) {
    launch<tracing>(Simt{}, {1, 64}, traces, sums);
    asm volatile("");  // no tail call: this function stays on the stack
}

void test_backtrace() {
    DeviceArray<Trace> traces(std::vector<Trace>(64, {reinterpret_cast<void*>(&launch_tracing), false}));
    DeviceArray<double> sums(std::vector<double>(64, 0.0));
    launch_tracing(traces.data, sums.data);
    const bool os_threads = simt::options().switch_kind == simt::SwitchKind::os_threads;
    const bool all = simt::options().switch_kind == simt::fastest_switch;
    int found = 0;
    for (const Trace& trace : traces.to_host()) found += trace.found;
    check(found == (all ? 64 : 1) || os_threads,
          "the launching function was found by " + std::to_string(found) + " of 64 threads");
    const std::vector<double> got = sums.to_host();
    for (int t = 0; t < 64; ++t)
        check(got[static_cast<std::size_t>(t)] == t * 1.875, "sum of thread " + std::to_string(t));
}

void test_collectives() {
    constexpr int threads = 256, turns = 64;
    DeviceArray<int> order(std::vector<int>(turns, -1));
    kernels::test_uneven_work(Simt{}, order.data, turns);
    std::vector<int> want(turns);
    std::iota(want.begin(), want.end(), 0);
    check(order.to_host() == want, "hundreds of barriers");

    std::vector<float> x(2 * threads);
    std::iota(x.begin(), x.end(), 1.0f);
    DeviceArray<float> in(x), out(std::vector<float>(6));
    kernels::test_block_reduce(Simt{}, in.data, out.data, 2, threads);
    check(out.to_host() == std::vector<float>{32896, 256, 1, 98432, 512, 257}, "block_reduce");
}

__global__ void throwing() {
    __syncthreads();
    if (threadIdx.x == 40) throw std::out_of_range("of thread 40");
    __syncthreads();
}
__global__ void spinning(const volatile int* flag) {
    if (threadIdx.x < 40) __syncthreads();
    while (*flag == 0) {
    }
}
__attribute__((noinline)) int deep(volatile int* x, int level) {
    volatile int frame[256];
    frame[level % 256] = level;
    if (level > x[0]) return frame[level % 256];
    return deep(x, level + 1) + frame[level % 256];
}
__global__ void recursing(int* x) {
    if (threadIdx.x < 40) __syncthreads();
    x[1] = deep(x, 0);
}

template <class F>
std::string error_of(F f) {
    try {
        f();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "no error";
}

void test_errors() {
    check(error_of([] { launch<throwing>(Simt{}, {3, 64}); }) == "of thread 40", "an exception");
    DeviceArray<int> x(std::vector<int>{0, 0});
    std::string text = error_of([&] { launch<spinning>(Simt{}, {1, 64}, x.data); });
    check(text.find("not done after 0.2 s of CPU time (VITRINE_SIMT_TIMEOUT), thread (40,0,0) runs on at address 0x") !=
              std::string::npos,
          text);
    DeviceArray<int> depth(std::vector<int>{1 << 30, 0});
    text = error_of([&] { launch<recursing>(Simt{}, {1, 64}, depth.data); });
    check(text.find("thread (40,0,0) has used up its stack of 128 KiB at address 0x") != std::string::npos, text);
}

}  // namespace

int main() {
    using simt::SwitchKind;
    for (const SwitchKind kind : {SwitchKind::assembly, SwitchKind::ucontext, SwitchKind::os_threads})
        for (const simt::Order order : {simt::Order::forward, simt::Order::reverse}) {
            simt::options() = {order, 1, 1, kind};
            test_collectives();
            test_backtrace();
            if (order == simt::Order::reverse) continue;
            simt::options().timeout = 0.2;
            test_errors();
            simt::options().timeout = 0;
            test_collectives();
        }
    if (failures == 0) std::printf("passed\n");
    return failures != 0;
}
