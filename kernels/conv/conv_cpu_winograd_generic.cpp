#include "conv_cpu_winograd_transforms.h"

#include "vitrine/kernels/base/vectors_generic.h"

namespace vitrine::kernels {

void winograd_generic(WinogradTransforms<float>& t) { fill<Floats>(t); }
void winograd_generic(WinogradTransforms<double>& t) { fill<Doubles>(t); }

}  // namespace vitrine::kernels
