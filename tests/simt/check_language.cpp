// What the checker says about atomics, cooperative launches, asynchronous copies and tensor cores:
// the whole text for each planted mistake, and nothing where the mistake is mended.
#include "vitrine/config.h"

#if VITRINE_SIMT_CHECK

#include <string>

#include "device_array.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_groups.h"
#include "vitrine/kernels/base/gpu_tensor_core.h"

namespace kernels = vitrine::kernels;
namespace groups = cooperative_groups;
using kernels::launch;
using kernels::Simt;

namespace check_language {

constexpr int grid_line = __LINE__ + 2;
__global__ void exchange(int* x, int* y, bool with_barrier) {
    x[blockIdx.x] = 5;
    if (with_barrier) groups::this_grid().sync();
    y[blockIdx.x] = x[gridDim.x - 1 - blockIdx.x];
}

constexpr int scope_line = __LINE__ + 4;
__global__ void count(unsigned* x, bool in_block) {
    if (threadIdx.x != 0) return;
    if (in_block)
        atomicAdd_block(x, 1u);
    else
        atomicAdd(x, 1u);
}

constexpr int fence_line = __LINE__ + 4;
__global__ void pass_on(int* data, unsigned* flag, int* out, bool with_fence) {
    if (threadIdx.x > 0) return;
    if (blockIdx.x == 0) {
        *data = 7;
        if (with_fence) __threadfence();
        atomicExch(flag, 1u);
    } else {
        while (atomicAdd(flag, 0u) == 0) __nanosleep(10);
        __threadfence();
        *out = *data;
    }
}

constexpr int copy_line = __LINE__ + 6;
__global__ void copy_to_neighbour(const float* x, float* y, bool with_barrier) {
    __shared__ float s[32];
    const unsigned t = threadIdx.x;
    kernels::cp_async<4>(s + t, x + t);
    kernels::cp_async_commit();
    kernels::cp_async_wait<0>();
    if (with_barrier) __syncthreads();
    y[t] = s[31 - t];
}

constexpr int matrix_line = __LINE__ + 7;
__global__ void load_matrix(float* y, bool with_barrier) {
    namespace wmma = nvcuda::wmma;
    __shared__ __align__(32) float s[256];
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> c;
    for (unsigned i = threadIdx.x; i < 256; i += 64) s[i] = 1;
    if (with_barrier) __syncthreads();
    wmma::load_matrix_sync(c, s, 16, wmma::mem_row_major);
    if (threadIdx.x < 32) wmma::store_matrix_sync(y, c, 16, wmma::mem_row_major);
}

constexpr int unwritten_line = __LINE__ + 3;
__global__ void count_from_nothing(int* out) {
    __shared__ int counter;
    atomicAdd(&counter, 1);
    *out = 1;
}

__global__ void wait_for_flag(volatile int* flag, int* out, unsigned traps) {
    const unsigned last = gridDim.x - 1;
    if (blockIdx.x == 0 && threadIdx.x < 2)
        while (*flag == 0) {
        }
    if (blockIdx.x == last && threadIdx.x == 40) {
        if (traps) __trap();
        *flag = 1;
    }
    out[blockIdx.x * blockDim.x + threadIdx.x] = *flag;
}

std::string here(int line) { return " at check_language.cpp:" + std::to_string(line); }

}  // namespace check_language

using namespace check_language;

TEST_CASE("simt/check_language: blocks of a cooperative launch") {
    DeviceArray<int> x(2), y(2);
    const auto run = [&](bool with_barrier) {
        return error_of(
            [&] { launch<exchange>(Simt{}, {2, 1, 0, true}, x.data(), y.data(), with_barrier); });
    };
    CHECK(run(true) == "no error");
    CHECK(run(false) ==
          "kernel check_language::exchange, block (1,0,0): data race on x[1] (4 bytes):"
          "\n  thread (0,0,0) writes" + here(grid_line) +
          "\n  thread (0,0,0) of block (0,0,0) reads" + here(grid_line + 2) +
          "\n  blocks run in any order: nothing but __threadfence and then an atomic orders them");
}

