#include "allocations.h"

#include <algorithm>

#include "vitrine/kernels/base/error.h"

namespace vitrine_cuda {

using vitrine::join;

void Allocations::add(const void* memory, std::size_t bytes, Allocation::Kind kind) {
    const auto base = reinterpret_cast<std::uintptr_t>(memory);
    const std::lock_guard lock(mutex_);
    // Freed ones whose addresses are given again are forgotten.
    auto at = by_base_.lower_bound(base);
    if (at != by_base_.begin() && std::prev(at)->second.base + std::prev(at)->second.bytes > base)
        --at;
    while (at != by_base_.end() && at->first < base + bytes) at = by_base_.erase(at);
    by_base_[base] = {base, bytes, kind, true};
    if (kind != Allocation::device) return;
    lowest_ = std::min(lowest_.load(), base);
    highest_ = std::max(highest_.load(), base + bytes);
}

void Allocations::remove(std::uintptr_t base) {
    const std::lock_guard lock(mutex_);
    by_base_.at(base).alive = false;
}

std::optional<Allocation> Allocations::find(const void* address) const {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    const std::lock_guard lock(mutex_);
    auto next = by_base_.upper_bound(at);
    if (next == by_base_.begin()) return {};
    const Allocation& found = std::prev(next)->second;
    return at <= found.base + found.bytes ? std::optional(found) : std::nullopt;
}

Allocations& allocations() {
    static Allocations& all = *new Allocations;  // outlives every static of the program
    return all;
}

namespace {

std::string too_short(const Allocation& a, const void* address, std::size_t bytes,
                      const char* role) {
    const std::size_t offset = reinterpret_cast<std::uintptr_t>(address) - a.base;
    if (bytes <= a.bytes - offset) return "";
    return join(bytes, " bytes, but the ", role, " has ", a.bytes - offset,
                offset ? " left of an allocation of " : ": an allocation of ", a.bytes, " bytes");
}

}  // namespace

std::string wrong_on_device(const void* address, std::size_t bytes, const char* role) {
    const auto a = allocations().find(address);
    if (!address) return join("the ", role, " is nullptr");
    if (!a) return join("the ", role, " is no device memory");
    if (!a->alive) return join("the ", role, " was freed before");
    return too_short(*a, address, bytes, role);
}

std::string wrong_on_host(const void* address, std::size_t bytes, const char* role) {
    const auto a = allocations().find(address);
    if (!address) return join("the ", role, " is nullptr");
    if (!a) return "";
    if (!a->alive) return join("the ", role, " was freed before");
    if (!a->is_hosts()) return join("the ", role, " is device memory");
    return too_short(*a, address, bytes, role);
}

}  // namespace vitrine_cuda
