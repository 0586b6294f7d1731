#include "conv_cpu_tiles.h"

#include "vitrine/kernels/base/vectors_generic.h"

namespace vitrine::kernels {

void conv_tiles_generic(const ConvTiles<float>& x) { multiply<Floats>(x); }
void conv_tiles_generic(const ConvTiles<double>& x) { multiply<Doubles>(x); }

}  // namespace vitrine::kernels
