#include <algorithm>
#include <cmath>

#include "batch_norm.h"
#include "batch_norm_naive.h"
#include "columns.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr double cost = 1;  // operations of parallel.h for an element

Range rows_of_piece(BatchNormShape n, std::int64_t piece) {
    return share(n.rows, static_cast<int>(piece), static_cast<int>(batch_norm_pieces(n)), batch_norm_chunk);
}

// ---- the pieces joined, channel by channel

template <class T>
void finish_moments(const double* part, T* mean, T* rstd, BatchNormRunning<T> running, double eps, BatchNormShape n) {
    const std::int64_t pieces = batch_norm_pieces(n);
    const double m = double(n.rows);
    double mu[column_strip], m2[column_strip];
    for (std::int64_t c = 0; c < n.channels; c += column_strip) {
        const std::int64_t width = std::min(column_strip, n.channels - c);
        std::fill_n(mu, width, 0), std::fill_n(m2, width, 0);
        for (std::int64_t p = 0; p < pieces; ++p) {
            const Range rows = rows_of_piece(n, p);
            const double* means = part + 2 * p * n.channels + c;
            for (std::int64_t j = 0; j < width; ++j) mu[j] += means[j] * (double(rows.end - rows.begin) / m);
        }
        for (std::int64_t p = 0; p < pieces; ++p) {
            const Range rows = rows_of_piece(n, p);
            const double *means = part + 2 * p * n.channels + c, *m2s = means + n.channels,
                         size = double(rows.end - rows.begin);
            for (std::int64_t j = 0; j < width; ++j) m2[j] += m2s[j] + size * ((means[j] - mu[j]) * (means[j] - mu[j]));
        }
        for (std::int64_t j = 0; j < width; ++j) {
            mean[c + j] = static_cast<T>(mu[j]);
            rstd[c + j] = static_cast<T>(1 / std::sqrt(m2[j] / m + eps));
            if (!running.mean) continue;
            T &running_mean = running.mean[c + j], &running_var = running.var[c + j];
            running_mean = static_cast<T>((1 - running.momentum) * double(running_mean) + running.momentum * mu[j]);
            running_var =
                static_cast<T>((1 - running.momentum) * double(running_var) + running.momentum * m2[j] / (m - 1));
        }
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

// ---- rows, a strip of columns at a time

template <class T>
void normalise_rows(const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y, std::int64_t channels,
                    Range rows, BatchNormRelu<T> relu) {
    T scale[column_strip], shift[column_strip];
    for (std::int64_t c = 0; c < channels; c += column_strip) {
        const std::int64_t width = std::min(column_strip, channels - c), at = rows.begin * channels + c;
        for (std::int64_t j = 0; j < width; ++j) {
            scale[j] = w ? w[c + j] * rstd[c + j] : rstd[c + j];
            shift[j] = b ? b[c + j] : T(0);
        }
        const std::int64_t count = rows.end - rows.begin;
        if (relu.on)
            normalise_relu_strip(x + at, relu.r ? relu.r + at : nullptr, y + at, channels, count, width, mean + c, scale,
                                 shift);
        else
            normalise_strip(x + at, y + at, channels, count, width, mean + c, scale, shift);
    }
}

template <class T>
void batch_norm_backward_rows(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, const T* dw,
                              const T* db, bool training, BatchNormShape n, Range rows,
                              BatchNormReluGrad<T> relu) {
    T scale[column_strip], offset[column_strip], slope[column_strip];
    for (std::int64_t c = 0; c < n.channels; c += column_strip) {
        const std::int64_t width = std::min(column_strip, n.channels - c), at = rows.begin * n.channels + c;
        for (std::int64_t j = 0; j < width; ++j) {
            scale[j] = w ? w[c + j] * rstd[c + j] : rstd[c + j];
            offset[j] = training ? scale[j] * db[c + j] / T(n.rows) : T(0);
            slope[j] = training ? scale[j] * dw[c + j] * rstd[c + j] / T(n.rows) : T(0);
        }
        const std::int64_t count = rows.end - rows.begin;
        if (relu.y)
            gradient_relu_strip(x + at, relu.y + at, dy + at, dx + at, relu.dr ? relu.dr + at : nullptr, n.channels,
                                count, width, mean + c, scale, offset, slope);
        else
            gradient_strip(x + at, dy + at, dx + at, n.channels, count, width, mean + c, scale, offset, slope);
    }
}

template <class T, class Gradient>
void products_of_pieces(Gradient dy, const T* x, const T* mean, double* part, BatchNormShape n,
                        [[maybe_unused]] int parts) {
    const int pieces = static_cast<int>(batch_norm_pieces(n));
#pragma omp parallel for num_threads(parts) if (parts > 1)
    for (int p = 0; p < pieces; ++p)
        products_of_rows(
            dy, x, [=](std::int64_t c) { return mean[c]; }, rows_of_piece(n, p), n.channels, part + 2 * p * n.channels,
            part + (2 * p + 1) * n.channels);
}

}  // namespace

template <class T>
void batch_norm_forward(Cpu, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, BatchNormRunning<T> running,
                        double eps, BatchNormShape n, void* workspace, BatchNormRelu<T> relu) {
    if (isa() == Isa::naive) return batch_norm_forward_naive(x, w, b, y, mean, rstd, running, eps, n, relu);
    double* const part = static_cast<double*>(workspace);
    const int pieces = static_cast<int>(batch_norm_pieces(n));
    [[maybe_unused]] const int parts = parts_for(n.rows, cost * double(n.channels));
#pragma omp parallel for num_threads(parts) if (parts > 1)
    for (int p = 0; p < pieces; ++p)
        moments_of_rows(x, rows_of_piece(n, p), n.channels, part + 2 * p * n.channels, part + (2 * p + 1) * n.channels);
    finish_moments(part, mean, rstd, running, eps, n);
    batch_norm_inference(Cpu{}, x, w, b, mean, rstd, y, n, relu);
}

template <class T>
void batch_norm_inference(Cpu, const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y,
                          BatchNormShape n, BatchNormRelu<T> relu) {
    if (isa() == Isa::naive) return batch_norm_inference_naive(x, w, b, mean, rstd, y, n, relu);
    const int parts = parts_for(n.rows, cost * double(n.channels));
    if (parts == 1) return normalise_rows(x, w, b, mean, rstd, y, n.channels, {0, n.rows}, relu);
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) normalise_rows(x, w, b, mean, rstd, y, n.channels, share(n.rows, p, parts), relu);
}

