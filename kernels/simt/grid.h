// Limits of a launch, those of a GPU of compute capability 9.0.
#pragma once

#include <cstddef>

namespace vitrine::kernels::simt {

constexpr std::size_t most_shared_bytes = 227 * 1024;

}  // namespace vitrine::kernels::simt
