// The words of CUDA C++ that are no C++, for an ordinary compiler: __global__, __shared__, dim3,
// threadIdx, ...
#pragma once

#include "vitrine/config.h"

#define __global__
#define __device__
#define __host__
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
#if defined(__OPTIMIZE__)
#define __forceinline__ inline __attribute__((always_inline))
#else
#define __forceinline__ inline
#endif

// A block runs on one OS thread from start to end, so one copy of a variable per OS thread is one
// per block. A build with one worker (no OpenMP, a sanitizer, or the checker) has plain variables: every
// debugger can print them, and AddressSanitizer puts red zones around them, which it never does
// around thread-local ones.
#if VITRINE_SIMT_ONE_WORKER
#define VITRINE_SIMT_PER_WORKER
#else
#define VITRINE_SIMT_PER_WORKER thread_local
#endif
#if VITRINE_SIMT_CHECK  // so far apart that no index that is slightly wrong lands in another one
#define __shared__ static __attribute__((aligned(65536)))
#else
#define __shared__ static VITRINE_SIMT_PER_WORKER
#endif

template <class T>
struct alignas(2 * sizeof(T)) VitrineSimtVector2 {
    T x, y;
};
template <class T>
struct alignas(4 * sizeof(T) < 16 ? 4 * sizeof(T) : 16) VitrineSimtVector4 {
    T x, y, z, w;
};
using float2 = VitrineSimtVector2<float>;
using float4 = VitrineSimtVector4<float>;
using double2 = VitrineSimtVector2<double>;
using double4 = VitrineSimtVector4<double>;
using int2 = VitrineSimtVector2<int>;
using int4 = VitrineSimtVector4<int>;
using uint2 = VitrineSimtVector2<unsigned>;
using uint4 = VitrineSimtVector4<unsigned>;
using longlong2 = VitrineSimtVector2<long long>;
using ulonglong2 = VitrineSimtVector2<unsigned long long>;
struct uint3 {
    unsigned x, y, z;
};

inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline double2 make_double2(double x, double y) { return {x, y}; }
inline double4 make_double4(double x, double y, double z, double w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return {x, y, z}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x_size = 1, unsigned y_size = 1, unsigned z_size = 1)
        : x(x_size), y(y_size), z(z_size) {}
    constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
};

// Variables, not macros: `break softmax_cuda.cu:27 if threadIdx.x == 3` and `print threadIdx` work
// in gdb.
extern constinit VITRINE_SIMT_PER_WORKER uint3 threadIdx;
extern constinit VITRINE_SIMT_PER_WORKER uint3 blockIdx;
extern constinit VITRINE_SIMT_PER_WORKER dim3 blockDim;
extern constinit VITRINE_SIMT_PER_WORKER dim3 gridDim;
constexpr int warpSize = 32;
