#include <algorithm>
#include <cmath>

#include "group_norm.h"
#include "group_norm_naive.h"
#include "vitrine/kernels/base/clones.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/base/lanes.h"
#include "vitrine/kernels/base/parallel.h"
#include "vitrine/kernels/batch_norm/columns.h"

namespace vitrine::kernels {
namespace {

constexpr double cost = 2;  // operations of parallel.h for an element
constexpr std::int64_t column_lanes = 32;  // columns whose sums of dw and db stay in registers

template <class T>
T reciprocal_deviation(double var, double eps) {
    return static_cast<T>(1 / std::sqrt(var + eps));
}

// ---- one pixel: a group is a row of neighbours, row r that of group r % groups

// y = (x - mean) rstd w + b
template <class T>
void normalise_row(const T* x, const T* w, const T* b, T* y, T m, T s, std::int64_t width) {
    if (w && b) {
#pragma omp simd
        for (std::int64_t k = 0; k < width; ++k) y[k] = (x[k] - m) * s * w[k] + b[k];
        return;
    }
#pragma omp simd
    for (std::int64_t k = 0; k < width; ++k) y[k] = (x[k] - m) * s;
    if (w)
        for (std::int64_t k = 0; k < width; ++k) y[k] *= w[k];
    if (b)
        for (std::int64_t k = 0; k < width; ++k) y[k] += b[k];
}

/// Rows done side by side: while the root and the quotients of one are on their way, others have theirs. Few enough to stay
/// in the first-level cache.
constexpr std::int64_t most_together = 8;
std::int64_t rows_together(std::int64_t width) { return std::clamp<std::int64_t>(4096 / width, 1, most_together); }

template <class T>
VITRINE_CLONES void normalise_groups(const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps,
                                     GroupNormShape n, Range rows) {
    const std::int64_t width = n.width, together = rows_together(width);
    for (std::int64_t begin = rows.begin; begin < rows.end; begin += together) {
        const std::int64_t end = std::min(begin + together, rows.end);
        for (std::int64_t r = begin; r < end; ++r) {
            const T *xr = x + r * width, first = xr[0];
            const double sum = fold_chunks<T>(width, FoldAdd{}, [=](std::int64_t k) { return xr[k] - first; });
            mean[r] = static_cast<T>(double(first) + sum / double(width));
        }
        for (std::int64_t r = begin; r < end; ++r) {
            const T *xr = x + r * width, m = mean[r];
            const double sum = fold_chunks<T>(width, FoldAdd{}, [=](std::int64_t k) { return (xr[k] - m) * (xr[k] - m); });
            rstd[r] = reciprocal_deviation<T>(sum / double(width), eps);
        }
        for (std::int64_t r = begin; r < end; ++r) {
            const std::int64_t c = r % n.groups * width;
            normalise_row(x + r * width, w ? w + c : nullptr, b ? b + c : nullptr, y + r * width, mean[r], rstd[r], width);
        }
    }
}

// db += sum dy, dw += sum dy xhat over some images, of `count` columns of one group or, known to the compiler,
// column_lanes. The images are few enough that the second look at x and dy finds them in the second-level cache.
template <bool full, class T>
VITRINE_CLONES void add_products(const T* x, const T* dy, const T* mean, const T* rstd, GroupNormShape n, std::int64_t images,
                  std::int64_t count, double* db, double* dw) {
    const std::int64_t width = full ? column_lanes : count;
    T sum[column_lanes] = {}, sum_x[column_lanes] = {};
    for (std::int64_t i = 0; i < images; ++i, x += n.channels(), dy += n.channels()) {
        const T m = mean[i * n.groups], s = rstd[i * n.groups];
        for (std::int64_t k = 0; k < width; ++k) {
            const T d = dy[k];
            sum[k] += d, sum_x[k] += d * ((x[k] - m) * s);
        }
    }
    for (std::int64_t k = 0; k < width; ++k) db[k] += double(sum[k]), dw[k] += double(sum_x[k]);
}

// dx of a row; w is that of its group.
template <bool weighted, class T>
VITRINE_CLONES void backward_row(const T* x, const T* w, const T* dy, T* dx, T m, T s, std::int64_t width) {
    const auto q = [=](std::int64_t k) { return weighted ? w[k] * dy[k] : dy[k]; };
    const double sum = fold_chunks<T>(width, FoldAdd{}, q);
    const double sum_x = fold_chunks<T>(width, FoldAdd{}, [=](std::int64_t k) { return q(k) * ((x[k] - m) * s); });
    const T mean_q = static_cast<T>(sum / double(width)), slope = s * static_cast<T>(sum_x / double(width));
#pragma omp simd
    for (std::int64_t k = 0; k < width; ++k) dx[k] = s * (q(k) - mean_q - (x[k] - m) * slope);
}

// dx of the images, and their sums for db and dw.
template <class T>
void backward_groups(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, double* db, double* dw,
                     GroupNormShape n, Range images) {
    const std::int64_t width = n.width, channels = n.channels();
    const std::int64_t together = std::clamp<std::int64_t>(32768 / channels, 4, column_chunk);
    const auto row = w ? backward_row<true, T> : backward_row<false, T>;
    std::fill_n(db, channels, 0), std::fill_n(dw, channels, 0);
    for (std::int64_t i = images.begin; i < images.end; i += together) {
        const std::int64_t some = std::min(together, images.end - i);
        for (std::int64_t r = i * n.groups; r < (i + some) * n.groups; ++r)
            row(x + r * width, w + (w ? r % n.groups * width : 0), dy + r * width, dx + r * width, mean[r], rstd[r], width);
        for (std::int64_t g = 0; g < n.groups; ++g) {
            for (std::int64_t k = 0; k < width; k += column_lanes) {
                const std::int64_t c = g * width + k, at = i * channels + c, count = std::min(column_lanes, width - k);
                const auto add = count == column_lanes ? add_products<true, T> : add_products<false, T>;
                add(x + at, dy + at, mean + i * n.groups + g, rstd + i * n.groups + g, n, some, count, db + c, dw + c);
            }
        }
    }
}

// ---- images: sums down the columns of one image, channel by channel, then joined over the channels of a group

template <class T>
VITRINE_CLONES void normalise_image(const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps, GroupNormShape n,
                     double* part) {
    const std::int64_t channels = n.channels();
    double *const means = part, *const m2s = part + channels;
    moments_of_rows(x, {0, n.pixels}, channels, means, m2s);
    for (std::int64_t g = 0; g < n.groups; ++g) {
        double mu = 0, m2 = 0;
        for (std::int64_t c = g * n.width; c < (g + 1) * n.width; ++c) mu += means[c] / double(n.width);
        for (std::int64_t c = g * n.width; c < (g + 1) * n.width; ++c)
            m2 += m2s[c] + double(n.pixels) * (means[c] - mu) * (means[c] - mu);
        mean[g] = static_cast<T>(mu);
        rstd[g] = reciprocal_deviation<T>(m2 / double(n.pixels * n.width), eps);
    }

    const auto fill = [=](ColumnFactors<T>& f, std::int64_t c, std::int64_t width) {
        for (std::int64_t j = 0; j < width; ++j) {
            const std::int64_t g = (c + j) / n.width;
            f.centre[j] = mean[g];
            f.scale[j] = w ? w[c + j] * rstd[g] : rstd[g];
            f.shift[j] = b ? b[c + j] : T(0);
        }
    };
    normalise_tiles(x, y, channels, {0, n.pixels}, fill, PlainY<T>{});
}

// dx of an image, and its sums for db and dw. The sums over a group are those over its channels, times w.
template <class T>
VITRINE_CLONES void backward_image(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, double* db, double* dw,
                    GroupNormShape n) {
    const std::int64_t channels = n.channels();
    const auto centre = [=](ColumnFactors<T>& f, std::int64_t c, std::int64_t width) {
        for (std::int64_t j = 0; j < width; ++j) f.centre[j] = mean[(c + j) / n.width];
    };
    products_of_rows(GivenGradient<T>{dy}, x, centre, {0, n.pixels}, channels, db, dw);
    for (std::int64_t c = 0; c < channels; ++c) dw[c] *= double(rstd[c / n.width]);

    const double m = double(n.pixels * n.width);
    double sum = 0, sum_x = 0;
    std::int64_t summed = -1;  // the group that the sums are of
    const auto fill = [&](ColumnFactors<T>& f, std::int64_t c, std::int64_t width) {
        for (std::int64_t j = 0; j < width; ++j) {
            const std::int64_t g = (c + j) / n.width;
            if (g != summed) {
                summed = g, sum = 0, sum_x = 0;
                for (std::int64_t k = g * n.width; k < (g + 1) * n.width; ++k) {
                    sum += w ? double(w[k]) * db[k] : db[k];
                    sum_x += w ? double(w[k]) * dw[k] : dw[k];
                }
            }
            f.centre[j] = mean[g];
            f.scale[j] = w ? w[c + j] * rstd[g] : rstd[g];
            f.offset[j] = rstd[g] * static_cast<T>(sum / m);
            f.slope[j] = rstd[g] * rstd[g] * static_cast<T>(sum_x / m);
        }
    };
    gradient_tiles<false, T>(GivenGradient<T>{dy}, x, dx, nullptr, channels, {0, n.pixels}, fill);
}

}  // namespace

template <class T>
void group_norm_forward(Cpu, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps, GroupNormShape n,
                        void* workspace) {
    if (isa() == Isa::naive) return group_norm_forward_naive(x, w, b, y, mean, rstd, eps, n);
    if (n.pixels == 1) {
        const std::int64_t rows = n.images * n.groups;
        const int parts = parts_for(rows, cost * double(n.width));
        if (parts == 1) return normalise_groups(x, w, b, y, mean, rstd, eps, n, {0, rows});
#pragma omp parallel for num_threads(parts)
        for (int p = 0; p < parts; ++p) normalise_groups(x, w, b, y, mean, rstd, eps, n, share(rows, p, parts));
        return;
    }
    const std::int64_t size = n.pixels * n.channels();
    [[maybe_unused]] const int parts = parts_for(n.images, cost * double(size));
#pragma omp parallel for num_threads(parts) if (parts > 1)
    for (std::int64_t i = 0; i < n.images; ++i)
        normalise_image(x + i * size, w, b, y + i * size, mean + i * n.groups, rstd + i * n.groups, eps, n,
                        static_cast<double*>(workspace) + 2 * i * n.channels());
}

template <class T>
void group_norm_backward(Cpu, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         GroupNormShape n, void* workspace) {
    if (isa() == Isa::naive) return group_norm_backward_naive(x, w, mean, rstd, dy, dx, dw, db, n);
    double* const part = static_cast<double*>(workspace);
    const std::int64_t size = n.pixels * n.channels(), channels = n.channels();
    const int pieces = static_cast<int>(group_norm_pieces(Cpu{}, n));
    [[maybe_unused]] const int parts = parts_for(n.images, 2 * cost * double(size));
#pragma omp parallel for num_threads(parts) if (parts > 1)
    for (int p = 0; p < pieces; ++p) {
        double *const db_p = part + 2 * p * channels, *const dw_p = db_p + channels;
        if (n.pixels == 1)
            backward_groups(x, w, mean, rstd, dy, dx, db_p, dw_p, n, share(n.images, p, pieces));
        else
            backward_image(x + p * size, w, mean + p * n.groups, rstd + p * n.groups, dy + p * size, dx + p * size,
                           db_p, dw_p, n);
    }
    for (std::int64_t c = 0; c < channels; ++c) {
        double sum = 0, sum_x = 0;
        for (int p = 0; p < pieces; ++p) sum += part[2 * p * channels + c], sum_x += part[(2 * p + 1) * channels + c];
        db[c] = static_cast<T>(sum), dw[c] = static_cast<T>(sum_x);
    }
}

template void group_norm_forward(Cpu, const float*, const float*, const float*, float*, float*, float*, double,
                                 GroupNormShape, void*);
template void group_norm_forward(Cpu, const double*, const double*, const double*, double*, double*, double*, double,
                                 GroupNormShape, void*);
template void group_norm_backward(Cpu, const float*, const float*, const float*, const float*, const float*, float*,
                                  float*, float*, GroupNormShape, void*);
template void group_norm_backward(Cpu, const double*, const double*, const double*, const double*, const double*,
                                  double*, double*, double*, GroupNormShape, void*);

}  // namespace vitrine::kernels
