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

#include "race_reports.h"

#include "vitrine/kernels/base/gpu.h"

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

#endif
