#if defined(__x86_64__)

#include "conv_cpu_winograd_transforms.h"

#include "vitrine/kernels/base/vectors_avx512.h"

namespace vitrine::kernels {

void winograd_avx512(WinogradTransforms<float>& t) { fill<Floats>(t); }
void winograd_avx512(WinogradTransforms<double>& t) { fill<Doubles>(t); }

}  // namespace vitrine::kernels

#endif
