#include "vitrine/kernels/simt/memory.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include <unistd.h>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/simt/check/events.h"

#include "allocations.h"
#include "api.h"
#include "errors.h"
#include "host_access.h"

using vitrine_cuda::Allocation;
using vitrine_cuda::allocations;
using vitrine_cuda::note;
namespace simt = vitrine::kernels::simt;

namespace {

// Under AddressSanitizer the host may not touch simt::allocate()'s memory; the checker wants to know
// all that kernels may touch.
constexpr bool all_from_emulator = VITRINE_SIMT_CHECK;

void* fresh(std::size_t bytes, Allocation::Kind kind) {
    if (all_from_emulator || kind == Allocation::device) return simt::allocate(bytes);
    return std::malloc(bytes);
}

void give_back(void* memory, Allocation::Kind kind) {
    if (all_from_emulator || kind == Allocation::device)
        simt::release(memory);
    else
        std::free(memory);
}

cudaError_t allocate(void** memory, std::size_t bytes, Allocation::Kind kind) {
    *memory = nullptr;
    if (bytes == 0) return cudaSuccess;
    *memory = fresh(bytes, kind);
    if (!*memory) return note(cudaErrorMemoryAllocation);
    allocations().add(*memory, bytes, kind);
    vitrine_cuda::watch_host_accesses();
    // What the host writes to its own side is not watched.
    if (kind != Allocation::device) simt::check::memory_written(*memory, bytes);
    return cudaSuccess;
}

cudaError_t release(void* memory, const char* operation, bool pinned, const char* file, int line) {
    if (!memory) return cudaSuccess;
    const auto finding = [&](const char* what) {
        return note(cudaErrorInvalidValue, vitrine::join(operation, ": ", what), file, line);
    };
    const auto found = allocations().find(memory);
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    if (!found || found->kind == Allocation::variable)
        return finding("the pointer is no memory that CUDA allocated");
    if (found->base != address) return finding("the pointer is not where an allocation begins");
    if (!found->alive) return finding("the memory was freed before");
    if ((found->kind == Allocation::pinned) != pinned)
        return finding(pinned ? "the memory is the device's, which cudaFree frees"
                              : "the memory is the host's, which cudaFreeHost frees");
    allocations().remove(address);
    give_back(memory, found->kind);
    return cudaSuccess;
}

struct Sides {
    bool to_device, from_device;
};

Sides sides_of(cudaMemcpyKind kind, const void* to, const void* from) {
    const auto on_device = [](const void* p) { return allocations().find(p).has_value(); };
    switch (kind) {
        case cudaMemcpyHostToHost: return {false, false};
        case cudaMemcpyHostToDevice: return {true, false};
        case cudaMemcpyDeviceToHost: return {false, true};
        case cudaMemcpyDeviceToDevice: return {true, true};
        default: return {on_device(to), on_device(from)};
    }
}

// The copy is refused: that nobody wrote there is no mistake of the kernels that follow.
void spare(const void* to, std::size_t bytes) {
    const auto found = allocations().find(to);
    if (!found || !found->alive || found->kind == Allocation::variable) return;
    const std::size_t left = found->base + found->bytes - reinterpret_cast<std::uintptr_t>(to);
    simt::check::memory_written(to, std::min(bytes, left));
}

cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                 const char* operation, const char* file, int line) {
    if (bytes == 0) return cudaSuccess;
    const Sides sides = sides_of(kind, to, from);
    std::string wrong = sides.to_device ? vitrine_cuda::wrong_on_device(to, bytes, "destination")
                                        : vitrine_cuda::wrong_on_host(to, bytes, "destination");
    if (wrong.empty())
        wrong = sides.from_device ? vitrine_cuda::wrong_on_device(from, bytes, "source")
                                  : vitrine_cuda::wrong_on_host(from, bytes, "source");
    if (!wrong.empty()) {
        spare(to, bytes);
        return note(cudaErrorInvalidValue, vitrine::join(operation, ": ", wrong), file, line);
    }
    simt::copy(to, from, bytes);
    return cudaSuccess;
}

cudaError_t check_pitch(std::size_t width, std::size_t pitch, const char* side,
                        const char* operation, const char* file, int line) {
    if (width <= pitch) return cudaSuccess;
    return note(cudaErrorInvalidPitchValue,
                vitrine::join(operation, ": rows of ", width, " bytes, but the ", side,
                              " has a pitch of ", pitch),
                file, line);
}

cudaError_t fill(void* memory, int value, std::size_t bytes, const char* operation,
                 const char* file, int line) {
    if (bytes == 0) return cudaSuccess;
    const std::string wrong = vitrine_cuda::wrong_on_device(memory, bytes, "memory");
    if (!wrong.empty())
        return note(cudaErrorInvalidValue, vitrine::join(operation, ": ", wrong), file, line);
    simt::fill(memory, static_cast<unsigned char>(value), bytes);
    return cudaSuccess;
}

}  // namespace

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
    return allocate(memory, bytes, Allocation::device);
}
cudaError_t cudaMallocManaged(void** memory, std::size_t bytes, unsigned) {
    return allocate(memory, bytes, Allocation::managed);
}
cudaError_t cudaMallocHost(void** memory, std::size_t bytes, unsigned) {
    return allocate(memory, bytes, Allocation::pinned);
}
cudaError_t cudaHostAlloc(void** memory, std::size_t bytes, unsigned) {
    return allocate(memory, bytes, Allocation::pinned);
}
cudaError_t cudaMallocAsync(void** memory, std::size_t bytes, cudaStream_t) {
    return cudaMalloc(memory, bytes);
}
cudaError_t cudaMallocPitch(void** memory, std::size_t* pitch, std::size_t width,
                            std::size_t height) {
    constexpr std::size_t row = 512;
    *pitch = (width + row - 1) / row * row;
    return cudaMalloc(memory, *pitch * height);
}

