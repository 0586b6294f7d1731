// CUDA's functions for 16-bit floats: <cuda_fp16.h> and <cuda_bf16.h>.
#pragma once

#include <cmath>
#include <cstdint>

#include "half_types.h"
#include "math_functions.h"

inline namespace vitrine_simt {

// Conversions of one number. Roundings to integers: _rn nearest, _rz towards zero.
inline __half __float2half(float x) { return x; }
inline __half __float2half_rn(float x) { return x; }
inline __half __double2half(double x) { return x; }
inline __half __int2half_rn(int x) { return x; }
inline __half __uint2half_rn(unsigned x) { return x; }
inline float __half2float(__half x) { return x; }
inline int __half2int_rn(__half x) {
    return static_cast<int>(std::nearbyint(static_cast<float>(x)));
}
inline int __half2int_rz(__half x) { return static_cast<int>(static_cast<float>(x)); }
inline __nv_bfloat16 __float2bfloat16(float x) { return x; }
inline __nv_bfloat16 __float2bfloat16_rn(float x) { return x; }
inline __nv_bfloat16 __double2bfloat16(double x) { return x; }
inline __nv_bfloat16 __int2bfloat16_rn(int x) { return x; }
inline float __bfloat162float(__nv_bfloat16 x) { return x; }
inline int __bfloat162int_rn(__nv_bfloat16 x) {
    return static_cast<int>(std::nearbyint(static_cast<float>(x)));
}
inline int __bfloat162int_rz(__nv_bfloat16 x) { return static_cast<int>(static_cast<float>(x)); }

// The same bits.
inline unsigned short __half_as_ushort(__half x) { return x.stored.bits; }
inline short __half_as_short(__half x) { return static_cast<short>(x.stored.bits); }
inline __half __ushort_as_half(unsigned short x) { return vitrine::kernels::f16::from_bits(x); }
inline __half __short_as_half(short x) {
    return vitrine::kernels::f16::from_bits(static_cast<std::uint16_t>(x));
}
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 x) { return x.stored.bits; }
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short x) {
    return vitrine::kernels::bf16::from_bits(x);
}

// Pairs.
inline __half2 __floats2half2_rn(float x, float y) { return {x, y}; }
inline __half2 __float2half2_rn(float x) { return {x, x}; }
inline __half2 __float22half2_rn(float2 x) { return {x.x, x.y}; }
inline float2 __half22float2(__half2 x) { return {x.x, x.y}; }
inline __half2 __half2half2(__half x) { return {x, x}; }
inline __half2 __halves2half2(__half x, __half y) { return {x, y}; }
inline __half2 make_half2(__half x, __half y) { return {x, y}; }
inline __half __low2half(__half2 x) { return x.x; }
inline __half __high2half(__half2 x) { return x.y; }
inline __half2 __lows2half2(__half2 a, __half2 b) { return {a.x, b.x}; }
inline __half2 __highs2half2(__half2 a, __half2 b) { return {a.y, b.y}; }
inline __half2 __lowhigh2highlow(__half2 x) { return {x.y, x.x}; }
inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) { return {x, y}; }
inline __nv_bfloat162 __float2bfloat162_rn(float x) { return {x, x}; }
inline __nv_bfloat162 __float22bfloat162_rn(float2 x) { return {x.x, x.y}; }
inline float2 __bfloat1622float2(__nv_bfloat162 x) { return {x.x, x.y}; }
inline __nv_bfloat162 __bfloat162bfloat162(__nv_bfloat16 x) { return {x, x}; }
inline __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return {x, y}; }
inline __nv_bfloat162 make_bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return {x, y}; }
inline __nv_bfloat16 __low2bfloat16(__nv_bfloat162 x) { return x.x; }
inline __nv_bfloat16 __high2bfloat16(__nv_bfloat162 x) { return x.y; }
template <class S>
float __low2float(VitrineSimtHalf2<S> x) {
    return x.x;
}
template <class S>
float __high2float(VitrineSimtHalf2<S> x) {
    return x.y;
}

