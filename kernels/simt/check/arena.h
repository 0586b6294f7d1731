// Device memory of the checker's build: see arrays.h.
#pragma once

#include <cstddef>

#include "arrays.h"

namespace vitrine::kernels::simt {

/// Whether device memory may lie there, now or at another time.
bool is_arena(const void* address);

/// The allocation, live or released, around `address`; nullptr if there is none.
const Array* allocation_at(const void* address);
/// The one that is nearest to `address`, at most 256 MiB away; nullptr if there is none.
const Array* nearest_allocation(const void* address);

}  // namespace vitrine::kernels::simt