cudaError_t cudaFree(void* memory, const char* file, int line) {
    return release(memory, "cudaFree", false, file, line);
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t, const char* file, int line) {
    return release(memory, "cudaFreeAsync", false, file, line);
}
cudaError_t cudaFreeHost(void* memory, const char* file, int line) {
    return release(memory, "cudaFreeHost", true, file, line);
}

cudaError_t cudaHostRegister(void*, std::size_t, unsigned) { return cudaSuccess; }
cudaError_t cudaHostUnregister(void*) { return cudaSuccess; }
cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned) {
    const auto found = allocations().find(host);
    if (!found || !found->alive) return note(cudaErrorNotSupported);  // cudaHostRegister's
    *device = host;
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    *total = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * page;
    *free = static_cast<std::size_t>(sysconf(_SC_AVPHYS_PAGES)) * page;
    return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* memory) {
    const auto found = allocations().find(memory);
    *attributes = {cudaMemoryTypeUnregistered, 0, nullptr, const_cast<void*>(memory)};
    if (!found || !found->alive) return cudaSuccess;
    attributes->devicePointer = const_cast<void*>(memory);
    if (!found->is_hosts()) attributes->hostPointer = nullptr;
    attributes->type = found->kind == Allocation::managed  ? cudaMemoryTypeManaged
                       : found->kind == Allocation::pinned ? cudaMemoryTypeHost
                                                           : cudaMemoryTypeDevice;
    return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                       const char* file, int line) {
    return copy(to, from, bytes, kind, "cudaMemcpy", file, line);
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t, const char* file, int line) {
    return copy(to, from, bytes, kind, "cudaMemcpyAsync", file, line);
}
cudaError_t cudaMemcpy2D(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                         std::size_t width, std::size_t height, cudaMemcpyKind kind,
                         const char* file, int line) {
    const char* const operation = "cudaMemcpy2D";
    if (const auto e = check_pitch(width, to_pitch, "destination", operation, file, line)) {
        spare(to, width * height);
        return e;
    }
    if (const auto e = check_pitch(width, from_pitch, "source", operation, file, line)) {
        spare(to, to_pitch * height);
        return e;
    }
    for (std::size_t row = 0; row < height; ++row)
        if (const cudaError_t error = copy(static_cast<char*>(to) + row * to_pitch,
                                           static_cast<const char*>(from) + row * from_pitch,
                                           width, kind, operation, file, line))
            return error;
    return cudaSuccess;
}
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t width, std::size_t height,
                              cudaMemcpyKind kind, cudaStream_t, const char* file, int line) {
    return cudaMemcpy2D(to, to_pitch, from, from_pitch, width, height, kind, file, line);
}
cudaError_t cudaMemcpyPeer(void* to, int, const void* from, int, std::size_t bytes,
                           const char* file, int line) {
    return copy(to, from, bytes, cudaMemcpyDeviceToDevice, "cudaMemcpyPeer", file, line);
}

cudaError_t cudaMemset(void* memory, int value, std::size_t bytes, const char* file, int line) {
    return fill(memory, value, bytes, "cudaMemset", file, line);
}
cudaError_t cudaMemsetAsync(void* memory, int value, std::size_t bytes, cudaStream_t,
                            const char* file, int line) {
    return fill(memory, value, bytes, "cudaMemsetAsync", file, line);
}
cudaError_t cudaMemset2D(void* memory, std::size_t pitch, int value, std::size_t width,
                         std::size_t height, const char* file, int line) {
    if (const auto e = check_pitch(width, pitch, "memory", "cudaMemset2D", file, line)) return e;
    for (std::size_t row = 0; row < height; ++row)
        if (const cudaError_t error = fill(static_cast<char*>(memory) + row * pitch, value, width,
                                           "cudaMemset2D", file, line))
            return error;
    return cudaSuccess;
}

cudaError_t cudaMemPrefetchAsync(const void*, std::size_t, int, cudaStream_t) {
    return cudaSuccess;
}
cudaError_t cudaMemAdvise(const void*, std::size_t, cudaMemoryAdvise, int) { return cudaSuccess; }

cudaError_t cudaDeviceReset() {
    vitrine_cuda::clear_failed();
    return cudaSuccess;
}

cudaError_t vitrine_cuda::copy_to_symbol(void* symbol, std::size_t size, const void* from,
                                         std::size_t bytes, std::size_t offset, const char* file,
                                         int line) {
    allocations().add(symbol, size, Allocation::variable);
    return copy(static_cast<char*>(symbol) + offset, from, bytes,
                allocations().find(from) ? cudaMemcpyDefault : cudaMemcpyHostToDevice,
                "cudaMemcpyToSymbol", file, line);
}

cudaError_t vitrine_cuda::copy_from_symbol(void* to, const void* symbol, std::size_t size,
                                           std::size_t bytes, std::size_t offset, const char* file,
                                           int line) {
    allocations().add(symbol, size, Allocation::variable);
    return copy(to, static_cast<const char*>(symbol) + offset, bytes,
                allocations().find(to) ? cudaMemcpyDefault : cudaMemcpyDeviceToHost,
                "cudaMemcpyFromSymbol", file, line);
}
