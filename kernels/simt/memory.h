// Memory of device simt. New memory holds 0xFF bytes: NaN as floats, so that reading before writing shows.
//
// Under AddressSanitizer it is poisoned unless a launch or one of these functions is under way: host code that reads
// device memory, which on a GPU would crash, is reported here too.
#pragma once

#include <cstddef>

namespace vitrine::kernels::simt {

/// `bytes` of device memory, aligned to 256 bytes, every byte 0xFF; nullptr for 0 bytes. Throws OutOfMemory.
void* allocate(std::size_t bytes);
/// Gives back what allocate() returned; nothing for nullptr.
void release(void* memory);

void copy_to_device(void* device, const void* host, std::size_t bytes);
void copy_to_host(void* host, const void* device, std::size_t bytes);
/// Between two places in device memory, which do not overlap.
void copy(void* to, const void* from, std::size_t bytes);
/// Sets every byte.
void fill(void* device, unsigned char byte, std::size_t bytes);

/// As long as one exists, on any thread, device memory may be touched. Of use only under AddressSanitizer.
class DeviceAccess {
public:
    DeviceAccess();
    ~DeviceAccess();
    DeviceAccess(const DeviceAccess&) = delete;
    DeviceAccess& operator=(const DeviceAccess&) = delete;
};

}  // namespace vitrine::kernels::simt