TEST_CASE("simt/check_language: an atomic of a block on what two blocks count in") {
    DeviceArray<unsigned> x(std::vector<unsigned>{0});
    const auto run = [&](bool in_block) {
        return error_of([&] { launch<count>(Simt{}, {2, 32}, x.data(), in_block); });
    };
    CHECK(run(false) == "no error");
    CHECK(run(true) ==
          "kernel check_language::count, block (1,0,0): data race on x[0] (4 bytes):"
          "\n  thread (0,0,0) updates atomically" + here(scope_line) + " (atomicAdd_block)"
          "\n  thread (0,0,0) of block (0,0,0) updates atomically" + here(scope_line) +
          " (atomicAdd_block)"
          "\n  an atomic of block scope is none for other blocks");
}

TEST_CASE("simt/check_language: a flag between blocks needs a fence before it") {
    DeviceArray<int> data(std::vector<int>{0}), out(1);
    const auto run = [&](bool with_fence) {
        DeviceArray<unsigned> flag(std::vector<unsigned>{0});
        return error_of([&] {
            launch<pass_on>(Simt{}, {2, 32, 0, true}, data.data(), flag.data(), out.data(),
                            with_fence);
        });
    };
    CHECK(run(true) == "no error");
    CHECK(run(false) ==
          "kernel check_language::pass_on, block (1,0,0): data race on data[0] (4 bytes):"
          "\n  thread (0,0,0) reads" + here(fence_line + 6) +
          "\n  thread (0,0,0) of block (0,0,0) writes" + here(fence_line) +
          "\n  blocks run in any order: nothing but __threadfence and then an atomic orders them");
}

TEST_CASE("simt/check_language: an asynchronous copy has arrived for the thread that waited") {
    DeviceArray<float> x(std::vector<float>(32, 1.0f)), y(32);
    const auto run = [&](bool with_barrier) {
        return error_of(
            [&] { launch<copy_to_neighbour>(Simt{}, {1, 32}, x.data(), y.data(), with_barrier); });
    };
    CHECK(run(true) == "no error");
    CHECK(run(false) ==
          "kernel check_language::copy_to_neighbour, block (0,0,0): data race on s[16] (4 bytes):"
          "\n  thread (16,0,0) writes" + here(copy_line) + " (cp_async_wait)"
          "\n  thread (15,0,0) reads" + here(copy_line + 2) +
          "\n  no __syncwarp or __syncthreads lies between the two");
}

TEST_CASE("simt/check_language: a matrix is loaded after a barrier") {
    DeviceArray<float> y(256);
    const auto run = [&](bool with_barrier) {
        return error_of([&] { launch<load_matrix>(Simt{}, {1, 64}, y.data(), with_barrier); });
    };
    CHECK(run(true) == "no error");
    CHECK(run(false) ==
          "kernel check_language::load_matrix, block (0,0,0): data race on s[134] (4 bytes):"
          "\n  thread (31,0,0) reads" + here(matrix_line) + " (load_matrix_sync)"
          "\n  thread (6,0,0) writes" + here(matrix_line - 2) +
          "\n  no __syncwarp or __syncthreads lies between the two");
}

TEST_CASE("simt/check_language: an atomic reads what it changes") {
    DeviceArray<int> out(1);
    CHECK(error_of([&] { launch<count_from_nothing>(Simt{}, {1, 1}, out.data()); }) ==
          "kernel check_language::count_from_nothing, block (0,0,0): memory that nobody wrote: "
          "thread (0,0,0) updates atomically" + here(unwritten_line) +
          " (atomicAdd): byte 0 of counter (4 bytes)");
}

TEST_CASE("simt/check_language: loops that wait by volatile reads alone") {
    in_every_setting([] {
        for (const unsigned blocks : {1u, 3u})
            for (const unsigned traps : {1u, 0u}) {
                CAPTURE(blocks);
                DeviceArray<int> flag(std::vector<int>{0}), out(blocks * 64);
                const std::string text = error_of([&] {
                    launch<wait_for_flag>(Simt{}, {blocks, 64}, flag.data(), out.data(), traps);
                });
                if (traps)
                    CHECK(text.find("__trap at check_language.cpp:") != std::string::npos);
                else
                    CHECK(text == "no error");
            }
    });
}

#endif
