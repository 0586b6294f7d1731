// Memory of device simt. New memory holds 0xFF bytes: NaN as floats, so that reading before writing
// shows.
//
// Under AddressSanitizer it is poisoned unless a launch or one of these functions is under way:
// host code that reads device memory, which on a GPU would crash, is reported here too.
#pragma once

#include <cstddef>

namespace vitrine::kernels::simt {

/// `bytes` of device memory, aligned to 256 bytes, every byte 0xFF. nullptr for 0 bytes, and when
/// the system has none left.
void* allocate(std::size_t bytes);
/// Gives back what allocate() returned; nothing for nullptr.
void release(void* memory);

/// Between two places that do not overlap, each in device memory or in the host's.
void copy(void* to, const void* from, std::size_t bytes);
/// Sets every byte.
void fill(void* device, unsigned char byte, std::size_t bytes);

/// As long as one exists, on any thread, device memory may be touched. Of use only under
/// AddressSanitizer.
class DeviceAccess {
public:
    DeviceAccess();
    ~DeviceAccess();
    DeviceAccess(const DeviceAccess&) = delete;
    DeviceAccess& operator=(const DeviceAccess&) = delete;
};

}  // namespace vitrine::kernels::simt
