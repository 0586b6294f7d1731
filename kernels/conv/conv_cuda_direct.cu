// The formulas of conv.h as they stand: a thread makes one element of the result.
//
//   grid    x: all elements / 256       block   256 threads; neighbours are neighbouring channels of one pixel, which
//           y: pieces of the weight's           read the same x and neighbouring w: coalesced
//              sum, added up in their order by a second kernel
#include "conv_cuda.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int conv_threads = 256;

template <class T>
__global__ void conv_forward_kernel(const T* x, const T* w, const T* bias, T* y, ConvShape s) {
    const std::int64_t Cg = s.Cg(), step = std::int64_t(gridDim.x) * conv_threads;
    for (std::int64_t i = std::int64_t(blockIdx.x) * conv_threads + threadIdx.x; i < s.N * s.P * s.Q * s.O; i += step) {
        const std::int64_t n = i / (s.O * s.Q * s.P), p = i / (s.O * s.Q) % s.P, q = i / s.O % s.Q, o = i % s.O;
        T sum = bias ? bias[o] : T(0);
        for (std::int64_t u = 0; u < s.U; ++u) {
            const std::int64_t h = s.h(p, u);
            if (h < 0 || h >= s.H) continue;
            for (std::int64_t v = 0; v < s.V; ++v) {
                const std::int64_t wx = s.w(q, v);
                if (wx < 0 || wx >= s.W) continue;
                const T* const xp = x + ((n * s.H + h) * s.W + wx) * s.C + o / s.Og() * Cg;
                const T* const wp = w + (u * s.V + v) * Cg * s.O + o;
                for (std::int64_t c = 0; c < Cg; ++c) sum += xp[c] * wp[c * s.O];
            }
        }
        y[i] = sum;
    }
}

template <class T>
__global__ void conv_backward_data_kernel(const T* dy, const T* w, const T* bias, T* dx, ConvShape s) {
    const std::int64_t Cg = s.Cg(), Og = s.Og(), step = std::int64_t(gridDim.x) * conv_threads;
    for (std::int64_t i = std::int64_t(blockIdx.x) * conv_threads + threadIdx.x; i < s.N * s.H * s.W * s.C; i += step) {
        const std::int64_t n = i / (s.C * s.W * s.H), h = i / (s.C * s.W) % s.H, wx = i / s.C % s.W, c = i % s.C;
        T sum = bias ? bias[c] : T(0);
        for (std::int64_t u = 0; u < s.U; ++u) {
            const std::int64_t p = s.p(h, u);
            if (p < 0) continue;
            for (std::int64_t v = 0; v < s.V; ++v) {
                const std::int64_t q = s.q(wx, v);
                if (q < 0) continue;
                const T* const dyp = dy + ((n * s.P + p) * s.Q + q) * s.O + c / Cg * Og;
                const T* const wp = w + ((u * s.V + v) * Cg + c % Cg) * s.O + c / Cg * Og;
                for (std::int64_t o = 0; o < Og; ++o) sum += dyp[o] * wp[o];
            }
        }
        dx[i] = sum;
    }
}

// blockIdx.y: a piece of the rows (n, p) of dy.
template <class T>
__global__ void conv_backward_weight_kernel(const T* x, const T* dy, T* sums, ConvShape s) {
    const std::int64_t Cg = s.Cg(), elements = s.U * s.V * Cg * s.O, step = std::int64_t(gridDim.x) * conv_threads;
    const std::int64_t begin = s.N * s.P * blockIdx.y / gridDim.y, end = s.N * s.P * (blockIdx.y + 1) / gridDim.y;
    for (std::int64_t i = std::int64_t(blockIdx.x) * conv_threads + threadIdx.x; i < elements; i += step) {
        const std::int64_t u = i / (s.O * Cg * s.V), v = i / (s.O * Cg) % s.V, c = i / s.O % Cg, o = i % s.O;
        const std::int64_t channel = o / s.Og() * Cg + c;
        T sum = 0;
        for (std::int64_t row = begin; row < end; ++row) {
            const std::int64_t h = s.h(row % s.P, u);
            if (h < 0 || h >= s.H) continue;
            const T* const xr = x + (row / s.P * s.H + h) * s.W * s.C + channel;
            const T* const dyr = dy + row * s.Q * s.O + o;
            for (std::int64_t q = 0; q < s.Q; ++q) {
                const std::int64_t wx = s.w(q, v);
                if (wx >= 0 && wx < s.W) sum += xr[wx * s.C] * dyr[q * s.O];
            }
        }
        sums[blockIdx.y * elements + i] = sum;
    }
}

// Enough blocks for a large GPU, but each with some rows of dy. From the shape alone.
inline std::int64_t conv_direct_pieces(const ConvShape& s) {
    constexpr std::int64_t blocks_wanted = 512, rows_least = 8;
    const std::int64_t blocks = (s.U * s.V * s.Cg() * s.O + conv_threads - 1) / conv_threads;
    const std::int64_t wanted = blocks_wanted / (blocks > 0 ? blocks : 1), most = s.N * s.P / rows_least;
    const std::int64_t pieces = wanted < most ? wanted : most;
    return pieces > 1 ? pieces : 1;
}

template <class T>
void conv_forward_direct(Gpu on, const T* x, const T* w, const T* bias, T* y, const ConvShape& s) {
    const unsigned grid = grid_for(s.N * s.P * s.Q * s.O, conv_threads);
    launch<conv_forward_kernel<T>>(on, {grid, conv_threads}, x, w, bias, y, s);
}

template <class T>
void conv_backward_data_direct(Gpu on, const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s) {
    const unsigned grid = grid_for(s.N * s.H * s.W * s.C, conv_threads);
    launch<conv_backward_data_kernel<T>>(on, {grid, conv_threads}, dy, w, bias, dx, s);
}

template <class T>
std::size_t conv_backward_weight_direct_bytes(Gpu, const ConvShape& s) {
    const std::int64_t pieces = conv_direct_pieces(s);
    return pieces == 1 ? 0 : static_cast<std::size_t>(pieces * s.U * s.V * s.Cg() * s.O) * sizeof(T);
}

template <class T>
void conv_backward_weight_direct(Gpu on, const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    const std::int64_t pieces = conv_direct_pieces(s), elements = s.U * s.V * s.Cg() * s.O;
    T* const sums = pieces == 1 ? dw : static_cast<T*>(ws.data);
    const dim3 grid(grid_for(elements, conv_threads), static_cast<unsigned>(pieces));
    launch<conv_backward_weight_kernel<T>>(on, {grid, conv_threads}, x, dy, sums, s);
    if (pieces > 1) conv_add_pieces(on, sums, dw, elements, pieces);
}

template std::size_t conv_backward_weight_direct_bytes<float>(Gpu, const ConvShape&);
template std::size_t conv_backward_weight_direct_bytes<double>(Gpu, const ConvShape&);
template void conv_forward_direct(Gpu, const float*, const float*, const float*, float*, const ConvShape&);
template void conv_forward_direct(Gpu, const double*, const double*, const double*, double*, const ConvShape&);
template void conv_backward_data_direct(Gpu, const float*, const float*, const float*, float*, const ConvShape&);
template void conv_backward_data_direct(Gpu, const double*, const double*, const double*, double*, const ConvShape&);
template void conv_backward_weight_direct(Gpu, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_backward_weight_direct(Gpu, const double*, const double*, double*, const ConvShape&, ConvWorkspace);

}  // namespace VITRINE_GPU_NAMESPACE
}  // namespace vitrine::kernels
