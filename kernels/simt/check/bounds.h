// Whether a kernel may touch an address at all. Part of the checker.
#pragma once

#include <cstddef>
#include <string>

#include "vitrine/kernels/simt/runtime.h"

#include "access.h"
#include "arrays.h"

namespace vitrine::kernels::simt {

/// Before and after the blocks of a launch, on the stack that runs them.
void begin_bounds(const KernelCall& call, std::size_t shared_bytes);
void end_bounds();

/// The array that the running thread's access goes to. nullptr for what is the thread's own: its
/// stack, the kernel's parameters, constants, threadIdx.
///
/// An access to anything else ends the thread and the launch, with an error that names the line and
/// the array: out of bounds, after its release, memory of the host, a null pointer.
const Array* checked_array(const Access& access);

/// "thread (3,0,0) writes 4 bytes at softmax_cuda.cu:27", or "... by atomicAdd at ...".
std::string to_string(const Access& access);

}  // namespace vitrine::kernels::simt
