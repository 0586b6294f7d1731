#include <algorithm>
#include <cmath>

#include "batch_norm.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr std::int64_t lanes = 16;   // columns whose sums stay in registers
constexpr std::int64_t strip = 128;  // columns whose factors stay in the first-level cache
constexpr double cost = 1;           // operations of parallel.h for an element

Range rows_of_piece(BatchNormShape n, std::int64_t piece) {
    return share(n.rows, static_cast<int>(piece), static_cast<int>(batch_norm_pieces(n)), batch_norm_chunk);
}

// ---- sums over the rows of a chunk, of `count` columns or, known to the compiler, of `lanes`

// s1 = sum (x - first), s2 = sum (x - first)^2
template <bool full, class T>
void deviations(const T* x, std::int64_t stride, std::int64_t rows, std::int64_t count, T* s1, T* s2) {
    const std::int64_t width = full ? lanes : count;
    for (std::int64_t c = 0; c < width; ++c) s1[c] = s2[c] = 0;
    for (std::int64_t r = 1; r < rows; ++r) {
        for (std::int64_t c = 0; c < width; ++c) {
            const T d = x[r * stride + c] - x[c];
            s1[c] += d, s2[c] += d * d;
        }
    }
}

// s1 = sum dy, s2 = sum dy (x - mean)
template <bool full, class T>
void products(const T* dy, const T* x, const T* mean, std::int64_t stride, std::int64_t rows, std::int64_t count, T* s1, T* s2) {
    const std::int64_t width = full ? lanes : count;
    for (std::int64_t c = 0; c < width; ++c) s1[c] = s2[c] = 0;
    for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < width; ++c) {
            const T d = dy[r * stride + c];
            s1[c] += d, s2[c] += d * (x[r * stride + c] - mean[c]);
        }
    }
}

// ---- a piece: its chunks joined in double

// mean and m2 = sum (x - mean)^2 of the rows: two sets of rows are joined by the formula of Chan, Golub and LeVeque.
template <class T>
void moments_of_rows(const T* x, Range rows, std::int64_t channels, double* mean, double* m2) {
    T s1[lanes], s2[lanes];
    std::fill_n(mean, channels, 0), std::fill_n(m2, channels, 0);
    for (std::int64_t r = rows.begin; r < rows.end; r += batch_norm_chunk) {
        const std::int64_t size = std::min(batch_norm_chunk, rows.end - r), before = r - rows.begin;
        const double k = double(size), share_of_new = k / double(before + size), weight = share_of_new * double(before);
        for (std::int64_t c = 0; c < channels; c += lanes) {
            const T* first = x + r * channels + c;
            const std::int64_t count = std::min(lanes, channels - c);
            if (count == lanes) deviations<true>(first, channels, size, count, s1, s2);
            else deviations<false>(first, channels, size, count, s1, s2);
            for (std::int64_t j = 0; j < count; ++j) {
                const double chunk_mean = double(first[j]) + double(s1[j]) / k;
                const double chunk_m2 = double(s2[j]) - double(s1[j]) * double(s1[j]) / k;
                const double delta = chunk_mean - mean[c + j];
                mean[c + j] += delta * share_of_new;
                m2[c + j] += (chunk_m2 < 0 ? 0 : chunk_m2) + delta * delta * weight;
            }
        }
    }
}

template <class T>
void products_of_rows(const T* dy, const T* x, const T* mean, Range rows, std::int64_t channels, double* sum, double* sum_x) {
    T s1[lanes], s2[lanes];
    std::fill_n(sum, channels, 0), std::fill_n(sum_x, channels, 0);
    for (std::int64_t r = rows.begin; r < rows.end; r += batch_norm_chunk) {
        const std::int64_t size = std::min(batch_norm_chunk, rows.end - r);
        for (std::int64_t c = 0; c < channels; c += lanes) {
            const std::int64_t at = r * channels + c, count = std::min(lanes, channels - c);
            if (count == lanes) products<true>(dy + at, x + at, mean + c, channels, size, count, s1, s2);
            else products<false>(dy + at, x + at, mean + c, channels, size, count, s1, s2);
            for (std::int64_t j = 0; j < count; ++j) sum[c + j] += double(s1[j]), sum_x[c + j] += double(s2[j]);
        }
    }
}

// ---- the pieces joined, channel by channel

template <class T>
void finish_moments(const double* part, T* mean, T* rstd, BatchNormRunning<T> running, double eps, BatchNormShape n) {
    const std::int64_t pieces = batch_norm_pieces(n);
    const double m = double(n.rows);
    for (std::int64_t c = 0; c < n.channels; ++c) {
        double mu = 0, m2 = 0;
        for (std::int64_t p = 0; p < pieces; ++p) {
            const Range rows = rows_of_piece(n, p);
            mu += part[2 * p * n.channels + c] * (double(rows.end - rows.begin) / m);
        }
        for (std::int64_t p = 0; p < pieces; ++p) {
            const Range rows = rows_of_piece(n, p);
            const double delta = part[2 * p * n.channels + c] - mu;
            m2 += part[(2 * p + 1) * n.channels + c] + double(rows.end - rows.begin) * delta * delta;
        }
        mean[c] = static_cast<T>(mu);
        rstd[c] = static_cast<T>(1 / std::sqrt(m2 / m + eps));
        if (!running.mean) continue;
        running.mean[c] = static_cast<T>((1 - running.momentum) * double(running.mean[c]) + running.momentum * mu);
        running.var[c] = static_cast<T>((1 - running.momentum) * double(running.var[c]) + running.momentum * m2 / (m - 1));
    }
}

