// The CUDA runtime calls that core makes: the only ones outside .cu files. Compiled with VITRINE_CUDA.
#pragma once

#include <cstddef>

namespace vitrine {

/// GPUs that the driver offers to this process; 0 without a driver.
int cuda_device_count();
/// Waits until everything queued on the GPU has run. Throws Error if a kernel failed.
void cuda_synchronize();

/// A block of the GPU's memory, or nullptr when it has none left.
void* cuda_allocate(std::size_t bytes);
void cuda_release(void* block) noexcept;

/// Page-locked memory of the host. Throws Error when there is none left.
void* cuda_allocate_host(std::size_t bytes);
void cuda_release_host(void* block) noexcept;

/// Copies between the host and the GPU, or inside the GPU, in the order of the calling thread's stream; returns when
/// host memory may be used again.
void cuda_copy(void* to, const void* from, std::size_t bytes);

}  // namespace vitrine
