#include "memory.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "vitrine/config.h"

#include "vitrine/kernels/simt/check/events.h"
#include "sanitizer.h"
#if VITRINE_SIMT_CHECK
#include "vitrine/kernels/simt/check/arrays.h"
#endif

namespace vitrine::kernels::simt {

namespace {

[[maybe_unused]] constexpr std::size_t alignment = 256;  // cudaMalloc's

#if VITRINE_SIMT_ASAN
// All allocations, so that they can be poisoned.
class Regions {
public:
    void add(void* memory, std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        bytes_[memory] = bytes;
        if (accesses_ == 0) poison(memory, bytes);
    }
    void remove(void* memory) {
        const std::lock_guard lock(mutex_);
        const auto at = bytes_.find(memory);
        unpoison(memory, at->second);
        bytes_.erase(at);
    }
    void begin_access() {
        const std::lock_guard lock(mutex_);
        if (accesses_++ == 0)
            for (const auto& [memory, bytes] : bytes_) unpoison(memory, bytes);
    }
    void end_access() {
        const std::lock_guard lock(mutex_);
        if (--accesses_ == 0)
            for (const auto& [memory, bytes] : bytes_) poison(memory, bytes);
    }

private:
    std::mutex mutex_;
    std::map<void*, std::size_t> bytes_;
    int accesses_ = 0;
};

// Never destroyed: a tensor in a static variable may outlive every other static.
Regions& regions() {
    static Regions& all = *new Regions;
    return all;
}
#endif

}  // namespace

#if VITRINE_SIMT_ASAN
DeviceAccess::DeviceAccess() { regions().begin_access(); }
DeviceAccess::~DeviceAccess() { regions().end_access(); }
#else
DeviceAccess::DeviceAccess() {}
DeviceAccess::~DeviceAccess() {}
#endif

void* allocate(std::size_t bytes) {
    if (bytes == 0) return nullptr;
#if VITRINE_SIMT_CHECK
    void* const array = allocate_array(bytes);
    if (!array) return nullptr;
    std::memset(array, 0xff, bytes);
    check::memory_allocated(array, bytes);
    return array;
#else
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void* memory = rounded < bytes ? nullptr : std::aligned_alloc(alignment, rounded);
    if (!memory) return nullptr;
    std::memset(memory, 0xff, bytes);
#if VITRINE_SIMT_ASAN
    poison(static_cast<char*>(memory) + bytes, rounded - bytes);
    regions().add(memory, bytes);
#endif
    return memory;
#endif
}

void release(void* memory) {
#if VITRINE_SIMT_CHECK
    if (!memory) return;
    check::memory_released(memory);
    release_array(memory);
#else
#if VITRINE_SIMT_ASAN
    if (memory) regions().remove(memory);
#endif
    std::free(memory);
#endif
}

namespace {
void check_range([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes,
                 [[maybe_unused]] const char* operation) {
#if VITRINE_SIMT_CHECK
    check_host_access(memory, bytes, operation);
#endif
}
}  // namespace

void copy(void* to, const void* from, std::size_t bytes) {
    if (bytes == 0) return;
    check_range(to, bytes, "copy to device memory");
    check_range(from, bytes, "copy from device memory");
    const DeviceAccess access;
    std::memcpy(to, from, bytes);
    check::memory_written(to, bytes);
}

void fill(void* device, unsigned char byte, std::size_t bytes) {
    if (bytes == 0) return;
    check_range(device, bytes, "fill");
    const DeviceAccess access;
    std::memset(device, byte, bytes);
    check::memory_written(device, bytes);
}

}  // namespace vitrine::kernels::simt
