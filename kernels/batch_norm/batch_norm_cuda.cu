// Sums over rows:
//
//   grid    channels / 32 x pieces     block   32 x 8 threads
//
//   rows of a piece:   [ ty0: c0 c1 ... c31 ]      thread (tx, ty) walks down column blockIdx.x * 32 + tx,
//                      [ ty1: c0 c1 ... c31 ]      rows ty, ty + 8, ...; a warp reads 32 neighbours. The 8
//                      [ ...                ]      results of a column are joined in shared memory, in order,
//                      [ ty7: c0 c1 ... c31 ]      and written to the workspace.
//
//   Another kernel, a thread for each channel, joins the pieces.
//
// y and dx:
//
//   grid    elements / 256             block   256 threads, an element each
#include "batch_norm.h"
#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/math.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int batch_norm_columns = 32, batch_norm_rows = 8, batch_norm_threads = 256;

/// Cuts of the rows, the same as on the cpu: whole chunks.
struct BatchNormPieces {
    std::int64_t rows, pieces;
    __device__ std::int64_t begin(std::int64_t p) const {
        const std::int64_t chunks = (rows + batch_norm_chunk - 1) / batch_norm_chunk;
        const std::int64_t at = chunks * p / pieces * batch_norm_chunk;
        return at < rows ? at : rows;
    }
};

template <class T>
__global__ void batch_norm_moments_kernel(const T* x, double* part, BatchNormShape n, BatchNormPieces cut) {
    __shared__ double means[batch_norm_rows][batch_norm_columns], m2s[batch_norm_rows][batch_norm_columns];
    const std::int64_t c = std::int64_t(blockIdx.x) * batch_norm_columns + threadIdx.x, piece = blockIdx.y;
    const std::int64_t begin = cut.begin(piece), end = cut.begin(piece + 1);

    T mean = 0, m2 = 0, count = 0;
    if (c < n.channels) {
        for (std::int64_t r = begin + threadIdx.y; r < end; r += batch_norm_rows) {
            const T v = x[r * n.channels + c], d = v - mean;
            count += 1;
            mean += d / count;
            m2 += d * (v - mean);
        }
    }
    means[threadIdx.y][threadIdx.x] = double(mean), m2s[threadIdx.y][threadIdx.x] = double(m2);
    __syncthreads();
    if (threadIdx.y != 0 || c >= n.channels) return;

    double total = 0, mu = 0, sum = 0;
    for (int j = 0; j < batch_norm_rows && begin + j < end; ++j) {
        const double k = double((end - begin - j + batch_norm_rows - 1) / batch_norm_rows);
        const double delta = means[j][threadIdx.x] - mu, share = k / (total + k);
        mu += delta * share;
        sum += m2s[j][threadIdx.x] + delta * delta * share * total;
        total += k;
    }
    part[2 * piece * n.channels + c] = mu;
    part[(2 * piece + 1) * n.channels + c] = sum;
}

template <class T>
__global__ void batch_norm_finish_kernel(const double* part, T* mean, T* rstd, BatchNormRunning<T> running, double eps,
                                         BatchNormShape n, BatchNormPieces cut) {
    const std::int64_t c = std::int64_t(blockIdx.x) * batch_norm_threads + threadIdx.x;
    if (c >= n.channels) return;
    const double m = double(n.rows);
    double mu = 0, m2 = 0;
    for (std::int64_t p = 0; p < cut.pieces; ++p)
        mu += part[2 * p * n.channels + c] * (double(cut.begin(p + 1) - cut.begin(p)) / m);
    for (std::int64_t p = 0; p < cut.pieces; ++p) {
        const double delta = part[2 * p * n.channels + c] - mu;
        m2 += part[(2 * p + 1) * n.channels + c] + double(cut.begin(p + 1) - cut.begin(p)) * delta * delta;
    }
    mean[c] = T(mu);
    rstd[c] = T(1 / math::sqrt(m2 / m + eps));
    if (!running.mean) return;
    running.mean[c] = T((1 - running.momentum) * double(running.mean[c]) + running.momentum * mu);
    running.var[c] = T((1 - running.momentum) * double(running.var[c]) + running.momentum * m2 / (m - 1));
}

template <class T>
__global__ void batch_norm_forward_kernel(const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y,
                                          std::int64_t size, std::int64_t channels, BatchNormRelu<T> relu) {
    const std::int64_t i = std::int64_t(blockIdx.x) * batch_norm_threads + threadIdx.x, c = i % channels;
    if (i >= size) return;
    T v = (x[i] - mean[c]) * (w ? w[c] * rstd[c] : rstd[c]) + (b ? b[c] : T(0));
    if (relu.r) v += relu.r[i];
    y[i] = relu.on && v < T(0) ? T(0) : v;
}

template <class T>
__global__ void batch_norm_products_kernel(const T* dy, const T* x, const T* mean, double* part, BatchNormShape n,
                                           BatchNormPieces cut, BatchNormReluGrad<T> relu) {
    __shared__ double sums[batch_norm_rows][batch_norm_columns], sums_x[batch_norm_rows][batch_norm_columns];
    const std::int64_t c = std::int64_t(blockIdx.x) * batch_norm_columns + threadIdx.x, piece = blockIdx.y;
    const std::int64_t end = cut.begin(piece + 1);

    T sum = 0, sum_x = 0;
    if (c < n.channels) {
        for (std::int64_t r = cut.begin(piece) + threadIdx.y; r < end; r += batch_norm_rows) {
            const std::int64_t at = r * n.channels + c;
            const T d = relu.y && !(relu.y[at] > T(0)) ? T(0) : dy[at];
            if (relu.dr) relu.dr[at] = d;
            sum += d;
            sum_x += d * (x[at] - mean[c]);
        }
    }
    sums[threadIdx.y][threadIdx.x] = double(sum), sums_x[threadIdx.y][threadIdx.x] = double(sum_x);
    __syncthreads();
    if (threadIdx.y != 0 || c >= n.channels) return;

    double total = 0, total_x = 0;
    for (int j = 0; j < batch_norm_rows; ++j) total += sums[j][threadIdx.x], total_x += sums_x[j][threadIdx.x];
    part[2 * piece * n.channels + c] = total;
    part[(2 * piece + 1) * n.channels + c] = total_x;
}

