// Grids and blocks of the GPU reductions, drawn in reduce_cuda.cu; reduce_cuda_argmax.cu shares them.
#pragma once

#include "reduce_ops.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int columns_of_block = 32, column_threads = 8;

inline Launch rows_launch(const ReduceShape& n, std::int64_t pieces) {
    const bool short_rows = n.reduced.elements() / pieces <= 1024;
    const dim3 block = short_rows ? dim3(32, 8) : dim3(256, 1);
    return {dim3(grid_for(n.kept.elements(), block.y), static_cast<unsigned>(pieces)), block};
}

inline Launch columns_launch(const ReduceShape& n, std::int64_t pieces) {
    return {dim3(grid_for(n.kept.elements(), columns_of_block), static_cast<unsigned>(pieces)),
            dim3(columns_of_block, column_threads)};
}

inline Launch write_launch(const ReduceShape& n) { return {grid_for(n.kept.elements() * n.reduced.elements(), 256), 256}; }

/// The elements of each sum lie together and are one piece: one launch of the rows kernel is all.
inline bool one_launch(const ReduceShape& n) { return reduce_pieces(n) == 1 && !by_columns(n); }

/// partial[p * kept + k], to be joined over p.
inline ReduceShape shape_of_partials(const ReduceShape& n, std::int64_t pieces) {
    ReduceShape partials;
    partials.kept.count = partials.reduced.count = 1;
    partials.kept.size[0] = partials.reduced.stride[0] = n.kept.elements();
    partials.kept.stride[0] = 1;
    partials.reduced.size[0] = pieces;
    return partials;
}

}  // namespace VITRINE_GPU_NAMESPACE
}  // namespace vitrine::kernels
