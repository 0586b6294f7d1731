// How the drivers of the product, in f32 and f64 (matmul_cpu.cpp) and in bf16 (matmul_cpu_bf16.cpp), cut a batch for
// the threads.
//
// The matrices of a batch, one after the other, make one long line of panels of columns (or of rows), which is cut into
// equal shares. A thread packs what it needs itself: nobody waits.
#pragma once

#include <algorithm>
#include <cstdint>

#include "matmul.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {

inline std::int64_t matmul_round_up(std::int64_t n, std::int64_t step) { return (n + step - 1) / step * step; }

/// The size of equal blocks, at most `most` and a multiple of `step`.
inline std::int64_t matmul_even_blocks(std::int64_t n, std::int64_t most, std::int64_t step) {
    const std::int64_t blocks = (n + most - 1) / most;
    return matmul_round_up((n + blocks - 1) / blocks, step);
}

struct MatmulCut {
    bool by_columns;           ///< else by rows
    std::int64_t step, units;  ///< of that many columns or rows; units in one matrix
    int parts;
};

/// `products_a_step`: products in the time of one elementary operation.
inline void matmul_cut(const MatmulShape& s, bool by_columns, std::int64_t step, double products_a_step,
                       MatmulCut& cut) {
    const double products = static_cast<double>(s.M) * static_cast<double>(s.N) * static_cast<double>(s.K);
    cut.by_columns = by_columns;
    cut.step = step;
    cut.units = ((by_columns ? s.N : s.M) + step - 1) / step;
    cut.parts = parts_for(s.matrices() * cut.units, products / static_cast<double>(cut.units) / products_a_step);
}

/// A part of one matrix of C.
struct MatmulBlock {
    std::int64_t index;
    Range rows, columns;
};

/// What the first units of `units` are in one matrix; takes them away.
inline MatmulBlock matmul_next_block(const MatmulShape& s, const MatmulCut& cut, Range& units) {
    const std::int64_t index = units.begin / cut.units, first = units.begin % cut.units;
    const std::int64_t last = std::min(cut.units, first + units.end - units.begin);
    units.begin += last - first;
    const Range some{first * cut.step, std::min(last * cut.step, cut.by_columns ? s.N : s.M)};
    return cut.by_columns ? MatmulBlock{index, {0, s.M}, some} : MatmulBlock{index, some, {0, s.N}};
}

}  // namespace vitrine::kernels
