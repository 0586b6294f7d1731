#if defined(__x86_64__)

#include "matmul_cpu_tiles.h"

#include "vitrine/kernels/base/vectors_avx512.h"

namespace vitrine::kernels {

void matmul_avx512(const MatmulPart<float>& part) { multiply<Floats>(part); }
void matmul_avx512(const MatmulPart<double>& part) { multiply<Doubles>(part); }

}  // namespace vitrine::kernels

#endif
