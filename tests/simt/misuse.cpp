// Kernels with the usual mistakes, and the exact text that each gets. A line that a text names is
// marked by a constant.
#include <string>

#include "device_array.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"

namespace kernels = vitrine::kernels;
using kernels::launch;
using kernels::Simt;

namespace misuse {

constexpr unsigned all = 0xffffffffu;

constexpr int branch_line = __LINE__ + 4;
__global__ void barrier_in_branch(float* x) {
    x[threadIdx.x] = 0;
    if (threadIdx.x < 32)
        __syncthreads();
    else
        __syncthreads();
}

constexpr int return_line = __LINE__ + 4;
__global__ void barrier_after_return(float* x, unsigned n) {
    if (threadIdx.x >= n) return;
    x[threadIdx.x] = 1;
    __syncthreads();
}

constexpr int uneven_line = __LINE__ + 3;
__global__ void barrier_in_uneven_loop(float* x) {
    for (unsigned i = threadIdx.x; i < 100; i += 64) {
        __syncthreads();
        x[threadIdx.x] = 1;
    }
}

constexpr int vote_line = __LINE__ + 3;
__global__ void two_kinds_of_barrier(int* x) {
    if (threadIdx.x % 2)
        x[threadIdx.x] = __syncthreads_or(1);
    else
        x[threadIdx.x] = __syncthreads_and(1);
}

constexpr int shuffle_line = __LINE__ + 3;
__global__ void shuffle_in_branch(float* x) {
    float v = 1;
    if (threadIdx.x % 32 < 16) v += __shfl_xor_sync(all, v, 8);
    x[threadIdx.x] = v;
    __syncthreads();
}

constexpr int mask_line = __LINE__ + 3;
__global__ void lane_not_in_mask(float* x) {
    float v = 1;
    if (threadIdx.x >= 16) v += __shfl_down_sync(0x0000ffffu, v, 8);
    x[threadIdx.x] = v;
}

constexpr int masks_line = __LINE__ + 2;
__global__ void masks_that_differ(int* x) {
    x[threadIdx.x] = __any_sync(threadIdx.x < 8 ? 0x00ffu : 0xffffu, 1);
    __syncthreads();
}

constexpr int missing_line = __LINE__ + 3;
__global__ void shuffle_from_missing_lane(float* x) {
    float v = 1;
    v += __shfl_xor_sync(all, v, 16);
    x[threadIdx.x] = v;
}

constexpr int operations_line = __LINE__ + 3;
__global__ void shuffle_against_ballot(unsigned* x) {
    if (threadIdx.x % 2)
        x[threadIdx.x] = __shfl_xor_sync(all, 1u, 8);
    else
        x[threadIdx.x] = __ballot_sync(all, 1);
}

constexpr int width_line = __LINE__ + 2;
__global__ void shuffle_of_odd_width(int* x) {
    x[threadIdx.x] = __shfl_sync(all, 1, 0, 12);
}

constexpr int trap_line = __LINE__ + 3;
template <int Thread>
__global__ void trapping(dim3 at) {
    if (threadIdx.x == Thread && blockIdx.y == at.y) __trap();
    __syncthreads();
}

__global__ void launching(float* x) {
    launch<barrier_after_return>(Simt{}, {1, 32}, x, 32u);
}

__global__ void doing_nothing() {}

std::string here(int line) { return " at misuse.cpp:" + std::to_string(line); }

}  // namespace misuse

using namespace misuse;