// Arithmetic, one rounding each.
template <class S>
VitrineSimtHalf<S> __hadd(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return a + b;
}
template <class S>
VitrineSimtHalf2<S> __hadd2(VitrineSimtHalf2<S> a, VitrineSimtHalf2<S> b) {
    return a + b;
}
template <class S>
VitrineSimtHalf<S> __hsub(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return a - b;
}
template <class S>
VitrineSimtHalf2<S> __hsub2(VitrineSimtHalf2<S> a, VitrineSimtHalf2<S> b) {
    return a - b;
}
template <class S>
VitrineSimtHalf<S> __hmul(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return a * b;
}
template <class S>
VitrineSimtHalf2<S> __hmul2(VitrineSimtHalf2<S> a, VitrineSimtHalf2<S> b) {
    return a * b;
}
template <class S>
VitrineSimtHalf<S> __hdiv(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return a / b;
}
template <class S>
VitrineSimtHalf2<S> __h2div(VitrineSimtHalf2<S> a, VitrineSimtHalf2<S> b) {
    return a / b;
}
template <class S>
VitrineSimtHalf<S> __hfma(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b, VitrineSimtHalf<S> c) {
    return S(std::fma(static_cast<double>(static_cast<float>(a)),
                      static_cast<double>(static_cast<float>(b)),
                      static_cast<double>(static_cast<float>(c))));
}
template <class S>
VitrineSimtHalf2<S> __hfma2(VitrineSimtHalf2<S> a, VitrineSimtHalf2<S> b, VitrineSimtHalf2<S> c) {
    return {__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)};
}
template <class S>
VitrineSimtHalf<S> __hneg(VitrineSimtHalf<S> a) {
    return -a;
}
template <class S>
VitrineSimtHalf2<S> __hneg2(VitrineSimtHalf2<S> a) {
    return -a;
}
template <class S>
VitrineSimtHalf<S> __habs(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::fabs(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf2<S> __habs2(VitrineSimtHalf2<S> a) {
    return {__habs(a.x), __habs(a.y)};
}
template <class S>
VitrineSimtHalf<S> __hmin(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return VitrineSimtHalf<S>(std::fmin(static_cast<float>(a), static_cast<float>(b)));
}
template <class S>
VitrineSimtHalf2<S> __hmin2(VitrineSimtHalf2<S> a, VitrineSimtHalf2<S> b) {
    return {__hmin(a.x, b.x), __hmin(a.y, b.y)};
}
template <class S>
VitrineSimtHalf<S> __hmax(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return VitrineSimtHalf<S>(std::fmax(static_cast<float>(a), static_cast<float>(b)));
}
template <class S>
VitrineSimtHalf2<S> __hmax2(VitrineSimtHalf2<S> a, VitrineSimtHalf2<S> b) {
    return {__hmax(a.x, b.x), __hmax(a.y, b.y)};
}

// Comparisons; false with a NaN, but for __hne.
template <class S>
bool __heq(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return static_cast<float>(a) == static_cast<float>(b);
}
template <class S>
bool __hlt(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return static_cast<float>(a) < static_cast<float>(b);
}
template <class S>
bool __hle(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return static_cast<float>(a) <= static_cast<float>(b);
}
template <class S>
bool __hgt(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return static_cast<float>(a) > static_cast<float>(b);
}
template <class S>
bool __hge(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return static_cast<float>(a) >= static_cast<float>(b);
}
template <class S>
bool __hne(VitrineSimtHalf<S> a, VitrineSimtHalf<S> b) {
    return static_cast<float>(a) != static_cast<float>(b);
}
template <class S>
bool __hisnan(VitrineSimtHalf<S> a) {
    return std::isnan(static_cast<float>(a));
}
template <class S>
int __hisinf(VitrineSimtHalf<S> a) {
    return std::isinf(static_cast<float>(a)) ? (static_cast<float>(a) < 0 ? -1 : 1) : 0;
}

// Functions.
template <class S>
VitrineSimtHalf<S> hexp(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::exp(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hexp2(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::exp2(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hlog(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::log(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hlog2(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::log2(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hlog10(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::log10(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hsqrt(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::sqrt(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hsin(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::sin(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hcos(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::cos(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> htanh(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::tanh(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hfloor(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::floor(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hceil(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::ceil(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> htrunc(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::trunc(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hrint(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(std::nearbyint(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hrsqrt(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(1.0f / std::sqrt(static_cast<float>(a)));
}
template <class S>
VitrineSimtHalf<S> hrcp(VitrineSimtHalf<S> a) {
    return VitrineSimtHalf<S>(1.0f / static_cast<float>(a));
}
template <class S>
VitrineSimtHalf2<S> h2exp(VitrineSimtHalf2<S> a) {
    return {hexp(a.x), hexp(a.y)};
}
template <class S>
VitrineSimtHalf2<S> h2log(VitrineSimtHalf2<S> a) {
    return {hlog(a.x), hlog(a.y)};
}
template <class S>
VitrineSimtHalf2<S> h2sqrt(VitrineSimtHalf2<S> a) {
    return {hsqrt(a.x), hsqrt(a.y)};
}
template <class S>
VitrineSimtHalf2<S> h2rsqrt(VitrineSimtHalf2<S> a) {
    return {hrsqrt(a.x), hrsqrt(a.y)};
}
template <class S>
VitrineSimtHalf2<S> h2rcp(VitrineSimtHalf2<S> a) {
    return {hrcp(a.x), hrcp(a.y)};
}

}  // namespace vitrine_simt