template <class T>
__global__ void batch_norm_finish_backward_kernel(const double* part, const T* rstd, T* dw, T* db,
                                                  std::int64_t channels, std::int64_t pieces) {
    const std::int64_t c = std::int64_t(blockIdx.x) * batch_norm_threads + threadIdx.x;
    if (c >= channels) return;
    double sum = 0, sum_x = 0;
    for (std::int64_t p = 0; p < pieces; ++p)
        sum += part[2 * p * channels + c], sum_x += part[(2 * p + 1) * channels + c];
    db[c] = T(sum);
    dw[c] = T(sum_x * double(rstd[c]));
}

template <class T>
__global__ void batch_norm_backward_kernel(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx,
                                           const T* dw, const T* db, bool training, BatchNormShape n, const T* y) {
    const std::int64_t i = std::int64_t(blockIdx.x) * batch_norm_threads + threadIdx.x, c = i % n.channels;
    if (i >= n.rows * n.channels) return;
    const T scale = w ? w[c] * rstd[c] : rstd[c], d = y && !(y[i] > T(0)) ? T(0) : dy[i];
    if (!training)
        dx[i] = scale * d;
    else
        dx[i] = scale * (d - db[c] / T(n.rows) - (x[i] - mean[c]) * (dw[c] * rstd[c] / T(n.rows)));
}

inline dim3 batch_norm_grid(BatchNormShape n) {
    return dim3(grid_for(n.channels, batch_norm_columns), static_cast<unsigned>(batch_norm_pieces(n)));
}

inline BatchNormPieces pieces_of(BatchNormShape n) { return {n.rows, batch_norm_pieces(n)}; }
inline Launch pieces_launch(BatchNormShape n) { return {batch_norm_grid(n), dim3(batch_norm_columns, batch_norm_rows)}; }

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void batch_norm_forward(Gpu on, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, BatchNormRunning<T> running,
                        double eps, BatchNormShape n, void* workspace, BatchNormRelu<T> relu) {
    launch<batch_norm_moments_kernel<T>>(on, pieces_launch(n), x, static_cast<double*>(workspace), n, pieces_of(n));
    const double* const part = static_cast<double*>(workspace);
    const BatchNormPieces cut = pieces_of(n);
    launch<batch_norm_finish_kernel<T>>(on, {grid_for(n.channels, batch_norm_threads), batch_norm_threads}, part, mean,
                                        rstd, running, eps, n, cut);
    batch_norm_inference(on, x, w, b, mean, rstd, y, n, relu);
}

template <class T>
void batch_norm_inference(Gpu on, const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y,
                          BatchNormShape n, BatchNormRelu<T> relu) {
    const std::int64_t size = n.rows * n.channels;
    launch<batch_norm_forward_kernel<T>>(on, {grid_for(size, batch_norm_threads), batch_norm_threads}, x, w, b, mean,
                                         rstd, y, size, n.channels, relu);
}

template <class T>
void batch_norm_backward(Gpu on, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         bool training, BatchNormShape n, void* workspace, BatchNormReluGrad<T> relu) {
    launch<batch_norm_products_kernel<T>>(on, pieces_launch(n), dy, x, mean, static_cast<double*>(workspace), n, pieces_of(n), relu);
    const double* const part = static_cast<double*>(workspace);
    const BatchNormPieces cut = pieces_of(n);
    launch<batch_norm_finish_backward_kernel<T>>(on, {grid_for(n.channels, batch_norm_threads), batch_norm_threads},
                                                 part, rstd, dw, db, n.channels, cut.pieces);
    launch<batch_norm_backward_kernel<T>>(on, {grid_for(n.rows * n.channels, batch_norm_threads), batch_norm_threads},
                                          x, w, mean, rstd, relu.dr ? relu.dr : dy, dx, dw, db, training, n,
                                          relu.dr ? nullptr : relu.y);
}

template void batch_norm_forward(Gpu, const float*, const float*, const float*, float*, float*, float*,
                                 BatchNormRunning<float>, double, BatchNormShape, void*, BatchNormRelu<float>);
template void batch_norm_forward(Gpu, const double*, const double*, const double*, double*, double*, double*,
                                 BatchNormRunning<double>, double, BatchNormShape, void*, BatchNormRelu<double>);
template void batch_norm_inference(Gpu, const float*, const float*, const float*, const float*, const float*, float*,
                                   BatchNormShape, BatchNormRelu<float>);
template void batch_norm_inference(Gpu, const double*, const double*, const double*, const double*, const double*,
                                   double*, BatchNormShape, BatchNormRelu<double>);
template void batch_norm_backward(Gpu, const float*, const float*, const float*, const float*, const float*, float*,
                                  float*, float*, bool, BatchNormShape, void*, BatchNormReluGrad<float>);
template void batch_norm_backward(Gpu, const double*, const double*, const double*, const double*, const double*,
                                  double*, double*, double*, bool, BatchNormShape, void*, BatchNormReluGrad<double>);

}  // namespace vitrine::kernels