template <class T>
void batch_norm_backward(Cpu, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         bool training, BatchNormShape n, void* workspace, BatchNormReluGrad<T> relu) {
    if (isa() == Isa::naive) return batch_norm_backward_naive(x, w, mean, rstd, dy, dx, dw, db, training, n, relu);
    double* const part = static_cast<double*>(workspace);
    const int parts = parts_for(n.rows, 2 * cost * double(n.channels));
    if (!relu.y)
        products_of_pieces(GivenGradient<T>{dy}, x, mean, part, n, parts);
    else
        products_of_pieces(GradientBehindRelu<T>{dy, relu.y}, x, mean, part, n, parts);
    finish_products(part, rstd, dw, db, n);

    if (parts == 1) return batch_norm_backward_rows(x, w, mean, rstd, dy, dx, dw, db, training, n, {0, n.rows}, relu);
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p)
        batch_norm_backward_rows(x, w, mean, rstd, dy, dx, dw, db, training, n, share(n.rows, p, parts), relu);
}

template void batch_norm_forward(Cpu, const float*, const float*, const float*, float*, float*, float*,
                                 BatchNormRunning<float>, double, BatchNormShape, void*, BatchNormRelu<float>);
template void batch_norm_forward(Cpu, const double*, const double*, const double*, double*, double*, double*,
                                 BatchNormRunning<double>, double, BatchNormShape, void*, BatchNormRelu<double>);
template void batch_norm_inference(Cpu, const float*, const float*, const float*, const float*, const float*, float*,
                                   BatchNormShape, BatchNormRelu<float>);
template void batch_norm_inference(Cpu, const double*, const double*, const double*, const double*, const double*,
                                   double*, BatchNormShape, BatchNormRelu<double>);
template void batch_norm_backward(Cpu, const float*, const float*, const float*, const float*, const float*, float*,
                                  float*, float*, bool, BatchNormShape, void*, BatchNormReluGrad<float>);
template void batch_norm_backward(Cpu, const double*, const double*, const double*, const double*, const double*,
                                  double*, double*, double*, bool, BatchNormShape, void*, BatchNormReluGrad<double>);

}  // namespace vitrine::kernels
