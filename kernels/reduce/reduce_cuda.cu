// Reductions on a GPU. Running values are kept in double: the kernels wait for memory, not for additions.
//
// rows     grid (k, pieces), block (32, 8) for short rows: a warp per k      warp 0   k    [ t0 t1 ... t31 | t0 t1 ...
//                                                                            warp 1   k+1  [ t0 t1 ... t31 | t0 t1 ...
//                            block (256, 1) for long ones: a block per k              k    [ t0 t1 ... t255 | t0 ...
// columns  grid (tiles of 32 k, pieces), block (32, 8): thread (i, j) takes column i of the tile and r = j, j+8, ...;
//          neighbours read neighbours; shared memory joins the eight running values of a column
//
// With more than one piece the joined values of piece p go to partial[p * kept + k], and a second launch of the rows
// kernel joins those. argmax is in reduce_cuda_argmax.cu.
#include "reduce.h"
#include "reduce_ops.h"
#include "reduce_steps.h"
#include "reduce_walk_gpu.h"
#include "vitrine/kernels/base/gpu_reduce.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <class T, class Op, class Finish>
__global__ void reduce_rows_kernel(const T* x, ReduceShape n, Op op, Finish finish, double* partial) {
    __shared__ double buffer[32];
    const typename Op::Fold fold{};
    const std::int64_t kept = n.kept.elements();
    const Range r = reduce_piece(n.reduced.elements(), blockIdx.y, gridDim.y);
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.y;
    for (std::int64_t k = std::int64_t(blockIdx.x) * blockDim.y + threadIdx.y; k < kept; k += step) {  // whole warps
        const T* row = x + n.kept.offset(k);
        double total = Op::Fold::identity;
        for (std::int64_t i = r.begin + threadIdx.x; i < r.end; i += blockDim.x)
            total = fold(total, static_cast<double>(op.value(row[n.reduced.offset(i)], k)));

        if (blockDim.y > 1) total = warp_reduce(total, fold);
        else total = block_reduce(total, Op::Fold::identity, fold, buffer);
        __syncwarp();  // finish may write what value has read
        if (threadIdx.x > 0) continue;
        if (gridDim.y > 1) partial[blockIdx.y * kept + k] = total;
        else finish(k, total);
    }
}

template <class T, class Op, class Finish>
__global__ void reduce_columns_kernel(const T* x, ReduceShape n, Op op, Finish finish, double* partial) {
    __shared__ double running[column_threads][columns_of_block];
    const typename Op::Fold fold{};
    const std::int64_t kept = n.kept.elements();
    const Range r = reduce_piece(n.reduced.elements(), blockIdx.y, gridDim.y);
    const std::int64_t k = std::int64_t(blockIdx.x) * columns_of_block + threadIdx.x;

    double total = Op::Fold::identity;
    if (k < kept) {
        const T* column = x + n.kept.offset(k);
        for (std::int64_t i = r.begin + threadIdx.y; i < r.end; i += column_threads)
            total = fold(total, static_cast<double>(op.value(column[n.reduced.offset(i)], k)));
    }
    running[threadIdx.y][threadIdx.x] = total;
    __syncthreads();

    if (k >= kept || threadIdx.y > 0) return;
    for (int j = 1; j < column_threads; ++j) total = fold(total, running[j][threadIdx.x]);
    if (gridDim.y > 1) partial[blockIdx.y * kept + k] = total;
    else finish(k, total);
}

/// dx_kr = f(x_kr, k): thread i takes element i, counted so that neighbours in memory are neighbours.
template <class T, class F>
__global__ void reduce_write_kernel(const T* x, T* dx, ReduceShape n, F f, bool columns) {
    const std::int64_t kept = n.kept.elements(), reduced = n.reduced.elements();
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < kept * reduced; i += step) {
        const std::int64_t k = columns ? i % kept : i / reduced, r = columns ? i / kept : i % reduced;
        const std::int64_t at = n.kept.offset(k) + n.reduced.offset(r);
        dx[at] = f(x[at], k);
    }
}

template <class T, class Op, class Finish>
void reduce_launch(Gpu on, const T* x, const ReduceShape& n, Op op, Finish finish, double* partial,
                   std::int64_t pieces) {
    if (by_columns(n))
        launch<reduce_columns_kernel<T, Op, Finish>>(on, columns_launch(n, pieces), x, n, op, finish, partial);
    else launch<reduce_rows_kernel<T, Op, Finish>>(on, rows_launch(n, pieces), x, n, op, finish, partial);
}

