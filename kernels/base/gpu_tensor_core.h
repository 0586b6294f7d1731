// Tensor cores and asynchronous copies for a .cu file, after gpu.h: what CUDA has only as PTX, as
// functions with two bodies, and nvcuda::wmma.
//
//     cp_async<16>(shared, global);    // global to shared memory, past the registers
//     cp_async_commit();               // what was issued so far is one group
//     cp_async_wait<1>();              // all groups but the last one have arrived
//     __syncthreads();                 // and those of the other threads
//
// Devices from compute capability 8.0; a kernel that runs on an older one traps.
//
// f16 and bf16 of half.h are what lies in memory; CUDA's own functions see the same bits as __half
// and __nv_bfloat16 through native().
#pragma once

#include "half.h"

#if defined(__CUDACC__)
#include "gpu_cuda_tensor_core.h"
#else
#include "vitrine/kernels/simt/async_copy.h"
#include "vitrine/kernels/simt/half_functions.h"
#include "vitrine/kernels/simt/tensor_core.h"
#include "vitrine/kernels/simt/wmma.h"
#endif

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

VITRINE_INLINE __half* native(f16* x) { return reinterpret_cast<__half*>(x); }
VITRINE_INLINE const __half* native(const f16* x) { return reinterpret_cast<const __half*>(x); }
VITRINE_INLINE __nv_bfloat16* native(bf16* x) { return reinterpret_cast<__nv_bfloat16*>(x); }
VITRINE_INLINE const __nv_bfloat16* native(const bf16* x) {
    return reinterpret_cast<const __nv_bfloat16*>(x);
}

}  // namespace VITRINE_GPU_NAMESPACE
}  // namespace vitrine::kernels
