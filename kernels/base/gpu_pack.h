// 16 bytes of memory as one access of a thread, for .cu files: 4 floats or 2 doubles, at an address that is a multiple
// of 16.
#pragma once

#include "gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

/// Elements of a pack.
template <class T>
constexpr int pack_width = 16 / static_cast<int>(sizeof(T));

inline __device__ bool pack_aligned(const void* at) { return reinterpret_cast<std::uintptr_t>(at) % 16 == 0; }

inline __device__ void load_pack(const float* from, float* to) {
    const float4 pack = *reinterpret_cast<const float4*>(from);
    to[0] = pack.x, to[1] = pack.y, to[2] = pack.z, to[3] = pack.w;
}
inline __device__ void load_pack(const double* from, double* to) {
    const double2 pack = *reinterpret_cast<const double2*>(from);
    to[0] = pack.x, to[1] = pack.y;
}
inline __device__ void store_pack(const float* from, float* to) {
    *reinterpret_cast<float4*>(to) = make_float4(from[0], from[1], from[2], from[3]);
}
inline __device__ void store_pack(const double* from, double* to) {
    *reinterpret_cast<double2*>(to) = make_double2(from[0], from[1]);
}

}  // namespace VITRINE_GPU_NAMESPACE
}  // namespace vitrine::kernels
