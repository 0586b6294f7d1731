// Activation and residual of a tile. Not a part of the tile's code: the functions are inline ones of the whole library,
// and of those a file with an instruction set of its own must leave no copy behind.
#include "matmul_cpu.h"

namespace vitrine::kernels {
namespace {

template <MatmulActivation f, class T>
void finish_rows(const MatmulEpilogue<T>& e, T* c, std::int64_t c_row, std::int64_t rows, std::int64_t columns) {
    for (std::int64_t i = 0; i < rows; ++i) {
        T* __restrict__ const ci = c + i * c_row;
        for (std::int64_t j = 0; e.before && j < columns; ++j) e.before[i * c_row + j] = ci[j];
        for (std::int64_t j = 0; f != MatmulActivation::none && j < columns; ++j) ci[j] = matmul_activate(f, ci[j]);
        for (std::int64_t j = 0; e.residual && j < columns; ++j) ci[j] += e.residual[i * c_row + j];
    }
}

// With f known in the loop, which so becomes vector code.
template <class T>
void finish(const MatmulEpilogue<T>& e, T* c, std::int64_t c_row, std::int64_t rows, std::int64_t columns) {
    switch (e.activation) {
        case MatmulActivation::none: return finish_rows<MatmulActivation::none>(e, c, c_row, rows, columns);
        case MatmulActivation::relu: return finish_rows<MatmulActivation::relu>(e, c, c_row, rows, columns);
        case MatmulActivation::tanh: return finish_rows<MatmulActivation::tanh>(e, c, c_row, rows, columns);
        case MatmulActivation::sigmoid: return finish_rows<MatmulActivation::sigmoid>(e, c, c_row, rows, columns);
        case MatmulActivation::gelu: return finish_rows<MatmulActivation::gelu>(e, c, c_row, rows, columns);
        case MatmulActivation::gelu_tanh: return finish_rows<MatmulActivation::gelu_tanh>(e, c, c_row, rows, columns);
    }
}

}  // namespace

void matmul_finish(const MatmulEpilogue<float>& e, float* c, std::int64_t c_row, std::int64_t rows,
                   std::int64_t columns) {
    finish(e, c, c_row, rows, columns);
}
void matmul_finish(const MatmulEpilogue<double>& e, double* c, std::int64_t c_row, std::int64_t rows,
                   std::int64_t columns) {
    finish(e, c, c_row, rows, columns);
}

}  // namespace vitrine::kernels
