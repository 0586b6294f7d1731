#include "device.h"

#include <cstdlib>
#include <cstring>
#include <ostream>

#include "system_memory.h"
#include "vitrine/config.h"
#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/parallel.h"
#if VITRINE_HAS_SIMT
#include "vitrine/kernels/simt/memory.h"
#endif
#if VITRINE_HAS_CUDA
#include "cuda_device.h"
#endif

namespace vitrine {

const char* name(Device device) {
    switch (device) {
        case Device::cpu: return "cpu";
        case Device::cuda: return "cuda";
        case Device::simt: return "simt";
    }
    return "?";
}

std::ostream& operator<<(std::ostream& out, Device device) { return out << name(device); }

Device parse_device(std::string_view text) {
    for (Device device : {Device::cpu, Device::cuda, Device::simt})
        if (text == name(device)) return device;
    throw Error(join("device: \"", text, "\" is not one; allowed are cpu, cuda, simt"));
}

bool is_available(Device device) {
    switch (device) {
        case Device::cpu: return true;
        case Device::simt: return VITRINE_HAS_SIMT;
        case Device::cuda:
#if VITRINE_HAS_CUDA
            return cuda_device_count() > 0;
#else
            return false;
#endif
    }
    return false;
}

std::vector<Device> available_devices() {
    std::vector<Device> devices;
    for (Device device : {Device::cpu, Device::simt, Device::cuda})
        if (is_available(device)) devices.push_back(device);
    return devices;
}

void require_available(Device device) {
    if (is_available(device)) return;
    const bool built = device == Device::cuda && VITRINE_HAS_CUDA;
    throw Error(join("device: ", device, built ? " was asked for, but no NVIDIA GPU with a driver was found" : " is not in this build; configure it with -DVITRINE_",
                     built ? "" : device == Device::cuda ? "CUDA=ON" : "SIMT=ON", "; available here:", is_available(Device::simt) ? " cpu, simt" : " cpu"));
}

void synchronize(Device device) {
    require_available(device);
#if VITRINE_HAS_CUDA
    if (device == Device::cuda) cuda_synchronize();
#endif
}

int num_threads() { return kernels::num_threads(); }

void set_num_threads(int n) {
    VITRINE_CHECK(n >= 1, "set_num_threads: ", n, "; allowed are 1 and more");
    kernels::set_num_threads(n);
}

void* system_allocate(Device device, [[maybe_unused]] std::size_t bytes) {
    switch (device) {
        case Device::cpu: break;
        case Device::simt:
#if VITRINE_HAS_SIMT
            return kernels::simt::allocate(bytes);
#endif
            break;
        case Device::cuda:
#if VITRINE_HAS_CUDA
            return cuda_allocate(bytes);
#endif
            break;
    }
    return nullptr;
}

void system_release(Device device, [[maybe_unused]] void* block, [[maybe_unused]] std::size_t bytes) {
    switch (device) {
        case Device::cpu: break;
        case Device::simt:
#if VITRINE_HAS_SIMT
            kernels::simt::release(block);
#endif
            break;
        case Device::cuda:
#if VITRINE_HAS_CUDA
            cuda_release(block);
#endif
            break;
    }
}

void prepare_reused([[maybe_unused]] Device device, [[maybe_unused]] void* block, [[maybe_unused]] std::size_t bytes) {
#if VITRINE_HAS_SIMT
    if (device == Device::simt) kernels::simt::fill(block, 0xFF, bytes);
#endif
}

void copy_bytes(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes) {
    if (bytes == 0) return;
#if VITRINE_HAS_CUDA
    if (to_device == Device::cuda || from_device == Device::cuda) {
        if (to_device == Device::simt || from_device == Device::simt) {  // through the host
            void* host = std::malloc(bytes);
            VITRINE_CHECK(host, "copy: no memory on cpu for ", bytes, " bytes");
            copy_bytes(host, Device::cpu, from, from_device, bytes);
            copy_bytes(to, to_device, host, Device::cpu, bytes);
            std::free(host);
            return;
        }
        return cuda_copy(to, from, bytes);
    }
#endif
#if VITRINE_HAS_SIMT
    if (to_device == Device::simt || from_device == Device::simt) return kernels::simt::copy(to, from, bytes);
#endif
    (void)to_device, (void)from_device;
    std::memcpy(to, from, bytes);
}

}  // namespace vitrine
