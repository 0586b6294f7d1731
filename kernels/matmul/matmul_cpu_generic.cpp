#include "matmul_cpu_tiles.h"

#include "vitrine/kernels/base/vectors_generic.h"

namespace vitrine::kernels {

void matmul_generic(const MatmulPart<float>& part) { multiply<Floats>(part); }
void matmul_generic(const MatmulPart<double>& part) { multiply<Doubles>(part); }

}  // namespace vitrine::kernels
