// Scratch memory of a kernel. Private to core/ops.
#pragma once

#include <cstddef>

#include "allocator.h"

namespace vitrine {

/// As many bytes as a kernel's ..._workspace_bytes() asked for, from the device's allocator, until the end of the call.
class Workspace {
public:
    Workspace(Device device, std::size_t bytes) : device_(device), bytes_(bytes) {
        if (bytes > 0) data_ = Allocator::of(device).allocate(bytes);
    }
    ~Workspace() {
        if (data_) Allocator::of(device_).release(data_, bytes_);
    }
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;

    void* data() const { return data_; }  ///< null when no bytes were asked for
    std::size_t bytes() const { return bytes_; }

private:
    Device device_;
    std::size_t bytes_;
    void* data_ = nullptr;
};

}  // namespace vitrine
