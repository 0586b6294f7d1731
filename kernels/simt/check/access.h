// One access to memory by a CUDA thread, as the checker and the profile see it.
#pragma once

#include <cstdint>

namespace vitrine::kernels::simt {

struct Site;

/// An atomic_load only reads, an atomic_store only writes, an atomic_update does both.
enum class AccessKind : std::uint8_t { read, write, atomic_load, atomic_update, atomic_store };

/// Whom an atomic access or a fence concerns.
enum class Scope : std::uint8_t { block, device, system };

struct Access {
    const void* address;
    std::uint32_t bytes;
    AccessKind kind;
    Scope scope;       ///< of an atomic
    const void* pc;    ///< the return address of the compiler's callback; nullptr with a site
    const Site* site;  ///< the call of an atomic or of a warp operation; nullptr with a pc
};

inline bool reads(AccessKind kind) {
    return kind != AccessKind::write && kind != AccessKind::atomic_store;
}
inline bool writes(AccessKind kind) {
    return kind != AccessKind::read && kind != AccessKind::atomic_load;
}
inline bool is_atomic(AccessKind kind) { return kind >= AccessKind::atomic_load; }

}  // namespace vitrine::kernels::simt