/// In one piece or many. An entry point whose call is one launch launches by itself: a debugger is there at once.
template <class T, class Op, class Finish>
void reduce_all(Gpu on, const T* x, const ReduceShape& n, Op op, void* workspace, Finish finish) {
    const std::int64_t pieces = reduce_pieces(n);
    double* const partial = static_cast<double*>(workspace);
    reduce_launch(on, x, n, op, finish, partial, pieces);
    if (pieces > 1)
        reduce_launch(on, static_cast<const double*>(partial), shape_of_partials(n, pieces),
                      Values<typename Op::Fold>{}, finish, nullptr, 1);
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void reduce_sum(Gpu on, const T* x, T* y, double divisor, const ReduceShape& n, void* workspace) {
    using Op = Values<FoldAdd>;
    using Finish = StoreQuotient<T>;
    if (n.step != KernelStep::automatic) sum_step(on, x, y, divisor, n, workspace);
    else if (one_launch(n)) launch<reduce_rows_kernel<T, Op, Finish>>(on, rows_launch(n, 1), x, n, Op{}, Finish{y, divisor}, nullptr);
    else reduce_all(on, x, n, Op{}, workspace, Finish{y, divisor});
}

template <class T>
void reduce_variance(Gpu on, const T* x, T* mean, T* y, double divisor, const ReduceShape& n, void* workspace) {
    using Op = Values<FoldAdd>;
    const StoreQuotient<T> quotient{mean, static_cast<double>(n.reduced.elements())};
    if (one_launch(n)) launch<reduce_rows_kernel<T, Op, StoreQuotient<T>>>(on, rows_launch(n, 1), x, n, Op{}, quotient, nullptr);
    else reduce_all(on, x, n, Op{}, workspace, quotient);
    reduce_all(on, x, n, SquareOfDifference<T>{mean}, workspace, StoreQuotient<T>{y, divisor});
}

template <class T>
void reduce_max(Gpu on, const T* x, T* y, const ReduceShape& n, void* workspace) {
    using Op = Values<FoldMax>;
    if (one_launch(n)) launch<reduce_rows_kernel<T, Op, Store<T>>>(on, rows_launch(n, 1), x, n, Op{}, Store<T>{y}, nullptr);
    else reduce_all(on, x, n, Op{}, workspace, Store<T>{y});
}

template <class T>
void reduce_min(Gpu on, const T* x, T* y, const ReduceShape& n, void* workspace) {
    using Op = Values<FoldMin>;
    if (one_launch(n)) launch<reduce_rows_kernel<T, Op, Store<T>>>(on, rows_launch(n, 1), x, n, Op{}, Store<T>{y}, nullptr);
    else reduce_all(on, x, n, Op{}, workspace, Store<T>{y});
}

template <class T>
void reduce_logsumexp(Gpu on, const T* x, T* y, const ReduceShape& n, void* workspace) {
    using Op = Values<FoldMax>;
    if (one_launch(n)) launch<reduce_rows_kernel<T, Op, StoreShift<T>>>(on, rows_launch(n, 1), x, n, Op{}, StoreShift<T>{y}, nullptr);
    else reduce_all(on, x, n, Op{}, workspace, StoreShift<T>{y});
    reduce_all(on, x, n, ExpOfDifference<T>{y}, workspace, AddLog<T>{y});
}

template <class T>
void reduce_extreme_backward(Gpu on, const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n,
                             void* workspace) {
    double* const g = static_cast<double*>(workspace);
    using Op = CountEqual<T>;
    using Finish = StoreShare<T>;
    if (one_launch(n)) launch<reduce_rows_kernel<T, Op, Finish>>(on, rows_launch(n, 1), x, n, Op{y}, Finish{dy, g}, nullptr);
    else reduce_all(on, x, n, Op{y}, g + n.kept.elements(), Finish{dy, g});
    launch<reduce_write_kernel<T, ExtremeGradient<T>>>(on, write_launch(n), x, dx, n, ExtremeGradient<T>{y, g}, by_columns(n));
}

template <class T>
void reduce_logsumexp_backward(Gpu on, const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n) {
    launch<reduce_write_kernel<T, LogSumExpGradient<T>>>(on, write_launch(n), x, dx, n, LogSumExpGradient<T>{y, dy}, by_columns(n));
}

template void reduce_sum(Gpu, const float*, float*, double, const ReduceShape&, void*);
template void reduce_sum(Gpu, const double*, double*, double, const ReduceShape&, void*);
template void reduce_variance(Gpu, const float*, float*, float*, double, const ReduceShape&, void*);
template void reduce_variance(Gpu, const double*, double*, double*, double, const ReduceShape&, void*);
template void reduce_max(Gpu, const float*, float*, const ReduceShape&, void*);
template void reduce_max(Gpu, const double*, double*, const ReduceShape&, void*);
template void reduce_min(Gpu, const float*, float*, const ReduceShape&, void*);
template void reduce_min(Gpu, const double*, double*, const ReduceShape&, void*);
template void reduce_logsumexp(Gpu, const float*, float*, const ReduceShape&, void*);
template void reduce_logsumexp(Gpu, const double*, double*, const ReduceShape&, void*);
template void reduce_extreme_backward(Gpu, const float*, const float*, const float*, float*, const ReduceShape&, void*);
template void reduce_extreme_backward(Gpu, const double*, const double*, const double*, double*, const ReduceShape&,
                                      void*);
template void reduce_logsumexp_backward(Gpu, const float*, const float*, const float*, float*, const ReduceShape&);
template void reduce_logsumexp_backward(Gpu, const double*, const double*, const double*, double*, const ReduceShape&);

}  // namespace vitrine::kernels
