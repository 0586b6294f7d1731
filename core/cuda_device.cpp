#include "cuda_device.h"

#include <cuda_runtime.h>

#include <string>

#include "dispatch.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine {
namespace {

// One stream for each host thread; the default stream (0) orders the work of threads that set none.
thread_local kernels::Cuda current;

void check(cudaError_t status, const char* what) {
    if (status != cudaSuccess) throw Error(join("cuda: ", what, ": ", cudaGetErrorString(status)));
}

}  // namespace

kernels::Cuda current_cuda() { return current; }

int cuda_device_count() {
    int count = 0;
    if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
    cudaGetLastError();  // no driver, or no GPU: an answer here, not an error of the next call
    return 0;
}

void cuda_synchronize() { check(cudaDeviceSynchronize(), "synchronize"); }

void* cuda_allocate(std::size_t bytes) {
    void* block = nullptr;
    const cudaError_t status = cudaMalloc(&block, bytes);
    if (status == cudaErrorMemoryAllocation) {
        cudaGetLastError();
        return nullptr;
    }
    check(status, "allocate");
    return block;
}

void cuda_release(void* block) noexcept { cudaFree(block); }

void* cuda_allocate_host(std::size_t bytes) {
    void* block = nullptr;
    check(cudaMallocHost(&block, bytes ? bytes : 1), "allocate page-locked memory");
    return block;
}

void cuda_release_host(void* block) noexcept { cudaFreeHost(block); }

void cuda_copy(void* to, const void* from, std::size_t bytes) {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, current.stream), "copy");
    check(cudaStreamSynchronize(current.stream), "copy");
}

}  // namespace vitrine
