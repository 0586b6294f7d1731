// fill, copy    grid    one block per 1024 elements
//               block   256 threads; thread t takes elements t, t+256, t+512, t+768 of its block's
//
// copy of a transpose, in tiles of 32 x 32, through shared memory:
//               grid    (tiles along dimension 0, tiles along dimension d, planes)
//               block   (32, 8); thread (i, j) reads rows j, j+8, j+16, j+24 of the tile at column
//                       i, where x lies along d, then, after the barrier, writes the tile turned,
//                       where y lies along dimension 0: both sides move 32 neighbours at a time.
//                       The tile's 33rd column keeps the turned reads in different banks.
#include "copy.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int threads = 256, per_thread = 4, tile = 32, tile_rows = 8;

template <class T>
__global__ void fill_kernel(T* y, T value, Strided<1> n) {
    const std::int64_t first = std::int64_t(blockIdx.x) * (threads * per_thread) + threadIdx.x;
    for (std::int64_t i = first; i < first + threads * per_thread && i < n.count; i += threads)
        y[n.at(i)[0]] = value;
}

template <class From, class To>
__global__ void copy_kernel(const From* x, To* y, Strided<2> n) {
    const std::int64_t first = std::int64_t(blockIdx.x) * (threads * per_thread) + threadIdx.x;
    for (std::int64_t i = first; i < first + threads * per_thread && i < n.count; i += threads) {
        const Offsets<2> at = n.at(i);
        y[at[0]] = static_cast<To>(x[at[1]]);
    }
}

/// cols, rows: sizes of dimensions 0 and d; xs: stride of x along 0; ys: stride of y along d.
template <class From, class To>
__global__ void copy_transposed_kernel(const From* x, To* y, std::int64_t cols, std::int64_t rows,
                                       std::int64_t xs, std::int64_t ys, Strided<2> planes) {
    __shared__ To part[tile][tile + 1];
    const std::int64_t col = std::int64_t(blockIdx.x) * tile, row = std::int64_t(blockIdx.y) * tile;
    const int i = threadIdx.x;
    for (std::int64_t p = blockIdx.z; p < planes.count; p += gridDim.z) {
        const Offsets<2> plane = planes.at(p);
        for (int j = threadIdx.y; j < tile; j += tile_rows)
            if (row + i < rows && col + j < cols)
                part[j][i] = static_cast<To>(x[plane[1] + (col + j) * xs + row + i]);
        __syncthreads();
        for (int j = threadIdx.y; j < tile; j += tile_rows)
            if (row + j < rows && col + i < cols)
                y[plane[0] + (row + j) * ys + col + i] = part[i][j];
        __syncthreads();  // the next plane overwrites the tile
    }
}

constexpr std::int64_t most_tiles = 65535;  // of a grid's second and third dimension

/// No dimension to turn, or too many tiles for a grid.
inline bool in_order(const Strided<2>& n) {
    const int d = transposed_dim(n);
    return n.count == 0 || d == 0 || n.sizes[d] > most_tiles * tile;
}
inline Launch in_order_launch(std::int64_t count) { return {grid_for(count, threads * per_thread), threads}; }

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void fill(Gpu on, T* y, T value, const Strided<1>& n) {
    launch<fill_kernel<T>>(on, {grid_for(n.count, threads * per_thread), threads}, y, value, n);
}

template <class From, class To>
void copy(Gpu on, const From* x, To* y, const Strided<2>& n) {
    if (in_order(n)) return launch<copy_kernel<From, To>>(on, in_order_launch(n.count), x, y, n);
    const int d = transposed_dim(n);
    const Strided<2> planes = planes_of(n, d);
    const dim3 grid(grid_for(n.sizes[0], tile), grid_for(n.sizes[d], tile),
                    static_cast<unsigned>(planes.count < most_tiles ? planes.count : most_tiles));
    launch<copy_transposed_kernel<From, To>>(on, {grid, dim3(tile, tile_rows)}, x, y, n.sizes[0],
                                             n.sizes[d], n.strides[1][0], n.strides[0][d], planes);
}

template void fill(Gpu, float*, float, const Strided<1>&);
template void fill(Gpu, double*, double, const Strided<1>&);
template void fill(Gpu, std::int32_t*, std::int32_t, const Strided<1>&);
template void fill(Gpu, std::int64_t*, std::int64_t, const Strided<1>&);
template void fill(Gpu, std::uint8_t*, std::uint8_t, const Strided<1>&);
template void fill(Gpu, bool*, bool, const Strided<1>&);
template void fill(Gpu, bf16*, bf16, const Strided<1>&);
template void fill(Gpu, f16*, f16, const Strided<1>&);

