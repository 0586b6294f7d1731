#include "tensor_core.h"

#include <string>

#include "wmma.h"

namespace vitrine::kernels::simt {

void fail_incomplete_warp(const Site& site) { fail("not all 32 lanes of the warp exist", site); }

void read_matrix_row(std::uint16_t (&to)[8], const void* from, const Site& site) {
    tell_checker({from, sizeof to, AccessKind::read, Scope::block, nullptr, &site});
    std::memcpy(to, from, sizeof to);
}

}  // namespace vitrine::kernels::simt

namespace nvcuda::wmma {

void check_stride(const void* memory, std::size_t stride, std::size_t element_bytes,
                  const simt::Site& site) {
    if (reinterpret_cast<std::uintptr_t>(memory) % 32 != 0) simt::fail_alignment(32, site);
    if (stride * element_bytes % 16 != 0)
        simt::fail("rows " + std::to_string(stride) + " elements apart; " +
                       "allowed are multiples of 16 bytes",
                   site);
}

}  // namespace nvcuda::wmma
