// The nvcc half of gpu.h: a checked launch on a CUDA device.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdlib>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "device.h"
#include "error.h"
#include "kernel_name.h"

#define VITRINE_GPU_NAMESPACE on_cuda

/// Declares `name`, a T* to the block's dynamic shared memory (Launch::shared_bytes).
#define VITRINE_DYNAMIC_SHARED(T, name)                                      \
    extern __shared__ __align__(128) unsigned char vitrine_dynamic_shared[]; \
    T* const name = reinterpret_cast<T*>(vitrine_dynamic_shared)

/// Throws vitrine::Error (OutOfMemory) naming the call when a CUDA runtime call did not succeed.
#define VITRINE_CUDA_CHECK(call) ::vitrine::kernels::check_cuda((call), #call)

namespace vitrine::kernels {
inline namespace on_cuda {

using Gpu = Cuda;

/// Where a kernel runs: blocks in the grid, threads and bytes of dynamic shared memory in a block.
/// The blocks of a cooperative launch may wait for each other, in grid_group::sync().
struct Launch {
    dim3 grid, block;
    std::size_t shared_bytes = 0;
    bool cooperative = false;
};

inline void check_cuda(cudaError_t status, const std::string& what) {
    if (status == cudaSuccess) return;
    const std::string text = "cuda: " + what + ": " + cudaGetErrorString(status);
    if (status == cudaErrorMemoryAllocation) throw OutOfMemory(text);
    throw Error(text);
}

/// VITRINE_SYNC=1: wait after every launch.
inline bool wait_after_launch() {
    static const bool wait = [] {
        const char* value = std::getenv("VITRINE_SYNC");
        return value && *value && std::string(value) != "0";
    }();
    return wait;
}

// A block may have more than 48 KiB of dynamic shared memory only if the kernel was allowed to.
constexpr std::size_t shared_bytes_without_asking = 48 * 1024;

template <class... Parameters, class... Arguments>
void launch_function(void (*kernel)(Parameters...), const char* signature, Gpu on,
                     const Launch& size, Arguments&&... arguments) {
    static_assert(sizeof...(Parameters) == sizeof...(Arguments),
                  "wrong number of kernel arguments");
    cudaError_t status = cudaSuccess;
    if (size.shared_bytes > shared_bytes_without_asking)
        status = cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                      cudaFuncAttributeMaxDynamicSharedMemorySize,
                                      static_cast<int>(size.shared_bytes));
    if (status == cudaSuccess && size.cooperative) {
        std::tuple<std::remove_cv_t<Parameters>...> packed(static_cast<Parameters>(arguments)...);
        void* pointers[sizeof...(Parameters) + 1] = {};
        std::size_t count = 0;
        std::apply([&](auto&... each) { ((pointers[count++] = &each), ...); }, packed);
        status = cudaLaunchCooperativeKernel(reinterpret_cast<const void*>(kernel), size.grid,
                                             size.block, pointers, size.shared_bytes, on.stream);
    } else if (status == cudaSuccess) {
        kernel<<<size.grid, size.block, size.shared_bytes, on.stream>>>(
            std::forward<Arguments>(arguments)...);
        status = cudaGetLastError();
    }
    if (status == cudaSuccess && wait_after_launch()) status = cudaStreamSynchronize(on.stream);
    if (status != cudaSuccess) check_cuda(status, "kernel " + kernel_name(signature));
}

/// Queues kernel(arguments...) on the stream of `on`. Throws vitrine::Error naming the kernel when
/// the device refuses it. An empty grid returns at once.
template <auto kernel, class... Arguments>
void launch(Gpu on, const Launch& size, Arguments&&... arguments) {
    if (size.grid.x == 0 || size.grid.y == 0 || size.grid.z == 0) return;
    launch_function(kernel, kernel_signature<kernel>(), on, size,
                    std::forward<Arguments>(arguments)...);
}

}  // namespace on_cuda
}  // namespace vitrine::kernels
