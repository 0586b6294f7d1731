#if defined(__x86_64__)

#include "matmul_cpu_tiles.h"

#include "vitrine/kernels/base/vectors_avx2.h"

namespace vitrine::kernels {

void matmul_avx2(const MatmulPart<float>& part) { multiply<Floats>(part); }
void matmul_avx2(const MatmulPart<double>& part) { multiply<Doubles>(part); }

}  // namespace vitrine::kernels

#endif
