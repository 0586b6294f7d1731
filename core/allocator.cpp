#include "allocator.h"

#include "cpu_allocator.h"
#include "device_allocator.h"

namespace vitrine {

Allocator& Allocator::of(Device device) {
    // Never destroyed: tensors of static storage duration outlive every static of ours.
    static CpuAllocator* const cpu = new CpuAllocator;
    if (device == Device::cpu) return *cpu;
    require_available(device);
    static Allocator* const cuda = new DeviceAllocator(Device::cuda);
    static Allocator* const simt = new DeviceAllocator(Device::simt);
    return device == Device::cuda ? *cuda : *simt;
}

MemoryStats memory_stats(Device device) { return Allocator::of(device).stats(); }

}  // namespace vitrine
