// Kernels that use atomics, fences and grid barriers with a planted data race each, the whole report
// that it gets, and the same kernel without it. A line that a report names is marked by a constant.
#include "vitrine/config.h"

#if VITRINE_SIMT_CHECK

#include "race_reports.h"

#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_groups.h"

namespace kernels = vitrine::kernels;
using kernels::launch;
using kernels::Simt;

namespace racing {

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

}  // namespace racing

using namespace racing;

TEST_CASE("simt/check_atomics: blocks are ordered by a fence and then an atomic") {
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

TEST_CASE("simt/check_atomics: atomics against plain accesses, and of too narrow a scope") {
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

// Locks: what is done under one is ordered by its fences and atomics.
TEST_CASE("simt/check_atomics: locks of threads and of blocks") {
    DeviceArray<int> lock(std::vector<int>{0}), data(std::vector<int>{0});
    expect(true, [&] { launch<adds_under_lock<true>>(Simt{}, {2, 64}, lock.data(), data.data()); });
    CHECK(data.to_host()[0] == 5 * 2 * 64);
    simt::fill(lock.data(), 0, sizeof(int));
    expect(false, [&] {
        simt::fill(lock.data(), 0, sizeof(int));
        launch<adds_under_lock<false>>(Simt{}, {2, 64}, lock.data(), data.data());
    });
}

TEST_CASE("simt/check_atomics: a loop of atomicCAS may guess, a guard may not") {
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

TEST_CASE("simt/check_atomics: a grid's barrier orders its blocks") {
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