template void copy(Gpu, const float*, float*, const Strided<2>&);
template void copy(Gpu, const float*, double*, const Strided<2>&);
template void copy(Gpu, const float*, std::int32_t*, const Strided<2>&);
template void copy(Gpu, const float*, std::int64_t*, const Strided<2>&);
template void copy(Gpu, const float*, std::uint8_t*, const Strided<2>&);
template void copy(Gpu, const float*, bool*, const Strided<2>&);
template void copy(Gpu, const float*, bf16*, const Strided<2>&);
template void copy(Gpu, const float*, f16*, const Strided<2>&);

template void copy(Gpu, const double*, float*, const Strided<2>&);
template void copy(Gpu, const double*, double*, const Strided<2>&);
template void copy(Gpu, const double*, std::int32_t*, const Strided<2>&);
template void copy(Gpu, const double*, std::int64_t*, const Strided<2>&);
template void copy(Gpu, const double*, std::uint8_t*, const Strided<2>&);
template void copy(Gpu, const double*, bool*, const Strided<2>&);
template void copy(Gpu, const double*, bf16*, const Strided<2>&);
template void copy(Gpu, const double*, f16*, const Strided<2>&);

template void copy(Gpu, const std::int32_t*, float*, const Strided<2>&);
template void copy(Gpu, const std::int32_t*, double*, const Strided<2>&);
template void copy(Gpu, const std::int32_t*, std::int32_t*, const Strided<2>&);
template void copy(Gpu, const std::int32_t*, std::int64_t*, const Strided<2>&);
template void copy(Gpu, const std::int32_t*, std::uint8_t*, const Strided<2>&);
template void copy(Gpu, const std::int32_t*, bool*, const Strided<2>&);
template void copy(Gpu, const std::int32_t*, bf16*, const Strided<2>&);
template void copy(Gpu, const std::int32_t*, f16*, const Strided<2>&);

template void copy(Gpu, const std::int64_t*, float*, const Strided<2>&);
template void copy(Gpu, const std::int64_t*, double*, const Strided<2>&);
template void copy(Gpu, const std::int64_t*, std::int32_t*, const Strided<2>&);
template void copy(Gpu, const std::int64_t*, std::int64_t*, const Strided<2>&);
template void copy(Gpu, const std::int64_t*, std::uint8_t*, const Strided<2>&);
template void copy(Gpu, const std::int64_t*, bool*, const Strided<2>&);
template void copy(Gpu, const std::int64_t*, bf16*, const Strided<2>&);
template void copy(Gpu, const std::int64_t*, f16*, const Strided<2>&);

template void copy(Gpu, const std::uint8_t*, float*, const Strided<2>&);
template void copy(Gpu, const std::uint8_t*, double*, const Strided<2>&);
template void copy(Gpu, const std::uint8_t*, std::int32_t*, const Strided<2>&);
template void copy(Gpu, const std::uint8_t*, std::int64_t*, const Strided<2>&);
template void copy(Gpu, const std::uint8_t*, std::uint8_t*, const Strided<2>&);
template void copy(Gpu, const std::uint8_t*, bool*, const Strided<2>&);
template void copy(Gpu, const std::uint8_t*, bf16*, const Strided<2>&);
template void copy(Gpu, const std::uint8_t*, f16*, const Strided<2>&);

template void copy(Gpu, const bool*, float*, const Strided<2>&);
template void copy(Gpu, const bool*, double*, const Strided<2>&);
template void copy(Gpu, const bool*, std::int32_t*, const Strided<2>&);
template void copy(Gpu, const bool*, std::int64_t*, const Strided<2>&);
template void copy(Gpu, const bool*, std::uint8_t*, const Strided<2>&);
template void copy(Gpu, const bool*, bool*, const Strided<2>&);
template void copy(Gpu, const bool*, bf16*, const Strided<2>&);
template void copy(Gpu, const bool*, f16*, const Strided<2>&);

template void copy(Gpu, const bf16*, float*, const Strided<2>&);
template void copy(Gpu, const bf16*, double*, const Strided<2>&);
template void copy(Gpu, const bf16*, std::int32_t*, const Strided<2>&);
template void copy(Gpu, const bf16*, std::int64_t*, const Strided<2>&);
template void copy(Gpu, const bf16*, std::uint8_t*, const Strided<2>&);
template void copy(Gpu, const bf16*, bool*, const Strided<2>&);
template void copy(Gpu, const bf16*, bf16*, const Strided<2>&);
template void copy(Gpu, const bf16*, f16*, const Strided<2>&);

template void copy(Gpu, const f16*, float*, const Strided<2>&);
template void copy(Gpu, const f16*, double*, const Strided<2>&);
template void copy(Gpu, const f16*, std::int32_t*, const Strided<2>&);
template void copy(Gpu, const f16*, std::int64_t*, const Strided<2>&);
template void copy(Gpu, const f16*, std::uint8_t*, const Strided<2>&);
template void copy(Gpu, const f16*, bool*, const Strided<2>&);
template void copy(Gpu, const f16*, bf16*, const Strided<2>&);
template void copy(Gpu, const f16*, f16*, const Strided<2>&);

}  // namespace vitrine::kernels
