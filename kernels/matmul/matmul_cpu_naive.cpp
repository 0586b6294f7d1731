// The formula as it stands: what the other CPU kernels are compared with, and what a debugger steps through in the preset
// learn or with VITRINE_ISA=naive. One thread.
#include "matmul_cpu.h"

namespace vitrine::kernels {

template <class T>
void matmul_naive(Cpu, const T* a, const T* b, T* c, const MatmulShape& s, const MatmulEpilogue<T>& e) {
    for (std::int64_t n = 0; n < s.matrices(); ++n) {
        const T* const an = a + s.matrix_at(n, s.a_batch);
        const T* const bn = b + s.matrix_at(n, s.b_batch);
        for (std::int64_t i = 0; i < s.M; ++i) {
            for (std::int64_t j = 0; j < s.N; ++j) {
                T sum = 0;
                for (std::int64_t k = 0; k < s.K; ++k) sum += an[i * s.a_row + k * s.a_col] * bn[k * s.b_row + j * s.b_col];
                const std::int64_t at = (n * s.M + i) * s.N + j;
                c[at] = e.z(sum, c, at, j);
                if (e.has_more()) e.finish(c, at);
            }
        }
    }
}

template void matmul_naive(Cpu, const float*, const float*, float*, const MatmulShape&, const MatmulEpilogue<float>&);
template void matmul_naive(Cpu, const double*, const double*, double*, const MatmulShape&, const MatmulEpilogue<double>&);

}  // namespace vitrine::kernels
