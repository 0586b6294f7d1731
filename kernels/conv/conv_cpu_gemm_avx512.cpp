#if defined(__x86_64__)

#include "conv_cpu_tiles.h"

#include "vitrine/kernels/base/vectors_avx512.h"

namespace vitrine::kernels {

void conv_tiles_avx512(const ConvTiles<float>& x) { multiply<Floats>(x); }
void conv_tiles_avx512(const ConvTiles<double>& x) { multiply<Doubles>(x); }

}  // namespace vitrine::kernels

#endif
