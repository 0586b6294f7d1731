// What a launch promises: exceptions come out of it, nothing leaks, orders and workers, several
// host threads.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "device_array.h"
#include "kernels.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"

namespace kernels = vitrine::kernels;
using kernels::launch;
using kernels::Simt;

namespace {

std::atomic<int> living{0};

struct Counted {
    Counted() { ++living; }
    ~Counted() { --living; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
};

__global__ void throwing_kernel(unsigned thread) {
    const Counted counted;
    __syncthreads();
    if (threadIdx.x == thread && blockIdx.x == 2) throw std::out_of_range("thrown by a thread");
    __syncthreads();
}

__global__ void throwing_at_once_kernel() { throw std::out_of_range("thrown by a thread"); }

__global__ void order_kernel(unsigned* order, unsigned* next) {
    order[atomicAdd(next, 1u)] = threadIdx.x;
}

__global__ void order_after_barrier_kernel(unsigned* order, unsigned* next) {
    __syncthreads();
    order[atomicAdd(next, 1u)] = threadIdx.x;
}

__global__ void indices_kernel(unsigned* out) {
    const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
    out[block * threads + thread] += block * threads + thread + 1;
}

__global__ void dynamic_memory_kernel(unsigned* out, unsigned count) {
    VITRINE_DYNAMIC_SHARED(unsigned, s);
    for (unsigned i = 0; i < count; ++i) out[blockIdx.x * count + i] = s[i];
    for (unsigned i = 0; i < count; ++i) s[i] = 1;
}

struct Pair {
    int a;
    double b;
};
__global__ void arguments_kernel(Pair pair, const int* const in, double* out, std::int64_t n) {
    n += in[0];
    out[0] = pair.a + pair.b + static_cast<double>(n);
}

/// A kernel's variables are not shared between the blocks that run at the same time.
__global__ void own_memory_kernel(int* errors) {
    __shared__ unsigned s[64];
    for (unsigned turn = 0; turn < 20; ++turn) {
        s[threadIdx.x] = blockIdx.x * 1000 + turn;
        __syncthreads();
        if (s[63 - threadIdx.x] != blockIdx.x * 1000 + turn) atomicAdd(errors, 1);
        __syncthreads();
    }
}

std::vector<unsigned> order_of(void (*run)(unsigned*, unsigned*), unsigned threads) {
    DeviceArray<unsigned> order(threads), next(std::vector<unsigned>{0});
    run(order.data(), next.data());
    return order.to_host();
}

int lines_of(const char* file) {
    std::ifstream in(file);
    int lines = 0;
    for (std::string line; std::getline(in, line);) ++lines;
    return lines;
}

}  // namespace

TEST_CASE("simt/launch: an exception of one thread ends the launch and unwinds the others") {
    in_every_setting([] {
        for (const unsigned thread : {0u, 37u, 63u}) {
            CHECK_THROWS_WITH_AS(launch<throwing_kernel>(Simt{}, {5, 64}, thread),
                                 "thrown by a thread", std::out_of_range);
            CHECK(living == 0);
        }
        CHECK_THROWS_AS(launch<throwing_at_once_kernel>(Simt{}, {5, 64}), std::out_of_range);
        CHECK_NOTHROW(launch<throwing_kernel>(Simt{}, {5, 64}, 64u));
        CHECK(living == 0);
    });
}

TEST_CASE("simt/launch: stacks of failed launches are used again") {
    const auto fail = [] {
        CHECK_THROWS_AS(launch<throwing_kernel>(Simt{}, {5, 64}, 37u), std::out_of_range);
    };
    const WithOptions one({simt::Order::forward, 1, 1, simt::fastest_switch});
    for (int i = 0; i < 3; ++i) fail();
    const int before = lines_of("/proc/self/maps");
    for (int i = 0; i < 50; ++i) fail();
    CHECK(lines_of("/proc/self/maps") <= before + 4);  // a stack left behind takes 2 lines
}

TEST_CASE("simt/launch: order forward, reverse and random, seed 1") {
    const auto at_once = [](unsigned* order, unsigned* next) {
        launch<order_kernel>(Simt{}, {1, 70}, order, next);
    };
    const auto after_barrier = [](unsigned* order, unsigned* next) {
        launch<order_after_barrier_kernel>(Simt{}, {1, 70}, order, next);
    };
    std::vector<unsigned> forward(70);
    std::iota(forward.begin(), forward.end(), 0u);
    const std::vector<unsigned> reverse(forward.rbegin(), forward.rend());
    {
        const WithOptions set({simt::Order::forward, 1, 1, simt::fastest_switch});
        CHECK(order_of(at_once, 70) == forward);
        CHECK(order_of(after_barrier, 70) == forward);
    }
    {
        const WithOptions set({simt::Order::reverse, 1, 1, simt::fastest_switch});
        CHECK(order_of(at_once, 70) == reverse);
        CHECK(order_of(after_barrier, 70) == reverse);
    }
    const WithOptions set({simt::Order::random, 1, 1, simt::fastest_switch});
    std::vector<unsigned> random = order_of(after_barrier, 70);
    CHECK(random != forward);
    CHECK(random == order_of(after_barrier, 70));
    simt::options().seed = 2;
    CHECK(random != order_of(after_barrier, 70));
    std::sort(random.begin(), random.end());
    CHECK(random == forward);
}

TEST_CASE("simt/launch: options come from the environment, others are refused") {
    const auto with = [](const char* name, const char* value) {
        setenv(name, value, 1);
        std::string text = "no error";
        simt::Options options;
        try {
            options = simt::options_from_environment();
        } catch (const vitrine::Error& error) {
            text = error.what();
        }
        unsetenv(name);
        return std::pair(options, text);
    };
    CHECK(with("VITRINE_SIMT_ORDER", "").first.order == simt::Order::forward);
    CHECK(with("VITRINE_SIMT_ORDER", "forward").first.order == simt::Order::forward);
    CHECK(with("VITRINE_SIMT_ORDER", "reverse").first.order == simt::Order::reverse);
    CHECK(with("VITRINE_SIMT_ORDER", "random").first.order == simt::Order::random);
    CHECK(with("VITRINE_SIMT_ORDER", "random:17").first.seed == 17);
    CHECK(with("VITRINE_SIMT_WORKERS", "3").first.workers == 3);
    CHECK(with("VITRINE_SIMT_SWITCH", "ucontext").first.switch_kind == simt::SwitchKind::ucontext);
    for (const std::string order : {"sideways", "random:", "random:x", "random:1x", "random1"})
        CHECK(with("VITRINE_SIMT_ORDER", order.c_str()).second ==
              "VITRINE_SIMT_ORDER is " + order +
                  "; allowed are forward, reverse, random and random:SEED");
    for (const std::string workers : {"0", "-1", "two", "3x"})
        CHECK(with("VITRINE_SIMT_WORKERS", workers.c_str()).second ==
              "VITRINE_SIMT_WORKERS is " + workers + "; allowed are whole numbers from 1");
    CHECK(with("VITRINE_SIMT_TIMEOUT", "2.5").first.timeout == 2.5);
    for (const std::string seconds : {"-1", "soon", "3s"})
        CHECK(with("VITRINE_SIMT_TIMEOUT", seconds.c_str()).second ==
              "VITRINE_SIMT_TIMEOUT is " + seconds + "; allowed are seconds from 0 (0: no end)");
    CHECK(with("VITRINE_SIMT_SWITCH", "x").second.substr(0, 54) ==
          "VITRINE_SIMT_SWITCH is x; allowed in this build are a"
          "s");
#if VITRINE_SIMT_ONE_WORKER
    CHECK(with("VITRINE_SIMT_SWITCH", "threads").first.switch_kind ==
          simt::SwitchKind::os_threads);
#else
    CHECK(with("VITRINE_SIMT_SWITCH", "threads").second ==
          "VITRINE_SIMT_SWITCH is threads; allowed in this build are assembly, ucontext (threads: "
          "where kernels run on one OS thread, preset learn)");
#endif
}

TEST_CASE("simt/launch: every thread of every block runs once, with its own indices") {
    in_every_setting([] {
        const dim3 grid(3, 5, 2), block(7, 3, 2);
        const unsigned n = 3 * 5 * 2 * 7 * 3 * 2;
        DeviceArray<unsigned> out(std::vector<unsigned>(n, 0u));
        launch<indices_kernel>(Simt{}, {grid, block}, out.data());
        std::vector<unsigned> want(n);
        std::iota(want.begin(), want.end(), 1u);
        CHECK(out.to_host() == want);
    });
}

TEST_CASE("simt/launch: dynamic shared memory starts as 0xff in every block") {
    DeviceArray<unsigned> out(12);
#if VITRINE_SIMT_CHECK
    CHECK_THROWS(launch<dynamic_memory_kernel>(Simt{}, {3, 1, 16}, out.data(), 4u));
    return;
#endif
    launch<dynamic_memory_kernel>(Simt{}, {3, 1, 16}, out.data(), 4u);
    CHECK(out.to_host() == std::vector<unsigned>(12, 0xffffffffu));
}

TEST_CASE("simt/launch: arguments are converted and copied") {
    DeviceArray<int> in(std::vector<int>{4});
    DeviceArray<double> out(1);
    launch<arguments_kernel>(Simt{}, {1, 1}, Pair{2, 0.5}, in.data(), out.data(), 10);
    CHECK(out.to_host()[0] == 16.5);
}

TEST_CASE("simt/launch: the count rises by one a launch, not for an empty grid") {
    const auto before = simt::launch_count();
    DeviceArray<unsigned> out(std::vector<unsigned>(8, 0u));
    launch<indices_kernel>(Simt{}, {2, 4}, out.data());
    CHECK(simt::launch_count() == before + 1);
    launch<indices_kernel>(Simt{}, {0, 4}, out.data());
    launch<indices_kernel>(Simt{}, {dim3(1, 0), 4}, out.data());
    launch<indices_kernel>(Simt{}, {dim3(1, 1, 0), 4}, out.data());
    CHECK(simt::launch_count() == before + 1);
}

TEST_CASE("simt/launch: several host threads launch at the same time") {
    std::vector<std::thread> threads;
    std::atomic<int> failed{0};
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&failed] {
            for (int turn = 0; turn < 10; ++turn) {
                DeviceArray<int> errors(std::vector<int>{0});
                launch<own_memory_kernel>(Simt{}, {8, 64}, errors.data());
                failed += errors.to_host()[0];
                try {
                    launch<throwing_kernel>(Simt{}, {5, 64}, 7u);
                    ++failed;
                } catch (const std::out_of_range&) {
                }
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(failed == 0);
    CHECK(living == 0);
}
