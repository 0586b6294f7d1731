#include <algorithm>
#include <cmath>

#include "batch_norm.h"
#include "batch_norm_naive.h"
#include "columns.h"
#include "vitrine/kernels/base/clones.h"
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

// ---- rows

template <class T>
VITRINE_CLONES void moments_of_piece(const T* x, double* part, BatchNormShape n, std::int64_t piece) {
    double* const mean = part + 2 * piece * n.channels;
    moments_of_rows(x, rows_of_piece(n, piece), n.channels, mean, mean + n.channels);
}

/// The factors of y for a strip that begins at column c.
template <class T>
struct FactorsOfY {
    const T *w, *b, *mean, *rstd;
    VITRINE_INLINE void operator()(ColumnFactors<T>& f, std::int64_t c, std::int64_t width) const {
        for (std::int64_t j = 0; j < width; ++j) {
            f.centre[j] = mean[c + j];
            f.scale[j] = w ? w[c + j] * rstd[c + j] : rstd[c + j];
            f.shift[j] = b ? b[c + j] : T(0);
        }
    }
};

template <class T>
VITRINE_CLONES void normalise_rows(const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y,
                                   std::int64_t channels, Range rows, BatchNormRelu<T> relu) {
    const FactorsOfY<T> fill{w, b, mean, rstd};
    if (!relu.on) return normalise_tiles(x, y, channels, rows, fill, PlainY<T>{});
    if (!relu.r) return normalise_tiles(x, y, channels, rows, fill, ReluOfY<T>{});
    normalise_tiles(x, y, channels, rows, fill, ReluOfSum<T>{relu.r});
}

template <class T, class Gradient>
VITRINE_CLONES void products_of_piece(Gradient dy, const T* x, FactorsOfY<T> fill, double* part, BatchNormShape n,
                                      std::int64_t piece) {
    double* const sum = part + 2 * piece * n.channels;
    products_of_rows(dy, x, fill, rows_of_piece(n, piece), n.channels, sum, sum + n.channels);
}

template <class T, class Gradient>
VITRINE_CLONES void backward_rows(Gradient dy, const T* x, FactorsOfY<T> of_y, T* dx, T* dr, const T* dw, const T* db,
                                  bool training, BatchNormShape n, Range rows) {
    const auto fill = [=](ColumnFactors<T>& f, std::int64_t c, std::int64_t width) {
        of_y(f, c, width);
        for (std::int64_t j = 0; j < width; ++j) {
            f.offset[j] = training ? f.scale[j] * db[c + j] / T(n.rows) : T(0);
            f.slope[j] = training ? f.scale[j] * dw[c + j] * of_y.rstd[c + j] / T(n.rows) : T(0);
        }
    };
    if (dr)
        gradient_tiles<true>(dy, x, dx, dr, n.channels, rows, fill);
    else
        gradient_tiles<false>(dy, x, dx, dr, n.channels, rows, fill);
}

/// Both passes.
template <class T, class Gradient>
void backward(Gradient dy, const T* x, FactorsOfY<T> of_y, T* dx, T* dr, T* dw, T* db, bool training, BatchNormShape n,
              double* part) {
    const int pieces = static_cast<int>(batch_norm_pieces(n)), parts = parts_for(n.rows, 2 * cost * double(n.channels));
    if (parts == 1) {
        for (int p = 0; p < pieces; ++p) products_of_piece(dy, x, of_y, part, n, p);
    } else {
#pragma omp parallel for num_threads(parts)
        for (int p = 0; p < pieces; ++p) products_of_piece(dy, x, of_y, part, n, p);
    }
    finish_products(part, of_y.rstd, dw, db, n);

    if (parts == 1) return backward_rows(dy, x, of_y, dx, dr, dw, db, training, n, {0, n.rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) backward_rows(dy, x, of_y, dx, dr, dw, db, training, n, share(n.rows, p, parts));
}

}  // namespace

template <class T>
void batch_norm_forward(Cpu, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, BatchNormRunning<T> running,
                        double eps, BatchNormShape n, void* workspace, BatchNormRelu<T> relu) {
    if (isa() == Isa::naive) return batch_norm_forward_naive(x, w, b, y, mean, rstd, running, eps, n, relu);
    double* const part = static_cast<double*>(workspace);
    const int pieces = static_cast<int>(batch_norm_pieces(n));
    const int parts = parts_for(n.rows, cost * double(n.channels));
    if (parts == 1) {
        for (int p = 0; p < pieces; ++p) moments_of_piece(x, part, n, p);
    } else {
#pragma omp parallel for num_threads(parts)
        for (int p = 0; p < pieces; ++p) moments_of_piece(x, part, n, p);
    }
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
    const FactorsOfY<T> of_y{w, relu.b, mean, rstd};
    if (!relu.y) return backward(GivenGradient<T>{dy}, x, of_y, dx, relu.dr, dw, db, training, n, part);
    if (relu.without_r)
        return backward(GradientBehindReluOfX<T>{dy}, x, of_y, dx, relu.dr, dw, db, training, n, part);
    backward(GradientBehindRelu<T>{dy, relu.y}, x, of_y, dx, relu.dr, dw, db, training, n, part);
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
