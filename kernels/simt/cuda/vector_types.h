// CUDA's short vectors that the library's own kernels do without: kernels/simt/language.h has the
// others.
#pragma once

#include "vitrine/kernels/simt/language.h"

template <class T>
struct VitrineSimtVector1 {
    T x;
};
template <class T>
struct VitrineSimtVector3 {
    T x, y, z;
};

using char1 = VitrineSimtVector1<signed char>;
using char2 = VitrineSimtVector2<signed char>;
using char3 = VitrineSimtVector3<signed char>;
using char4 = VitrineSimtVector4<signed char>;
using uchar1 = VitrineSimtVector1<unsigned char>;
using uchar2 = VitrineSimtVector2<unsigned char>;
using uchar3 = VitrineSimtVector3<unsigned char>;
using uchar4 = VitrineSimtVector4<unsigned char>;
using short1 = VitrineSimtVector1<short>;
using short2 = VitrineSimtVector2<short>;
using short3 = VitrineSimtVector3<short>;
using short4 = VitrineSimtVector4<short>;
using ushort1 = VitrineSimtVector1<unsigned short>;
using ushort2 = VitrineSimtVector2<unsigned short>;
using ushort3 = VitrineSimtVector3<unsigned short>;
using ushort4 = VitrineSimtVector4<unsigned short>;
using int1 = VitrineSimtVector1<int>;
using int3 = VitrineSimtVector3<int>;
using uint1 = VitrineSimtVector1<unsigned>;
using long1 = VitrineSimtVector1<long>;
using long2 = VitrineSimtVector2<long>;
using long3 = VitrineSimtVector3<long>;
using long4 = VitrineSimtVector4<long>;
using ulong1 = VitrineSimtVector1<unsigned long>;
using ulong2 = VitrineSimtVector2<unsigned long>;
using ulong3 = VitrineSimtVector3<unsigned long>;
using ulong4 = VitrineSimtVector4<unsigned long>;
using longlong1 = VitrineSimtVector1<long long>;
using longlong3 = VitrineSimtVector3<long long>;
using longlong4 = VitrineSimtVector4<long long>;
using ulonglong1 = VitrineSimtVector1<unsigned long long>;
using ulonglong3 = VitrineSimtVector3<unsigned long long>;
using ulonglong4 = VitrineSimtVector4<unsigned long long>;
using float1 = VitrineSimtVector1<float>;
using float3 = VitrineSimtVector3<float>;
using double1 = VitrineSimtVector1<double>;
using double3 = VitrineSimtVector3<double>;

constexpr char1 make_char1(signed char x) { return {x}; }
constexpr char2 make_char2(signed char x, signed char y) { return {x, y}; }
constexpr char3 make_char3(signed char x, signed char y, signed char z) { return {x, y, z}; }
constexpr char4 make_char4(signed char x, signed char y, signed char z, signed char w) {
    return {x, y, z, w};
}
constexpr uchar1 make_uchar1(unsigned char x) { return {x}; }
constexpr uchar2 make_uchar2(unsigned char x, unsigned char y) { return {x, y}; }
constexpr uchar3 make_uchar3(unsigned char x, unsigned char y, unsigned char z) {
    return {x, y, z};
}
constexpr uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w) {
    return {x, y, z, w};
}
constexpr short1 make_short1(short x) { return {x}; }
constexpr short2 make_short2(short x, short y) { return {x, y}; }
constexpr short3 make_short3(short x, short y, short z) { return {x, y, z}; }
constexpr short4 make_short4(short x, short y, short z, short w) { return {x, y, z, w}; }
constexpr ushort1 make_ushort1(unsigned short x) { return {x}; }
constexpr ushort2 make_ushort2(unsigned short x, unsigned short y) { return {x, y}; }
constexpr ushort3 make_ushort3(unsigned short x, unsigned short y, unsigned short z) {
    return {x, y, z};
}
constexpr ushort4 make_ushort4(unsigned short x, unsigned short y, unsigned short z,
                               unsigned short w) {
    return {x, y, z, w};
}
constexpr int1 make_int1(int x) { return {x}; }
constexpr int3 make_int3(int x, int y, int z) { return {x, y, z}; }
constexpr uint1 make_uint1(unsigned x) { return {x}; }
constexpr long1 make_long1(long x) { return {x}; }
constexpr long2 make_long2(long x, long y) { return {x, y}; }
constexpr long3 make_long3(long x, long y, long z) { return {x, y, z}; }
constexpr long4 make_long4(long x, long y, long z, long w) { return {x, y, z, w}; }
constexpr ulong1 make_ulong1(unsigned long x) { return {x}; }
constexpr ulong2 make_ulong2(unsigned long x, unsigned long y) { return {x, y}; }
constexpr ulong3 make_ulong3(unsigned long x, unsigned long y, unsigned long z) {
    return {x, y, z};
}
constexpr ulong4 make_ulong4(unsigned long x, unsigned long y, unsigned long z, unsigned long w) {
    return {x, y, z, w};
}
constexpr longlong1 make_longlong1(long long x) { return {x}; }
constexpr longlong2 make_longlong2(long long x, long long y) { return {x, y}; }
constexpr longlong3 make_longlong3(long long x, long long y, long long z) { return {x, y, z}; }
constexpr longlong4 make_longlong4(long long x, long long y, long long z, long long w) {
    return {x, y, z, w};
}
constexpr ulonglong1 make_ulonglong1(unsigned long long x) { return {x}; }
constexpr ulonglong2 make_ulonglong2(unsigned long long x, unsigned long long y) { return {x, y}; }
constexpr ulonglong3 make_ulonglong3(unsigned long long x, unsigned long long y,
                                     unsigned long long z) {
    return {x, y, z};
}
constexpr ulonglong4 make_ulonglong4(unsigned long long x, unsigned long long y,
                                     unsigned long long z, unsigned long long w) {
    return {x, y, z, w};
}
constexpr float1 make_float1(float x) { return {x}; }
constexpr float3 make_float3(float x, float y, float z) { return {x, y, z}; }
constexpr double1 make_double1(double x) { return {x}; }
constexpr double3 make_double3(double x, double y, double z) { return {x, y, z}; }