TEST_CASE("simt/misuse: barriers that not all threads reach") {
    DeviceArray<float> x(128);
    DeviceArray<int> ints(64);
    CHECK(error_of([&] { launch<barrier_in_branch>(Simt{}, {1, 64}, x.data()); }) ==
          "kernel misuse::barrier_in_branch, block (0,0,0): threads wait in different barriers: "
          "thread (32,0,0) in __syncthreads" + here(branch_line + 2) +
          ", others in __syncthreads" + here(branch_line) +
          "\n  32 threads in __syncthreads" + here(branch_line) + ": (0,0,0)..(31,0,0)"
          "\n  1 thread in __syncthreads" + here(branch_line + 2) + ": (32,0,0)"
          "\n  31 threads can go on: (33,0,0)..(63,0,0)");

    CHECK(error_of([&] { launch<barrier_after_return>(Simt{}, {3, 64}, x.data(), 50u); }) ==
          "kernel misuse::barrier_after_return, block (0,0,0): some threads have returned, "
          "so that the others wait in a barrier for ever"
          "\n  50 threads in __syncthreads" + here(return_line) + ": (0,0,0)..(49,0,0)"
          "\n  14 threads returned from the kernel: (50,0,0)..(63,0,0)");

    CHECK(error_of([&] { launch<barrier_in_uneven_loop>(Simt{}, {1, 64}, x.data()); }) ==
          "kernel misuse::barrier_in_uneven_loop, block (0,0,0): some threads have returned, "
          "so that the others wait in a barrier for ever"
          "\n  36 threads in __syncthreads" + here(uneven_line) + ": (0,0,0)..(35,0,0)"
          "\n  28 threads returned from the kernel: (36,0,0)..(63,0,0)");

    CHECK(error_of([&] { launch<two_kinds_of_barrier>(Simt{}, {1, 4}, ints.data()); }) ==
          "kernel misuse::two_kinds_of_barrier, block (0,0,0): threads wait in different barriers: "
          "thread (1,0,0) in __syncthreads_or" + here(vote_line) +
          ", others in __syncthreads_and" + here(vote_line + 2) +
          "\n  1 thread in __syncthreads_and" + here(vote_line + 2) + ": (0,0,0)"
          "\n  1 thread in __syncthreads_or" + here(vote_line) + ": (1,0,0)"
          "\n  2 threads can go on: (2,0,0)..(3,0,0)");
}

TEST_CASE("simt/misuse: warp operations that not all lanes of the mask reach") {
    DeviceArray<float> x(64);
    DeviceArray<int> ints(64);
    DeviceArray<unsigned> unsigneds(64);
    CHECK(error_of([&] { launch<shuffle_in_branch>(Simt{}, {1, 64}, x.data()); }) ==
          "kernel misuse::shuffle_in_branch, block (0,0,0): deadlock, no thread can go on"
          "\n  32 threads in __shfl_xor_sync" + here(shuffle_line) +
          " (mask 0xffffffff): (0,0,0)..(15,0,0) (32,0,0)..(47,0,0)"
          "\n  32 threads in __syncthreads" + here(shuffle_line + 2) +
          ": (16,0,0)..(31,0,0) (48,0,0)..(63,0,0)");

    CHECK(error_of([&] { launch<lane_not_in_mask>(Simt{}, {1, 32}, x.data()); }) ==
          "kernel misuse::lane_not_in_mask, block (0,0,0): thread (16,0,0), __shfl_down_sync" +
          here(mask_line) + ": lane 16 is not in its own mask 0x0000ffff");

    CHECK(error_of([&] { launch<masks_that_differ>(Simt{}, {1, 16}, ints.data()); }) ==
          "kernel misuse::masks_that_differ, block (0,0,0): deadlock, no thread can go on"
          "\n  8 threads in __syncthreads" + here(masks_line + 1) + ": (0,0,0)..(7,0,0)"
          "\n  8 threads in __any_sync" + here(masks_line) +
          " (mask 0x0000ffff): (8,0,0)..(15,0,0)");

    CHECK(error_of([&] { launch<shuffle_from_missing_lane>(Simt{}, {1, 48}, x.data()); }) ==
          "kernel misuse::shuffle_from_missing_lane, block (0,0,0): thread (47,0,0), "
          "__shfl_xor_sync" + here(missing_line) +
          ": reads lane 31, which takes no part in the operation");

    CHECK(error_of([&] { launch<shuffle_against_ballot>(Simt{}, {1, 32}, unsigneds.data()); }) ==
          "kernel misuse::shuffle_against_ballot, block (0,0,0): lanes of one mask are in "
          "different operations: thread (1,0,0) in __shfl_xor_sync" + here(operations_line) +
          ", others in __ballot_sync" + here(operations_line + 2) +
          "\n  1 thread in __ballot_sync" + here(operations_line + 2) +
          " (mask 0xffffffff): (0,0,0)"
          "\n  1 thread in __shfl_xor_sync" + here(operations_line) +
          " (mask 0xffffffff): (1,0,0)"
          "\n  30 threads can go on: (2,0,0)..(31,0,0)");

    CHECK(error_of([&] { launch<shuffle_of_odd_width>(Simt{}, {1, 32}, ints.data()); }) ==
          "kernel misuse::shuffle_of_odd_width, block (0,0,0): thread (0,0,0), __shfl_sync" +
          here(width_line) + ": width 12; allowed are 1, 2, 4, 8, 16 and 32");
}

