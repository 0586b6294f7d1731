// Devices: cpu, cuda, and simt, which runs the CUDA kernels on the CPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string_view>
#include <vector>

namespace vitrine {

/// Where a tensor's elements are and its kernels run.
enum class Device : std::uint8_t { cpu, cuda, simt };

const char* name(Device device);  ///< "cpu", "cuda", "simt"
std::ostream& operator<<(std::ostream& out, Device device);

/// "cpu", "cuda" or "simt" as a Device; throws Error on anything else.
Device parse_device(std::string_view text);

/// True when this build has the device and this machine can run it.
bool is_available(Device device);
/// The devices of this build that this machine can run, cpu first.
std::vector<Device> available_devices();
/// Throws Error, saying why, when the device is not available.
void require_available(Device device);
/// Waits until everything queued on the device has run; returns at once on cpu and simt.
void synchronize(Device device);

/// Threads that CPU kernels may use; the default is every core of the machine.
int num_threads();
/// n >= 1, else throws Error. OpenMP's own settings are not touched.
void set_num_threads(int n);

/// Copies bytes from one device's memory to another's, in the order of the device's queue.
void copy_bytes(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes);

}  // namespace vitrine
