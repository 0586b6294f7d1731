#include "report.h"

#include <cstring>
#include <unordered_map>
#include <vector>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/kernel_name.h"
#include "vitrine/kernels/simt/runtime.h"

#include "arrays.h"
#include "parameters.h"
#include "source_lines.h"

namespace vitrine::kernels::simt::check {

namespace {

// Places of calls are numbered; places of the compiler's callbacks are their distance from here.
constexpr std::uint32_t of_call = 1u << 31;
std::vector<Site> calls;

const char* anchor() { return reinterpret_cast<const char*>(&place_of); }

std::uint32_t number_of(const Site& site) {
    static std::uint32_t last = 0;
    const auto same = [&](const Site& s) {
        return s.line == site.line && s.file == site.file && s.operation == site.operation;
    };
    if (last < calls.size() && same(calls[last])) return last;
    for (last = 0; last < calls.size(); ++last)
        if (same(calls[last])) return last;
    calls.push_back(site);
    return last;
}

std::string index_text(std::uint32_t linear, std::uint32_t x, std::uint32_t y) {
    return join("(", linear % x, ",", linear / x % y, ",", linear / x / y, ")");
}

std::string thread_text(const Launch& launch, const Record& record) {
    return "thread " + index_text(record.thread, launch.block_x, launch.block_y);
}

std::string block_text(const Launch& launch, const Record& record) {
    return "block " + index_text(record.block, launch.grid_x, launch.grid_y);
}

const char* verb(AccessKind kind) {
    switch (kind) {
        case AccessKind::read: return "reads";
        case AccessKind::write: return "writes";
        case AccessKind::atomic_load: return "reads atomically";
        case AccessKind::atomic_store: return "writes atomically";
        case AccessKind::atomic_update: return "updates atomically";
    }
    return "";
}

std::string deed(const Record& record) {
    return join(verb(record.kind), " at ", place_text(record.place));
}

const char* remedy(const Record& before, const Record& now) {
    if (is_atomic(before.kind) && is_atomic(now.kind))
        return "an atomic of block scope is none for other blocks";
    if (is_atomic(before.kind) || is_atomic(now.kind)) return "only one of the two is atomic";
    if (before.block != now.block)
        return "blocks run in any order: nothing but __threadfence and then an atomic orders them";
    if (before.thread / 32 == now.thread / 32)
        return "no __syncwarp or __syncthreads lies between the two";
    return "no __syncthreads lies between the two";
}

}  // namespace

std::uint32_t place_of(const Access& access) {
    if (access.site) return of_call | number_of(*access.site);
    return static_cast<std::uint32_t>(static_cast<const char*>(access.pc) - anchor()) & ~of_call;
}

bool same_line(std::uint32_t a, std::uint32_t b) {
    return a == b || place_text(a) == place_text(b);
}

std::string place_text(std::uint32_t place) {
    if (place & of_call) {
        const Site& site = calls[place & ~of_call];
        const char* slash = std::strrchr(site.file, '/');
        return join(slash ? slash + 1 : site.file, ":", site.line, " (", site.operation, ")");
    }
    const auto distance = static_cast<std::int32_t>(place << 1) >> 1;
    return to_string(source_line(anchor() + distance));
}

std::string memory_text(const void* address, std::size_t bytes) {
    const std::string size = join(bytes, bytes == 1 ? " byte" : " bytes");
    const Array* const array = array_at(address);
    if (!array) return join(size, " at ", address);
    return join(element_name(*array, address), " (", size, ")");
}

std::string head_text(const Launch& launch, const Record& record) {
    return "kernel " + kernel_name(launch.signature) + ", " + block_text(launch, record) + ": ";
}

std::string race_text(const Launch& launch, const Record& before, const Record& now,
                      const void* address, std::size_t bytes) {
    std::string other = thread_text(launch, before);
    if (before.block != now.block) other += " of " + block_text(launch, before);
    return join("data race on ", memory_text(address, bytes), ":\n  ", thread_text(launch, now),
                " ", deed(now), "\n  ", other, " ", deed(before), "\n  ", remedy(before, now));
}

std::string same_value_text(const Launch& launch, const Record& first, const Record& second,
                            const void* address) {
    std::string other = thread_text(launch, first);
    if (first.block != second.block) other += " of " + block_text(launch, first);
    const Array* const array = array_at(address);
    return join(head_text(launch, second), "same value: ", thread_text(launch, second), " ",
                deed(second), " what ", other, " ", deed(first), ": ",
                array ? element_name(*array, address) : "");
}

std::string unwritten_text(const Launch& launch, const Record& now, const void* address,
                           std::size_t bytes) {
    return join("memory that nobody wrote: ", thread_text(launch, now), " ", deed(now), ": ",
                memory_text(address, bytes));
}

}  // namespace vitrine::kernels::simt::check
