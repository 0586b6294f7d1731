// Kernels with a planted data race each, the whole report that it gets, and the same kernel without
// it. A line that a report names is marked by a constant.
#include "vitrine/config.h"

#if VITRINE_SIMT_CHECK

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <unistd.h>

#include "device_array.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_groups.h"

namespace kernels = vitrine::kernels;
using kernels::launch;
using kernels::Simt;

namespace racing {

constexpr int sum_line = __LINE__ + 1;
__global__ void plain_sum(const int* x, int* sum) { sum[0] += x[threadIdx.x]; }
__global__ void atomic_sum(const int* x, int* sum) { atomicAdd(sum, x[threadIdx.x]); }

constexpr int reverse_line = __LINE__ + 4;
template <bool correct>
__global__ void reversed(const int* x, int* y) {
    __shared__ int part[64];
    part[threadIdx.x] = x[threadIdx.x];
    if (correct) __syncthreads();
    y[threadIdx.x] = part[63 - threadIdx.x];
}

// Each round reads what the round before wrote, and overwrites it.
constexpr int round_line = __LINE__ + 7;
template <bool correct>
__global__ void rounds(int* y) {
    __shared__ int part[64];
    part[threadIdx.x] = 1;
    __syncthreads();
    for (int distance = 1; distance < 64; distance *= 2) {
        const int seen = part[(threadIdx.x + distance) % 64];
        if (correct) __syncthreads();
        part[threadIdx.x] += seen;
        __syncthreads();
    }
    y[threadIdx.x] = part[threadIdx.x];
}

constexpr int warp_line = __LINE__ + 5;
template <class Between>
__global__ void exchange_in_warp(int* y) {
    __shared__ int part[64];
    y[threadIdx.x] = 0;
    part[threadIdx.x] = static_cast<int>(threadIdx.x);
    Between::wait();
    y[threadIdx.x] = part[threadIdx.x ^ 1];
}
struct Nothing {
    static void wait() {}
};
struct Syncwarp {
    static void wait() { __syncwarp(); }
};
struct Shuffle {
    static void wait() { __shfl_xor_sync(~0u, 1, 1); }
};
struct SyncwarpOfPairs {
    static void wait() { __syncwarp(3u << (threadIdx.x % 32 & ~1u)); }
};
struct SyncwarpOfOdd {
    static void wait() { __syncwarp(threadIdx.x % 2 ? 0xaaaaaaaau : 0x55555555u); }
};

enum class Fence { none, each_then_barrier, barrier_then_first, first_alone };
constexpr int partial_line = __LINE__ + 4, last_line = __LINE__ + 11;
template <Fence fence>
__global__ void last_block_sums(const int* x, int* partial, unsigned* done, int* sum) {
    __shared__ bool is_last;
    partial[blockIdx.x * 32 + threadIdx.x] = x[threadIdx.x];
    if (fence == Fence::each_then_barrier) __threadfence();
    if (fence != Fence::first_alone) __syncthreads();
    if (threadIdx.x == 0 && fence >= Fence::barrier_then_first) __threadfence();
    if (threadIdx.x == 0) is_last = atomicAdd(done, 1u) == gridDim.x - 1;
    __syncthreads();
    for (unsigned b = 0; is_last && b < gridDim.x; ++b)
        atomicAdd(sum, partial[b * 32 + threadIdx.x]);
}

constexpr int mixed_atomic_line = __LINE__ + 3, mixed_read_line = __LINE__ + 5;
template <bool correct>
__global__ void counts_then_reads(int* count, int* y) {
    atomicAdd(count, 1);
    if (correct) __syncthreads();
    y[threadIdx.x] = count[0];
}

constexpr int scope_line = __LINE__ + 2;
__global__ void counts_for_block(int* count) {
    atomicAdd_block(count + (gridDim.x == 1 ? blockIdx.x : 0), 1);
}

constexpr int flag_line = __LINE__ + 2;
__global__ void sets_flag(int* flag, int divisor) {
    flag[0] = static_cast<int>(threadIdx.x) / divisor;
}

// A warp clears what another one stores, which may be a zero as well.
constexpr int clear_line = __LINE__ + 4;
template <bool correct>
__global__ void clears_and_stores(const int* x, int* y) {
    __shared__ int carry[32];
    if (threadIdx.x < 32) carry[threadIdx.x] = 0;
    if (correct) __syncthreads();
    if (threadIdx.x % 32 == 0) carry[threadIdx.x / 32] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = carry[threadIdx.x / 32];
}

// The usual loop around atomicCAS begins with a plain read; a plain read that only saves an atomic
// is a race.
constexpr int guard_line = __LINE__ + 11, guarded_line = __LINE__ + 11;
template <bool loop>
__global__ void greatest(const int* x, int* y) {
    const int value = x[threadIdx.x];
    if (loop) {
        int old = y[0], seen;
        do {
            seen = old;
            if (seen < value) old = atomicCAS(y, seen, value);
        } while (old != seen);
    } else {
        if (y[0] < value) atomicMax(y, value);
    }
}

template <bool correct>
__global__ void adds_under_lock(int* lock, int* data) {
    for (bool done = false; !done;) {
        if (atomicCAS(lock, 0, 1) != 0) continue;
        if (correct) __threadfence();
        data[0] += 1;
        if (correct) __threadfence();
        atomicExch(lock, 0);
        done = true;
    }
}

constexpr int byte_line = __LINE__ + 3;
template <int reader>
__global__ void neighbouring_bytes(char* bytes, char* y) {
    bytes[threadIdx.x] = static_cast<char>(threadIdx.x);
    if (threadIdx.x == 3) y[0] = bytes[reader];
}

constexpr int words_line = __LINE__ + 2;
__global__ void word_over_bytes(unsigned char* bytes) {
    bytes[threadIdx.x] = static_cast<unsigned char>(threadIdx.x);
    if (threadIdx.x == 3) *reinterpret_cast<unsigned*>(bytes) = 7;
}

constexpr int unwritten_line = __LINE__ + 7;
template <bool dynamic>
__global__ void reads_unwritten(float* y) {
    __shared__ float part[33];
    VITRINE_DYNAMIC_SHARED(float, all);
    float* const from = dynamic ? all : part;
    if (threadIdx.x > 0) from[threadIdx.x] = y[0];
    y[threadIdx.x + 1] = from[threadIdx.x];
}

constexpr int update_line = __LINE__ + 1;
__global__ void updates(int* count) { atomicAdd(count, 1); }

constexpr int load_line = __LINE__ + 3, plain_line = __LINE__ + 5;
template <bool atomic>
__global__ void polls(int* flag, int* y) {
    y[threadIdx.x] = __atomic_load_n(flag, __ATOMIC_RELAXED);
    if (threadIdx.x == 0 && atomic) __atomic_store_n(flag, 1, __ATOMIC_RELAXED);
    if (threadIdx.x == 0 && !atomic) flag[0] = 1;
}

__global__ void polls_volatile(volatile int* flag, int* y) {
    y[threadIdx.x + blockIdx.x * blockDim.x] = *flag;
    if (threadIdx.x == 0) *flag = 1;
}

// A kernel that never races, with shared memory that every block uses anew.
__global__ void tiles(const float* x, float* y, int count) {
    __shared__ float tile[2][32];
    tile[0][threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    for (int i = 0; i < count; ++i) {
        if (i + 1 < count) tile[(i + 1) % 2][threadIdx.x] = x[(i + 1) * 32 + threadIdx.x];
        y[(blockIdx.x * count + i) * 32 + threadIdx.x] = tile[i % 2][31 - threadIdx.x];
        __syncthreads();
    }
}

constexpr int grid_write_line = __LINE__ + 4, grid_read_line = __LINE__ + 8;
template <bool correct>
__global__ void turns_over_grid(int* x) {
    __shared__ int own[32];
    x[blockIdx.x] = static_cast<int>(blockIdx.x);
    own[threadIdx.x] = static_cast<int>(blockIdx.x);
    __syncthreads();
    if (correct) cooperative_groups::this_grid().sync();
    x[16 + blockIdx.x * 32 + threadIdx.x] = x[(blockIdx.x + 1) % gridDim.x] + own[31 - threadIdx.x];
}

template <class F>
std::string error_of(F f) {
    try {
        f();
    } catch (const vitrine::Error& error) {
        return error.what();
    }
    return "no error";
}

/// clang does not name the arguments of a kernel template.
std::string as_compiled(std::string kernel) {
#if defined(__clang__)
    if (const auto begin = kernel.find('<'); begin != std::string::npos)
        kernel.erase(begin, kernel.rfind('>') + 1 - begin);
#endif
    return kernel;
}

/// "kernel racing::plain_sum, block (0,0,0): data race on sum[0] (4 bytes):" and a line each.
std::string race(const std::string& kernel, const std::string& where, const std::string& now,
                 const std::string& before, const std::string& remedy) {
    return "kernel racing::" + as_compiled(kernel) + ": data race on " + where + ":\n  " + now +
           "\n  " + before + "\n  " + remedy;
}
std::string at(int line) { return " at check_races.cpp:" + std::to_string(line); }

const std::string no_barrier = "no __syncthreads lies between the two";
const std::string no_syncwarp = "no __syncwarp or __syncthreads lies between the two";
const std::string no_fence =
    "blocks run in any order: nothing but __threadfence and then an atomic orders them";

std::vector<int> ones(std::size_t count) { return std::vector<int>(count, 1); }

template <class F>
void in_every_order(F f) {
    for (const auto order : {simt::Order::forward, simt::Order::reverse, simt::Order::random})
        for (const std::uint64_t seed : {1u, 2u, 3u}) {
            if (order != simt::Order::random && seed > 1) continue;
            CAPTURE(static_cast<int>(order));
            CAPTURE(seed);
            simt::Options options = simt::options();
            options.order = order;
            options.seed = seed;
            const WithOptions set(options);
            f();
        }
}

/// In every order a race is found; `correct` says that there is none.
template <class F>
void expect(bool correct, F f) {
    in_every_order([&] {
        const std::string error = error_of(f);
        if (correct)
            CHECK(error == "no error");
        else
            CHECK(error.find(": data race on ") != std::string::npos);
    });
}

}  // namespace racing

using namespace racing;

TEST_CASE("simt/check_races: updates that are no atomics") {
    DeviceArray<int> x(ones(32)), sum(std::vector<int>{0});
    const auto plain = [&] { launch<plain_sum>(Simt{}, {1, 32}, x.data(), sum.data()); };
    CHECK(error_of(plain) == race("plain_sum, block (0,0,0)", "sum[0] (4 bytes)",
                                  "thread (1,0,0) reads" + at(sum_line),
                                  "thread (0,0,0) writes" + at(sum_line), no_syncwarp));
    expect(false, plain);
    const auto blocks = [&] { launch<plain_sum>(Simt{}, {2, 1}, x.data(), sum.data()); };
    CHECK(error_of(blocks) == race("plain_sum, block (1,0,0)", "sum[0] (4 bytes)",
                                   "thread (0,0,0) reads" + at(sum_line),
                                   "thread (0,0,0) of block (0,0,0) writes" + at(sum_line),
                                   no_fence));
    expect(true, [&] { launch<atomic_sum>(Simt{}, {4, 32}, x.data(), sum.data()); });
    expect(true, [&] { launch<plain_sum>(Simt{}, {1, 1}, x.data(), sum.data()); });
}

TEST_CASE("simt/check_races: barriers that are missing") {
    DeviceArray<int> x(ones(64)), y(64);
    const auto reverse = [&] { launch<reversed<false>>(Simt{}, {1, 64}, x.data(), y.data()); };
    CHECK(error_of(reverse) == race("reversed<false>, block (0,0,0)", "part[32] (4 bytes)",
                                    "thread (32,0,0) writes" + at(reverse_line),
                                    "thread (31,0,0) reads" + at(reverse_line + 2), no_barrier));
    expect(false, reverse);
    expect(true, [&] { launch<reversed<true>>(Simt{}, {3, 64}, x.data(), y.data()); });
    CHECK(error_of([&] {
              launch<rounds<false>>(Simt{}, {1, 64}, y.data());
          }) == race("rounds<false>, block (0,0,0)", "part[1] (4 bytes)",
                     "thread (1,0,0) writes" + at(round_line + 2),
                     "thread (0,0,0) reads" + at(round_line), no_syncwarp));
    expect(false, [&] { launch<rounds<false>>(Simt{}, {1, 64}, y.data()); });
    expect(true, [&] { launch<rounds<true>>(Simt{}, {2, 64}, y.data()); });
}

TEST_CASE("simt/check_races: __syncwarp orders its lanes, shuffles order nothing") {
    DeviceArray<int> y(64);
    const auto nothing = [&] { launch<exchange_in_warp<Nothing>>(Simt{}, {1, 64}, y.data()); };
    CHECK(error_of(nothing) == race("exchange_in_warp<Nothing>, block (0,0,0)", "part[1] (4 bytes)",
                                    "thread (1,0,0) writes" + at(warp_line),
                                    "thread (0,0,0) reads" + at(warp_line + 2), no_syncwarp));
    expect(false, nothing);
    expect(true, [&] { launch<exchange_in_warp<Syncwarp>>(Simt{}, {1, 64}, y.data()); });
    expect(true, [&] { launch<exchange_in_warp<Syncwarp>>(Simt{}, {1, 34}, y.data()); });
    expect(true, [&] { launch<exchange_in_warp<SyncwarpOfPairs>>(Simt{}, {1, 64}, y.data()); });
    expect(false, [&] { launch<exchange_in_warp<SyncwarpOfOdd>>(Simt{}, {1, 64}, y.data()); });
    expect(false, [&] { launch<exchange_in_warp<Shuffle>>(Simt{}, {1, 64}, y.data()); });
}

TEST_CASE("simt/check_races: blocks are ordered by a fence and then an atomic") {
    DeviceArray<int> x(ones(32)), partial(4 * 32), sum(1);
    DeviceArray<unsigned> done(1);
    const auto run = [&](auto kernel) {
        simt::fill(sum.data(), 0, sizeof(int));
        simt::fill(done.data(), 0, sizeof(int));
        kernel(simt::Options{});
    };
    const auto none = [&] {
        run([&](auto) {
            launch<last_block_sums<Fence::none>>(Simt{}, {4, 32}, x.data(), partial.data(),
                                                 done.data(), sum.data());
        });
    };
    CHECK(error_of(none) == race("last_block_sums<racing::Fence::none>, block (3,0,0)",
                                 "partial[0] (4 bytes)", "thread (0,0,0) reads" + at(last_line),
                                 "thread (0,0,0) of block (0,0,0) writes" + at(partial_line),
                                 no_fence));
    expect(false, none);
    expect(true, [&] {
        run([&](auto) {
            launch<last_block_sums<Fence::each_then_barrier>>(
                Simt{}, {4, 32}, x.data(), partial.data(), done.data(), sum.data());
        });
        CHECK(sum.to_host()[0] == 4 * 32);
    });
    expect(true, [&] {
        run([&](auto) {
            launch<last_block_sums<Fence::barrier_then_first>>(
                Simt{}, {4, 32}, x.data(), partial.data(), done.data(), sum.data());
        });
        CHECK(sum.to_host()[0] == 4 * 32);
    });
    // The fence of thread 0 says nothing of what the others stored.
    expect(false, [&] {
        run([&](auto) {
            launch<last_block_sums<Fence::first_alone>>(Simt{}, {4, 32}, x.data(), partial.data(),
                                                        done.data(), sum.data());
        });
    });
}

TEST_CASE("simt/check_races: atomics against plain accesses, and of too narrow a scope") {
    DeviceArray<int> count(std::vector<int>{0, 0}), y(64);
    const auto mixed = [&] {
        launch<counts_then_reads<false>>(Simt{}, {1, 64}, count.data(), y.data());
    };
    CHECK(error_of(mixed) ==
          race("counts_then_reads<false>, block (0,0,0)", "count[0] (4 bytes)",
               "thread (1,0,0) updates atomically" + at(mixed_atomic_line) + " (atomicAdd)",
               "thread (0,0,0) reads" + at(mixed_read_line), "only one of the two is atomic"));
    expect(false, mixed);
    expect(true, [&] { launch<counts_then_reads<true>>(Simt{}, {1, 64}, count.data(), y.data()); });
    const auto narrow = [&] { launch<counts_for_block>(Simt{}, {2, 32}, count.data()); };
    CHECK(error_of(narrow) ==
          race("counts_for_block, block (1,0,0)", "count[0] (4 bytes)",
               "thread (0,0,0) updates atomically" + at(scope_line) + " (atomicAdd_block)",
               "thread (31,0,0) of block (0,0,0) updates atomically" + at(scope_line) +
                   " (atomicAdd_block)",
               "an atomic of block scope is none for other blocks"));
    expect(false, narrow);
    expect(true, [&] { launch<counts_for_block>(Simt{}, {1, 32}, count.data()); });

    const auto plain = [&] { launch<polls<false>>(Simt{}, {1, 32}, count.data(), y.data()); };
    CHECK(error_of(plain) == race("polls<false>, block (0,0,0)", "flag[0] (4 bytes)",
                                  "thread (1,0,0) reads atomically" + at(load_line),
                                  "thread (0,0,0) writes" + at(plain_line),
                                  "only one of the two is atomic"));
    expect(false, plain);
    expect(true, [&] { launch<polls<true>>(Simt{}, {1, 32}, count.data(), y.data()); });
    expect(true, [&] { launch<polls_volatile>(Simt{}, {2, 32}, count.data(), y.data()); });
}

TEST_CASE("simt/check_races: stores of the same value are no race, of others they are") {
    DeviceArray<int> flag(std::vector<int>{0});
    const auto set = [&](int divisor) {
        return [&flag, divisor] { launch<sets_flag>(Simt{}, {2, 64}, flag.data(), divisor); };
    };
    expect(true, set(64));
    CHECK(error_of(set(40)) == race("sets_flag, block (0,0,0)", "flag[0] (4 bytes)",
                                    "thread (40,0,0) writes" + at(flag_line),
                                    "thread (39,0,0) writes" + at(flag_line), no_syncwarp));
    expect(false, set(40));
}

TEST_CASE("simt/check_races: VITRINE_SIMT_SAME_VALUE lists stores of the same value") {
    DeviceArray<int> flag(std::vector<int>{0});
    const std::string path = "check_races_" + std::to_string(getpid()) + ".txt";
    const int stderr_before = dup(2);
    REQUIRE(std::freopen(path.c_str(), "w", stderr));
    setenv("VITRINE_SIMT_SAME_VALUE", "1", 1);
    launch<sets_flag>(Simt{}, {1, 64}, flag.data(), 64);
    unsetenv("VITRINE_SIMT_SAME_VALUE");
    launch<sets_flag>(Simt{}, {1, 64}, flag.data(), 64);
    std::fflush(stderr);
    dup2(stderr_before, 2);
    close(stderr_before);
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    std::remove(path.c_str());
    CHECK(text == "kernel racing::sets_flag, block (0,0,0): same value: thread (1,0,0) writes" +
                      at(flag_line) + " what thread (0,0,0) writes" + at(flag_line) +
                      ": flag[0]\n");
}

// Locks: what is done under one is ordered by its fences and atomics.
TEST_CASE("simt/check_races: locks of threads and of blocks") {
    DeviceArray<int> lock(std::vector<int>{0}), data(std::vector<int>{0});
    expect(true, [&] { launch<adds_under_lock<true>>(Simt{}, {2, 64}, lock.data(), data.data()); });
    CHECK(data.to_host()[0] == 5 * 2 * 64);
    simt::fill(lock.data(), 0, sizeof(int));
    expect(false, [&] {
        simt::fill(lock.data(), 0, sizeof(int));
        launch<adds_under_lock<false>>(Simt{}, {2, 64}, lock.data(), data.data());
    });
}

TEST_CASE("simt/check_races: in shared memory two lines store the same value by chance") {
    DeviceArray<int> x(std::vector<int>(64, 0)), y(64);
    const auto missing = [&] {
        launch<clears_and_stores<false>>(Simt{}, {1, 64}, x.data(), y.data());
    };
    CHECK(error_of(missing) == race("clears_and_stores<false>, block (0,0,0)", "carry[1] (4 bytes)",
                                    "thread (32,0,0) writes" + at(clear_line + 2),
                                    "thread (1,0,0) writes" + at(clear_line), no_barrier));
    expect(false, missing);
    expect(true, [&] { launch<clears_and_stores<true>>(Simt{}, {2, 64}, x.data(), y.data()); });
}

TEST_CASE("simt/check_races: a loop of atomicCAS may guess, a guard may not") {
    std::vector<int> values(64);
    for (int i = 0; i < 64; ++i) values[static_cast<std::size_t>(i)] = i * 37 % 64;
    DeviceArray<int> x(values), y(std::vector<int>{0});
    expect(true, [&] {
        simt::fill(y.data(), 0, sizeof(int));
        launch<greatest<true>>(Simt{}, {2, 64}, x.data(), y.data());
        CHECK(y.to_host()[0] == 63);
    });
    const auto guarded = [&] {
        simt::fill(y.data(), 0, sizeof(int));
        launch<greatest<false>>(Simt{}, {1, 64}, x.data(), y.data());
    };
    CHECK(error_of(guarded) ==
          race("greatest<false>, block (0,0,0)", "y[0] (4 bytes)",
               "thread (1,0,0) updates atomically" + at(guarded_line) + " (atomicMax)",
               "thread (0,0,0) reads" + at(guard_line), "only one of the two is atomic"));
    expect(false, guarded);
}

TEST_CASE("simt/check_races: every byte has its own history") {
    DeviceArray<char> bytes(std::vector<char>(32, 0)), y(1);
    const auto other = [&] {
        launch<neighbouring_bytes<1>>(Simt{}, {1, 32}, bytes.data(), y.data());
    };
    CHECK(error_of(other) == race("neighbouring_bytes<1>, block (0,0,0)", "bytes[1] (1 byte)",
                                  "thread (3,0,0) reads" + at(byte_line + 1),
                                  "thread (1,0,0) writes" + at(byte_line), no_syncwarp));
    expect(false, other);
    expect(true, [&] { launch<neighbouring_bytes<3>>(Simt{}, {1, 32}, bytes.data(), y.data()); });
    DeviceArray<unsigned char> word(std::vector<unsigned char>(32, 0));
    CHECK(error_of([&] {
              launch<word_over_bytes>(Simt{}, {1, 4}, word.data());
          }) == race("word_over_bytes, block (0,0,0)", "bytes[0] (1 byte)",
                     "thread (3,0,0) writes" + at(words_line + 1),
                     "thread (0,0,0) writes" + at(words_line), no_syncwarp));
}

TEST_CASE("simt/check_races: reads of memory that nobody wrote") {
    DeviceArray<float> y(std::vector<float>(33, 1));
    const auto text = [](const std::string& kernel, int line, const std::string& where) {
        return "kernel racing::" + as_compiled(kernel) +
               ", block (0,0,0): memory that nobody wrote: thread " + "(0,0,0) reads" + at(line) +
               ": " + where;
    };
    CHECK(error_of([&] {
              launch<reads_unwritten<false>>(Simt{}, {1, 32}, y.data());
          }) == text("reads_unwritten<false>", unwritten_line, "part[0] (4 bytes)"));
    const auto dynamic = [&] { launch<reads_unwritten<true>>(Simt{}, {1, 32, 128}, y.data()); };
    CHECK(error_of(dynamic) == text("reads_unwritten<true>", unwritten_line,
                                    "byte 0 of dynamic shared memory (4 bytes)"));
    DeviceArray<int> count(2);
    CHECK(error_of([&] {
              launch<updates>(Simt{}, {1, 32}, count.data());
          }) ==
          "kernel racing::updates, block (0,0,0): memory that nobody wrote: thread (0,0,0) updates "
          "atomically" +
              at(update_line) + " (atomicAdd): count[0] (4 bytes)");
    simt::fill(count.data(), 0, 4);
    expect(true, [&] { launch<updates>(Simt{}, {1, 32}, count.data()); });
}

TEST_CASE("simt/check_races: tiles in turn, used anew by every block") {
    DeviceArray<float> x(std::vector<float>(5 * 32, 1)), y(3 * 5 * 32);
    expect(true, [&] { launch<tiles>(Simt{}, {3, 32}, x.data(), y.data(), 5); });
}

TEST_CASE("simt/check_races: a grid's barrier orders its blocks") {
    DeviceArray<int> x(16 + 16 * 32);
    const auto missing = [&] {
        launch<turns_over_grid<false>>(Simt{}, {3, 32, 0, true}, x.data());
    };
    CHECK(error_of(missing) == race("turns_over_grid<false>, block (1,0,0)", "x[1] (4 bytes)",
                                    "thread (0,0,0) writes" + at(grid_write_line),
                                    "thread (31,0,0) of block (0,0,0) reads" + at(grid_read_line),
                                    no_fence));
    expect(false, missing);
    expect(true, [&] { launch<turns_over_grid<true>>(Simt{}, {3, 32, 0, true}, x.data()); });
}

#endif
