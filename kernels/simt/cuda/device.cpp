#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "vitrine/kernels/simt/options.h"

#include "api.h"
#include "errors.h"

using vitrine_cuda::note;

namespace {

// A small GPU of compute capability 8.0: programs that fill "the whole device" with threads shall
// not wait for an emulator for ever.
constexpr int processors = 2, threads_per_processor = 2048, blocks_per_processor = 32;
constexpr int shared_per_block = 48 * 1024, shared_per_block_optin = 163 * 1024,
              shared_per_processor = 164 * 1024;
constexpr int version = 12040;
constexpr int clock_rate = 1000000;  // kHz

std::size_t memory_bytes() {
    return static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

cudaError_t check(int device) {
    return note(device == 0 ? cudaSuccess : cudaErrorInvalidDevice);
}

}  // namespace

cudaError_t cudaSetDevice(int device) { return check(device); }
cudaError_t cudaGetDevice(int* device) {
    *device = 0;
    return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* count) {
    *count = 1;
    return cudaSuccess;
}
cudaError_t cudaChooseDevice(int* device, const cudaDeviceProp*) { return cudaGetDevice(device); }

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
    if (const cudaError_t error = check(device)) return error;
    cudaDeviceProp p{};
    std::snprintf(p.name, sizeof p.name, "vitrine simt (emulated)");
    p.totalGlobalMem = memory_bytes();
    p.sharedMemPerBlock = shared_per_block;
    p.sharedMemPerBlockOptin = shared_per_block_optin;
    p.sharedMemPerMultiprocessor = shared_per_processor;
    p.reservedSharedMemPerBlock = 1024;
    p.totalConstMem = 64 * 1024;
    p.memPitch = 0x7fffffff;
    p.textureAlignment = p.surfaceAlignment = 512;
    p.regsPerBlock = p.regsPerMultiprocessor = 64 * 1024;
    p.warpSize = 32;
    p.maxThreadsPerBlock = 1024;
    p.maxThreadsPerMultiProcessor = threads_per_processor;
    p.maxBlocksPerMultiProcessor = blocks_per_processor;
    p.maxThreadsDim[0] = p.maxThreadsDim[1] = 1024;
    p.maxThreadsDim[2] = 64;
    p.maxGridSize[0] = 0x7fffffff;
    p.maxGridSize[1] = p.maxGridSize[2] = 65535;
    p.clockRate = p.memoryClockRate = clock_rate;
    p.memoryBusWidth = 64;
    p.l2CacheSize = 1 << 20;
    p.major = 8;
    p.multiProcessorCount = processors;
    p.canMapHostMemory = p.concurrentKernels = p.unifiedAddressing = p.managedMemory = 1;
    p.deviceOverlap = p.asyncEngineCount = p.concurrentManagedAccess = p.cooperativeLaunch = 1;
    p.globalL1CacheSupported = p.localL1CacheSupported = 1;
    *properties = p;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
    cudaDeviceProp p;
    if (const cudaError_t error = cudaGetDeviceProperties(&p, device)) return error;
    switch (attribute) {
        case cudaDevAttrMaxThreadsPerBlock: *value = p.maxThreadsPerBlock; break;
        case cudaDevAttrMaxBlockDimX: *value = p.maxThreadsDim[0]; break;
        case cudaDevAttrMaxBlockDimY: *value = p.maxThreadsDim[1]; break;
        case cudaDevAttrMaxBlockDimZ: *value = p.maxThreadsDim[2]; break;
        case cudaDevAttrMaxGridDimX: *value = p.maxGridSize[0]; break;
        case cudaDevAttrMaxGridDimY: *value = p.maxGridSize[1]; break;
        case cudaDevAttrMaxGridDimZ: *value = p.maxGridSize[2]; break;
        case cudaDevAttrMaxSharedMemoryPerBlock: *value = shared_per_block; break;
        case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = shared_per_block_optin; break;
        case cudaDevAttrMaxSharedMemoryPerMultiprocessor: *value = shared_per_processor; break;
        case cudaDevAttrTotalConstantMemory: *value = 64 * 1024; break;
        case cudaDevAttrWarpSize: *value = 32; break;
        case cudaDevAttrMaxRegistersPerBlock:
        case cudaDevAttrMaxRegistersPerMultiprocessor: *value = p.regsPerBlock; break;
        case cudaDevAttrClockRate:
        case cudaDevAttrMemoryClockRate: *value = p.clockRate; break;
        case cudaDevAttrMultiProcessorCount: *value = processors; break;
        case cudaDevAttrGlobalMemoryBusWidth: *value = p.memoryBusWidth; break;
        case cudaDevAttrL2CacheSize: *value = p.l2CacheSize; break;
        case cudaDevAttrMaxThreadsPerMultiProcessor: *value = threads_per_processor; break;
        case cudaDevAttrMaxBlocksPerMultiprocessor: *value = blocks_per_processor; break;
        case cudaDevAttrComputeCapabilityMajor: *value = p.major; break;
        case cudaDevAttrComputeCapabilityMinor: *value = p.minor; break;
        case cudaDevAttrComputeMode:
        case cudaDevAttrIntegrated: *value = 0; break;
        case cudaDevAttrGpuOverlap:
        case cudaDevAttrCanMapHostMemory:
        case cudaDevAttrConcurrentKernels:
        case cudaDevAttrUnifiedAddressing:
        case cudaDevAttrManagedMemory:
        case cudaDevAttrConcurrentManagedAccess:
        case cudaDevAttrCooperativeLaunch: *value = 1; break;
        default: return note(cudaErrorInvalidValue);
    }
    return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() { return note(vitrine_cuda::failed()); }
cudaError_t cudaThreadSynchronize() { return cudaDeviceSynchronize(); }
cudaError_t cudaThreadExit() { return cudaDeviceReset(); }
cudaError_t cudaSetDeviceFlags(unsigned) { return cudaSuccess; }
cudaError_t cudaDeviceSetLimit(cudaLimit, std::size_t) { return cudaSuccess; }
cudaError_t cudaDeviceGetLimit(std::size_t* value, cudaLimit) {
    *value = 64 * 1024;
    return cudaSuccess;
}
cudaError_t cudaDeviceSetCacheConfig(cudaFuncCache) { return cudaSuccess; }
cudaError_t cudaDeviceSetSharedMemConfig(cudaSharedMemConfig) { return cudaSuccess; }
cudaError_t cudaDeviceGetSharedMemConfig(cudaSharedMemConfig* config) {
    *config = cudaSharedMemBankSizeFourByte;
    return cudaSuccess;
}
cudaError_t cudaDeviceGetCacheConfig(cudaFuncCache* config) {
    *config = cudaFuncCachePreferNone;
    return cudaSuccess;
}
cudaError_t cudaDeviceCanAccessPeer(int* can, int, int) {
    *can = 0;
    return cudaSuccess;
}
cudaError_t cudaDeviceEnablePeerAccess(int, unsigned) { return note(cudaErrorInvalidDevice); }
cudaError_t cudaDeviceDisablePeerAccess(int) { return note(cudaErrorPeerAccessNotEnabled); }
cudaError_t cudaDriverGetVersion(int* number) {
    *number = version;
    return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* number) { return cudaDriverGetVersion(number); }
cudaError_t cudaProfilerStart() { return cudaSuccess; }
cudaError_t cudaProfilerStop() { return cudaSuccess; }

cudaError_t vitrine_cuda::occupancy(int* blocks, int block_size, std::size_t shared_bytes) {
    if (block_size < 1 || block_size > 1024) {
        *blocks = 0;
        return note(cudaErrorInvalidValue);
    }
    *blocks = std::min(threads_per_processor / ((block_size + 31) / 32 * 32), blocks_per_processor);
    if (shared_bytes)
        *blocks = std::min(*blocks, static_cast<int>(shared_per_processor / shared_bytes));
    return cudaSuccess;
}

cudaError_t vitrine_cuda::attributes(cudaFuncAttributes* result) {
    *result = {};
    result->maxThreadsPerBlock = 1024;
    result->numRegs = 32;
    result->ptxVersion = result->binaryVersion = 80;
    result->maxDynamicSharedSizeBytes = shared_per_block_optin;
    return cudaSuccess;
}