template <class T>
void finish_products(const double* part, const T* rstd, T* dw, T* db, BatchNormShape n) {
    for (std::int64_t c = 0; c < n.channels; ++c) {
        double sum = 0, sum_x = 0;
        for (std::int64_t p = 0; p < batch_norm_pieces(n); ++p) {
            sum += part[2 * p * n.channels + c];
            sum_x += part[(2 * p + 1) * n.channels + c];
        }
        db[c] = static_cast<T>(sum);
        dw[c] = static_cast<T>(sum_x * double(rstd[c]));
    }
}

// ---- row by row, a strip of columns at a time

template <class T>
void normalise_rows(const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y, std::int64_t channels, Range rows) {
    T scale[strip], shift[strip];
    for (std::int64_t c = 0; c < channels; c += strip) {
        const std::int64_t width = std::min(strip, channels - c);
        for (std::int64_t j = 0; j < width; ++j) {
            scale[j] = w ? w[c + j] * rstd[c + j] : rstd[c + j];
            shift[j] = b ? b[c + j] : T(0);
        }
        for (std::int64_t r = rows.begin; r < rows.end; ++r) {
            const T *xr = x + r * channels + c, *m = mean + c;
            T* yr = y + r * channels + c;
            for (std::int64_t j = 0; j < width; ++j) yr[j] = (xr[j] - m[j]) * scale[j] + shift[j];
        }
    }
}

template <class T>
void batch_norm_backward_rows(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, const T* dw, const T* db,
                              bool training, BatchNormShape n, Range rows) {
    T scale[strip], mean_dy[strip], slope[strip];  // dx = scale (dy - mean_dy - (x - mean) slope)
    for (std::int64_t c = 0; c < n.channels; c += strip) {
        const std::int64_t width = std::min(strip, n.channels - c);
        for (std::int64_t j = 0; j < width; ++j) {
            scale[j] = w ? w[c + j] * rstd[c + j] : rstd[c + j];
            mean_dy[j] = training ? db[c + j] / T(n.rows) : T(0);
            slope[j] = training ? dw[c + j] * rstd[c + j] / T(n.rows) : T(0);
        }
        for (std::int64_t r = rows.begin; r < rows.end; ++r) {
            const std::int64_t at = r * n.channels + c;
            const T *xr = x + at, *dyr = dy + at, *m = mean + c;
            T* dxr = dx + at;
            for (std::int64_t j = 0; j < width; ++j) dxr[j] = scale[j] * (dyr[j] - mean_dy[j] - (xr[j] - m[j]) * slope[j]);
        }
    }
}

}  // namespace

template <class T>
void batch_norm_forward(Cpu, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, BatchNormRunning<T> running,
                        double eps, BatchNormShape n, void* workspace) {
    double* const part = static_cast<double*>(workspace);
    const int pieces = static_cast<int>(batch_norm_pieces(n));
    const int parts = parts_for(n.rows, cost * double(n.channels));
#pragma omp parallel for num_threads(parts) if (parts > 1)
    for (int p = 0; p < pieces; ++p)
        moments_of_rows(x, rows_of_piece(n, p), n.channels, part + 2 * p * n.channels, part + (2 * p + 1) * n.channels);
    finish_moments(part, mean, rstd, running, eps, n);
    batch_norm_inference(Cpu{}, x, w, b, mean, rstd, y, n);
}

template <class T>
void batch_norm_inference(Cpu, const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y, BatchNormShape n) {
    const int parts = parts_for(n.rows, cost * double(n.channels));
    if (parts == 1) return normalise_rows(x, w, b, mean, rstd, y, n.channels, {0, n.rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) normalise_rows(x, w, b, mean, rstd, y, n.channels, share(n.rows, p, parts));
}

template <class T>
void batch_norm_backward(Cpu, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         bool training, BatchNormShape n, void* workspace) {
    double* const part = static_cast<double*>(workspace);
    const int pieces = static_cast<int>(batch_norm_pieces(n));
    const int parts = parts_for(n.rows, 2 * cost * double(n.channels));
#pragma omp parallel for num_threads(parts) if (parts > 1)
    for (int p = 0; p < pieces; ++p)
        products_of_rows(dy, x, mean, rows_of_piece(n, p), n.channels, part + 2 * p * n.channels, part + (2 * p + 1) * n.channels);
    finish_products(part, rstd, dw, db, n);

    if (parts == 1) return batch_norm_backward_rows(x, w, mean, rstd, dy, dx, dw, db, training, n, {0, n.rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        batch_norm_backward_rows(x, w, mean, rstd, dy, dx, dw, db, training, n, share(n.rows, p, parts));
}

template void batch_norm_forward(Cpu, const float*, const float*, const float*, float*, float*, float*, BatchNormRunning<float>,
                                 double, BatchNormShape, void*);
template void batch_norm_forward(Cpu, const double*, const double*, const double*, double*, double*, double*,
                                 BatchNormRunning<double>, double, BatchNormShape, void*);
template void batch_norm_inference(Cpu, const float*, const float*, const float*, const float*, const float*, float*, BatchNormShape);
template void batch_norm_inference(Cpu, const double*, const double*, const double*, const double*, const double*, double*,
                                   BatchNormShape);
template void batch_norm_backward(Cpu, const float*, const float*, const float*, const float*, const float*, float*, float*, float*,
                                  bool, BatchNormShape, void*);
template void batch_norm_backward(Cpu, const double*, const double*, const double*, const double*, const double*, double*, double*,
                                  double*, bool, BatchNormShape, void*);

}  // namespace vitrine::kernels