TEST_CASE("simt/misuse: __trap names the thread and the template's arguments") {
#if defined(__clang__)  // clang 14 leaves out the arguments of a template that is an argument
    const std::string name = "misuse::trapping";
#else
    const std::string name = "misuse::trapping<5>";
#endif
    CHECK(error_of([] { launch<trapping<5>>(Simt{}, {dim3(1, 3), 32}, dim3(0, 2, 0)); }) ==
          "kernel " + name + ", block (0,2,0): thread (5,0,0), __trap" + here(trap_line) +
          ": the kernel trapped");
}

TEST_CASE("simt/misuse: invalid sizes of a launch") {
    const auto size_error = [](dim3 grid, dim3 block, std::size_t bytes = 0) {
        return error_of([&] { launch<doing_nothing>(Simt{}, {grid, block, bytes}); });
    };
    const std::string kernel = "kernel misuse::doing_nothing: ";
    const std::string blocks = "; allowed are 1 to 1024 threads, at most 64 in z";
    CHECK(size_error(1, 0) == kernel + "block (0, 1, 1)" + blocks);
    CHECK(size_error(1, 1025) == kernel + "block (1025, 1, 1)" + blocks);
    CHECK(size_error(1, dim3(32, 33)) == kernel + "block (32, 33, 1)" + blocks);
    CHECK(size_error(1, dim3(1, 1, 65)) == kernel + "block (1, 1, 65)" + blocks);
    CHECK(size_error(dim3(1, 65536), 1) ==
          kernel + "grid (1, 65536, 1); allowed are 2147483647 blocks in x, 65535 in y and in z");
    CHECK(size_error(1, 1, 232449) ==
          kernel + "232449 bytes of dynamic shared memory; allowed are 232448");
    CHECK(size_error(1, dim3(4, 4, 64), 232448) == "no error");
}

TEST_CASE("simt/misuse: a launch by a kernel, a barrier outside of one") {
    DeviceArray<float> x(32);
    CHECK(error_of([&] { launch<launching>(Simt{}, {1, 1}, x.data()); }) ==
          "kernel misuse::barrier_after_return: launched by a kernel");
    CHECK(error_of([] { __syncthreads(); }) ==
          "simt: barrier or warp operation outside of a kernel");
}

TEST_CASE("simt/misuse: every mistake is found in every order, and the next launch works") {
    DeviceArray<float> x(64);
    DeviceArray<int> ints(64);
    in_every_setting([&] {
        for (int turn = 0; turn < 3; ++turn) {
            CHECK(error_of([&] { launch<barrier_in_branch>(Simt{}, {4, 64}, x.data()); }) !=
                  "no error");
            CHECK(error_of([&] { launch<barrier_after_return>(Simt{}, {4, 64}, x.data(), 50u); }) !=
                  "no error");
            CHECK(error_of([&] { launch<barrier_after_return>(Simt{}, {4, 64}, x.data(), 64u); }) ==
                  "no error");
            CHECK(error_of([&] { launch<shuffle_in_branch>(Simt{}, {4, 64}, x.data()); }) !=
                  "no error");
            CHECK(error_of([&] { launch<masks_that_differ>(Simt{}, {4, 16}, ints.data()); }) !=
                  "no error");
            CHECK(error_of([&] { launch<shuffle_from_missing_lane>(Simt{}, {4, 48}, x.data()); }) !=
                  "no error");
            CHECK(error_of([] { launch<trapping<5>>(Simt{}, {dim3(1, 3), 32}, dim3(0, 2)); }) !=
                  "no error");
        }
    });
}
