// Kernels that would take a program down: each gets one clear error, the program goes on, and the next
// launch works.
#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>

#include "device_array.h"
#include "kernels.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"

namespace kernels = vitrine::kernels;
using kernels::launch;
using kernels::Simt;

namespace bad_input {

std::atomic<int> living{0};
struct Counted {
    Counted() { ++living; }
    ~Counted() { --living; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
};

// Thread `thread` waits for a flag that nobody sets; the others at a barrier. Its reads are plain ones,
// after which it lets nobody run, but the compiler must make them.
__global__ void spinning(const int* flag, unsigned thread) {
    if (threadIdx.x == thread) {
        while (*flag == 0) asm volatile("" ::: "memory");
    } else {
        const Counted counted;
        __syncthreads();
    }
}

__global__ void taking_a_lock(unsigned* lock) {
    while (atomicCAS(lock, 0u, 1u) != 0u) {
    }
}

constexpr int barrier_line = __LINE__ + 4;
__global__ void looping(int* x) {
    const Counted counted;
    while (true) {
        __syncthreads();
        x[threadIdx.x] += 1;
    }
}

constexpr int vote_line = __LINE__ + 3;
__global__ void waiting_for_a_vote(int* x) {
    const Counted counted;
    while (__any_sync(0xffffffffu, x[0] == 0)) {
    }
}

constexpr int sleep_line = __LINE__ + 4;
__global__ void sleeping(const volatile int* flag) {
    const Counted counted;
    while (*flag == 0) {
        __nanosleep(100);
    }
}

// Calls itself until x[0] is passed, with 1 KiB a call; the compiler cannot make a loop of it.
__device__ __attribute__((noinline)) int deep(volatile int* x, int level) {
    volatile int frame[256];
    frame[level % 256] = level;
    if (level > x[0]) return frame[level % 256];
    return deep(x, level + 1) + frame[level % 256];
}

__global__ void recursing(int* x, unsigned thread) {
    if (threadIdx.x == thread)
        x[1] = deep(x, 0);
    else {
        const Counted counted;
        __syncthreads();
    }
}

constexpr unsigned all = 0xffffffffu;
__global__ void shuffling_in_a_branch(int* x) {
    const Counted counted;
    if (threadIdx.x < 16) x[threadIdx.x] = __shfl_xor_sync(all, 1, 8);
    __syncthreads();
}

__global__ void throwing(unsigned thread) {
    const Counted counted;
    __syncthreads();
    if (threadIdx.x == thread) throw std::out_of_range("of a thread");
    __syncthreads();
}

__global__ void adding_one(int* x) {
    __syncthreads();
    atomicAdd(&x[threadIdx.x], 1);
}

// Without " at bad_input.cpp:27" or " at address 0x1234 of prog", which differs from build to build.
std::string without_place(std::string text) {
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    const std::size_t begin = text.rfind(" at ", line_end);
    if (begin == std::string::npos) return text + " (no place)";
    return text.erase(begin, line_end - begin);
}

void next_launch_works() {
    CHECK(living == 0);
    DeviceArray<int> x(std::vector<int>(64, 1));
    launch<adding_one>(Simt{}, {2, 64}, x.data());
    CHECK(x.to_host() == std::vector<int>(64, 3));
}

/// With `seconds` a block, one worker and every kind of stack.
template <class F>
void with_timeout(double seconds, F f) {
    std::vector<simt::SwitchKind> kinds = {simt::fastest_switch, simt::SwitchKind::ucontext};
#if VITRINE_SIMT_ONE_WORKER
    kinds.push_back(simt::SwitchKind::os_threads);
#endif
    for (const simt::SwitchKind kind : kinds) {
        CAPTURE(static_cast<int>(kind));
        const WithOptions set({simt::Order::forward, 1, 1, kind, seconds});
        f();
        next_launch_works();
    }
}

}  // namespace bad_input

using namespace bad_input;

TEST_CASE("simt/bad_input: a thread that spins for ever") {
    DeviceArray<int> flag(std::vector<int>{0});
    DeviceArray<unsigned> lock(std::vector<unsigned>{1u});
    with_timeout(0.05, [&] {
        const std::string begin =
            "kernel bad_input::spinning, block (0,0,0): not done after 0.05 s "
            "of CPU time (VITRINE_SIMT_TIMEOUT), thread ";
        CHECK(without_place(error_of([&] {
                  launch<spinning>(Simt{}, {1, 3}, flag.data(), 0u);
              })) == begin +
                         "(0,0,0) runs on"
                         "\n  1 thread running: (0,0,0)"
                         "\n  2 threads can go on: (1,0,0)..(2,0,0)");
        const std::string text = error_of([&] { launch<spinning>(Simt{}, {2, 64}, flag.data(), 40u); });
        CHECK(text.find(begin + "(40,0,0) runs on at ") == 0);
        CHECK(text.find("\n  40 threads in __syncthreads at bad_input.cpp:") != std::string::npos);
        CHECK(text.find("\n  1 thread running: (40,0,0)") != std::string::npos);
        CHECK(error_of([&] {
                  launch<taking_a_lock>(Simt{}, {1, 1}, lock.data());
              }).find("kernel bad_input::taking_a_lock, block (0,0,0): not done after") == 0);
    });
}

TEST_CASE("simt/bad_input: threads that meet for ever") {
    DeviceArray<int> x(std::vector<int>(64, 0));
    with_timeout(0.05, [&] {
        std::string text = error_of([&] { launch<looping>(Simt{}, {1, 64}, x.data()); });
        CHECK(text.find("kernel bad_input::looping, block (0,0,0): not done after 0.05 s of CPU time "
                        "(VITRINE_SIMT_TIMEOUT), thread (") == 0);
        CHECK(text.find(",0,0) in __syncthreads at bad_input.cpp:" + std::to_string(barrier_line) + "\n  ") !=
              std::string::npos);
        simt::fill(x.data(), 0, 64 * sizeof(int));
        text = error_of([&] { launch<waiting_for_a_vote>(Simt{}, {1, 32}, x.data()); });
        CHECK(text.find(",0,0) in __any_sync at bad_input.cpp:" + std::to_string(vote_line) + "\n  ") !=
              std::string::npos);
    });
}

TEST_CASE("simt/bad_input: a cooperative launch that never ends") {
    DeviceArray<int> flag(std::vector<int>{0});
    with_timeout(0.05, [&] {
        std::string text = error_of([&] { launch<spinning>(Simt{}, {3, 64, 0, true}, flag.data(), 40u); });
        CHECK(text.find("kernel bad_input::spinning, block (0,0,0): not done after 0.05 s of CPU "
                        "time (VITRINE_SIMT_TIMEOUT), thread (40,0,0) runs on at ") == 0);
        text = error_of([&] { launch<sleeping>(Simt{}, {3, 4, 0, true}, flag.data()); });
        CHECK(text.find(",0,0): not done after 0.05 s of CPU time (VITRINE_SIMT_TIMEOUT), thread (") !=
              std::string::npos);
        CHECK(text.find(" in __nanosleep at bad_input.cpp:" + std::to_string(sleep_line) + "\n") != std::string::npos);
    });
}

TEST_CASE("simt/bad_input: a stack that is full, of a fiber and of an OS thread") {
    DeviceArray<int> x(std::vector<int>{1 << 30, 0});
    with_timeout(10, [&] {
        for (int turn = 0; turn < 3; ++turn) {
            CHECK(without_place(error_of([&] {
                      launch<recursing>(Simt{}, {1, 33}, x.data(), 32u);
                  })) == "kernel bad_input::recursing, block (0,0,0): thread (32,0,0) has used up its stack of " +
                             std::to_string(simt::Fiber::stack_bytes() / 1024) + " KiB");
            const std::string text = error_of([&] { launch<recursing>(Simt{}, {1, 33}, x.data(), 0u); });
            CHECK(text.find("kernel bad_input::recursing, block (0,0,0): thread (0,0,0) has used up its "
                            "stack of ") == 0);
            CHECK(living == 0);
        }
    });
}

TEST_CASE("simt/bad_input: an exception keeps its type, and the others are unwound") {
    with_timeout(10, [] {
        for (const unsigned thread : {0u, 40u, 63u})
            CHECK_THROWS_WITH_AS(launch<throwing>(Simt{}, {1, 64}, thread), "of a thread", std::out_of_range);
    });
}

TEST_CASE("simt/bad_input: after a misused warp operation the program goes on") {
    DeviceArray<int> x(64);
    with_timeout(10, [&] {
        CHECK(error_of([&] {
                  launch<shuffling_in_a_branch>(Simt{}, {3, 32}, x.data());
              })
                  .find("kernel bad_input::shuffling_in_a_branch, block (0,0,0): deadlock, no thread "
                        "can go on") == 0);
    });
}

TEST_CASE("simt/bad_input: sizes of a launch that no GPU has") {
    DeviceArray<int> x(64);
    with_timeout(10, [&] {
        const auto text_of = [&](kernels::Launch size) {
            return error_of([&] { launch<adding_one>(Simt{}, size, x.data()); });
        };
        CHECK(text_of({1, 1025}) ==
              "kernel bad_input::adding_one: block (1025, 1, 1); allowed are 1 to 1024 threads, at most "
              "64 in z");
        CHECK(text_of({1, dim3(0, 1, 1)}) ==
              "kernel bad_input::adding_one: block (0, 1, 1); allowed are 1 to 1024 threads, at most 64 in z");
        CHECK(text_of({dim3(1, 65536), 1}) ==
              "kernel bad_input::adding_one: grid (1, 65536, 1); allowed are 2147483647 blocks in x, "
              "65535 in y and in z");
        CHECK(text_of({1, 32, 227 * 1024 + 1}) ==
              "kernel bad_input::adding_one: 232449 bytes of dynamic shared memory; allowed are 232448");
    });
}
