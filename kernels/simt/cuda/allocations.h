// What the program has allocated, so that a wrong copy is found before it is made.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace vitrine_cuda {

struct Allocation {
    enum Kind : std::uint8_t {
        device,   ///< cudaMalloc
        managed,  ///< cudaMallocManaged: the host may touch it too
        pinned,   ///< cudaMallocHost, cudaHostAlloc: the host's, and kernels may touch it
        variable  ///< a __device__ or __constant__ variable
    };
    std::uintptr_t base;
    std::size_t bytes;
    Kind kind;
    bool alive;

    bool is_hosts() const { return kind == managed || kind == pinned; }
};

class Allocations {
public:
    void add(const void* memory, std::size_t bytes, Allocation::Kind kind);
    void remove(std::uintptr_t base);
    /// The one that `address` lies in, or that ends there; also one that was freed.
    std::optional<Allocation> find(const void* address) const;
    /// false: find() gives nothing. Costs next to nothing.
    bool may_hold(const void* address) const {
        const auto at = reinterpret_cast<std::uintptr_t>(address);
        return at >= lowest_.load(std::memory_order_relaxed) &&
               at < highest_.load(std::memory_order_relaxed);
    }

private:
    mutable std::mutex mutex_;
    std::map<std::uintptr_t, Allocation> by_base_;
    std::atomic<std::uintptr_t> lowest_ = UINTPTR_MAX, highest_ = 0;  // of cudaMalloc's
};

Allocations& allocations();

/// What is wrong with `bytes` bytes at `address` as memory of the device; "" if nothing. `role` is
/// "destination", "source" or "memory".
std::string wrong_on_device(const void* address, std::size_t bytes, const char* role);
/// Likewise for memory of the host.
std::string wrong_on_host(const void* address, std::size_t bytes, const char* role);

}  // namespace vitrine_cuda
