#include <algorithm>
#include <cmath>
#include <type_traits>

#include "group_norm.h"
#include "group_norm_naive.h"
#include "rows.h"
#include "vitrine/kernels/base/clones.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/base/lanes.h"
#include "vitrine/kernels/base/parallel.h"
#include "vitrine/kernels/batch_norm/columns.h"

namespace vitrine::kernels {
namespace {

constexpr double cost = 2;  // operations of parallel.h for an element

template <class T>
T reciprocal_deviation(double var, double eps) {
    return static_cast<T>(1 / std::sqrt(var + eps));
}

// ---- one pixel: a group is a row of neighbours, row r that of group r % groups

// y = (x - mean) rstd w + b
template <class T>
VITRINE_INLINE void normalise_row(const T* x, const T* w, const T* b, T* y, T m, T s, std::int64_t width) {
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

/// Rows that each pass below takes before the next: what one waits for, a root or a sum, is on its way while others are
/// read, and all stay in the first-level cache. Rows of 1024 and more are faster one by one (docs/performance/elementwise.md).
constexpr std::int64_t most_together = 32;
std::int64_t rows_together(std::int64_t elements, std::int64_t width) {
    if (width >= 1024) return std::max<std::int64_t>(elements / width / 2, 1);
    return std::clamp<std::int64_t>(elements / width / abreast * abreast, abreast, most_together);
}

/// run(count, r) for the rows r, r + 1, ... of each four, count known to the compiler, and of each that is left.
template <class Run>
VITRINE_INLINE void for_fours(std::int64_t rows, Run run) {
    std::int64_t r = 0;
    for (; r + abreast <= rows; r += abreast) run(std::integral_constant<int, abreast>{}, r);
    for (; r < rows; ++r) run(std::integral_constant<int, 1>{}, r);
}

// mean and rstd of some rows
template <class T>
VITRINE_INLINE void moments_of_some(const T* x, T* mean, T* rstd, double eps, std::int64_t rows, std::int64_t width) {
    const double share = 1 / double(width);
    double m2[most_together];
    for_fours(rows, [=](auto count, std::int64_t r) __attribute__((always_inline)) {
        const T* const xr = x + r * width;
        T first[count];
        double sum[1][abreast];
        for (int j = 0; j < count; ++j) first[j] = xr[j * width];
        fold_rows<count, 1, T>(width, sum, [=](int j, std::int64_t k, std::int64_t some, Lanes<T>* term) __attribute__((always_inline)) {
            Lanes<T> v;
            load_lanes(xr + j * width + k, some, first[j], v);
            term[0] = v - first[j];
        });
        for (int j = 0; j < count; ++j) mean[r + j] = static_cast<T>(double(first[j]) + sum[0][j] * share);
    });
    for_fours(rows, [=, &m2](auto count, std::int64_t r) __attribute__((always_inline)) {
        const T* const xr = x + r * width;
        T m[count];
        double sum[1][abreast];
        std::copy_n(mean + r, count, m);
        fold_rows<count, 1, T>(width, sum, [=](int j, std::int64_t k, std::int64_t some, Lanes<T>* term) __attribute__((always_inline)) {
            Lanes<T> v;
            load_lanes(xr + j * width + k, some, m[j], v);
            v -= m[j];
            term[0] = v * v;
        });
        std::copy_n(sum[0], count, m2 + r);
    });
#pragma omp simd
    for (std::int64_t r = 0; r < rows; ++r) rstd[r] = reciprocal_deviation<T>(m2[r] * share, eps);
}

template <class T>
VITRINE_CLONES void normalise_groups(const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps,
                                     GroupNormShape n, Range rows) {
    const std::int64_t width = n.width, together = rows_together(4096, width);
    for (std::int64_t begin = rows.begin; begin < rows.end; begin += together) {
        const std::int64_t end = std::min(begin + together, rows.end);
        moments_of_some(x + begin * width, mean + begin, rstd + begin, eps, end - begin, width);
        for (std::int64_t r = begin; r < end; ++r) {
            const std::int64_t c = r % n.groups * width;
            normalise_row(x + r * width, w ? w + c : nullptr, b ? b + c : nullptr, y + r * width, mean[r], rstd[r], width);
        }
    }
}

/// Of each row: dx = q rstd - offset - (x - mean) slope.
template <class T>
struct RowFactors {
    T mean[most_together], rstd[most_together], offset[most_together], slope[most_together];
};

// The factors of `rows` rows of one group.
template <bool weighted, class T>
VITRINE_INLINE void factors_of_some(const T* x, const T* w, const T* dy, const T* mean, const T* rstd, const GroupNormShape& n, std::int64_t rows,
                                    RowFactors<T>& f) {
    const double share = 1 / double(n.width);
    const std::int64_t stride = n.channels(), width = n.width;
    double sums[2][most_together];
    for (std::int64_t r = 0; r < rows; ++r) f.mean[r] = mean[r * n.groups], f.rstd[r] = rstd[r * n.groups];
    for_fours(rows, [=, &f, &sums](auto count, std::int64_t r) __attribute__((always_inline)) {
        const T *const xr = x + r * stride, *const dyr = dy + r * stride;
        T m[count];
        double sum[2][abreast];
        std::copy_n(f.mean + r, count, m);
        fold_rows<count, 2, T>(width, sum, [=](int j, std::int64_t k, std::int64_t some, Lanes<T>* term) __attribute__((always_inline)) {
            Lanes<T> v, q, weight;
            load_lanes(xr + j * stride + k, some, m[j], v);
            load_lanes(dyr + j * stride + k, some, T(0), q);
            if constexpr (weighted) load_lanes(w + k, some, T(0), weight), q *= weight;
            term[0] = q, term[1] = q * (v - m[j]);
        });
        for (int s = 0; s < 2; ++s) std::copy_n(sum[s], count, sums[s] + r);
    });
#pragma omp simd
    for (std::int64_t r = 0; r < rows; ++r) {
        const double s = double(f.rstd[r]);
        f.offset[r] = static_cast<T>(s * sums[0][r] * share), f.slope[r] = static_cast<T>(s * s * s * sums[1][r] * share);
    }
}

// dx of rows r, r + 1, ..., `rows` of them, in one pass with db += sum dy, dw += sum dy xhat.
template <int rows, bool weighted, class T>
VITRINE_INLINE void gradients_of_rows(const T* x, const T* w, const T* dy, T* dx, T* db, T* dw, const GroupNormShape& n, std::int64_t r,
                                      const RowFactors<T>& f) {
    const std::int64_t stride = n.channels(), width = n.width;
    x += r * stride, dy += r * stride, dx += r * stride;
    T m[rows], s[rows], offset[rows], slope[rows];
    std::copy_n(f.mean + r, rows, m), std::copy_n(f.rstd + r, rows, s);
    std::copy_n(f.offset + r, rows, offset), std::copy_n(f.slope + r, rows, slope);
    std::int64_t k = 0;
    for (; k + row_lanes <= width; k += row_lanes) {
        Lanes<T> sum, sum_x, weight;
        load_lanes(db + k, sum), load_lanes(dw + k, sum_x);
        if constexpr (weighted) load_lanes(w + k, weight);
#pragma GCC unroll 4
        for (int j = 0; j < rows; ++j) {
            Lanes<T> d, centred, q;
            load_lanes(dy + j * stride + k, d), load_lanes(x + j * stride + k, centred);
            centred -= m[j], q = d;
            if constexpr (weighted) q *= weight;
            store_lanes<T>(q * s[j] - offset[j] - centred * slope[j], dx + j * stride + k);
            sum += d, sum_x += d * (centred * s[j]);
        }
        store_lanes(sum, db + k), store_lanes(sum_x, dw + k);
    }
    for (; k < width; ++k)
        for (int j = 0; j < rows; ++j) {
            const T d = dy[j * stride + k], centred = x[j * stride + k] - m[j], q = weighted ? d * w[k] : d;
            dx[j * stride + k] = q * s[j] - offset[j] - centred * slope[j];
            db[k] += d, dw[k] += d * (centred * s[j]);
        }
}

// dx of some images, and their sums for db and dw: of column_chunk images in T, `part`, then in double.
template <bool weighted, class T>
VITRINE_CLONES void backward_groups(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, double* db, double* dw, T* part,
                                    GroupNormShape n, Range images) {
    const std::int64_t width = n.width, channels = n.channels(), together = rows_together(2048, width);
    T *const db_part = part, *const dw_part = part + channels;
    std::fill_n(db, 2 * channels, 0);
    for (std::int64_t chunk = images.begin; chunk < images.end; chunk += column_chunk) {
        const std::int64_t chunk_end = std::min(chunk + column_chunk, images.end);
        std::fill_n(part, 2 * channels, T(0));
        for (std::int64_t i = chunk; i < chunk_end; i += together) {
            const std::int64_t some = std::min(together, chunk_end - i);
            for (std::int64_t g = 0; g < n.groups; ++g) {
                const std::int64_t c = g * width, at = i * channels + c, k = i * n.groups + g;
                const T* const wg = weighted ? w + c : nullptr;
                RowFactors<T> f;
                factors_of_some<weighted>(x + at, wg, dy + at, mean + k, rstd + k, n, some, f);
                for_fours(some, [=, &n, &f](auto count, std::int64_t r) __attribute__((always_inline)) {
                    gradients_of_rows<count, weighted>(x + at, wg, dy + at, dx + at, db_part + c, dw_part + c, n, r, f);
                });
            }
        }
        for (std::int64_t c = 0; c < channels; ++c) db[c] += double(db_part[c]), dw[c] += double(dw_part[c]);
    }
}

// ---- images: sums down the columns of one image, channel by channel, then joined over the channels of a group

/// run(g, begin, end) for each group of the channels c, ..., c + width - 1: those that are begin, ..., end - 1 from c on. A
/// division for each channel would take as long as the channel's pixels.
template <class Run>
VITRINE_INLINE void for_groups(std::int64_t c, std::int64_t width, std::int64_t group_width, Run run) {
    for (std::int64_t j = 0, g = c / group_width; j < width; ++g) {
        const std::int64_t end = std::min((g + 1) * group_width - c, width);
        run(g, j, end);
        j = end;
    }
}

template <class T>
VITRINE_CLONES void normalise_image(const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps, GroupNormShape n,
                     double* part) {
    const std::int64_t channels = n.channels();
    double *const means = part, *const m2s = part + channels;
    moments_of_rows(x, {0, n.pixels}, channels, means, m2s);
    for (std::int64_t g = 0; g < n.groups; ++g) {
        double sum = 0, m2 = 0;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t c = g * n.width; c < (g + 1) * n.width; ++c) sum += means[c];
        const double mu = sum / double(n.width);
#pragma omp simd reduction(+ : m2)
        for (std::int64_t c = g * n.width; c < (g + 1) * n.width; ++c)
            m2 += m2s[c] + double(n.pixels) * (means[c] - mu) * (means[c] - mu);
        mean[g] = static_cast<T>(mu);
        rstd[g] = reciprocal_deviation<T>(m2 / double(n.pixels * n.width), eps);
    }

    const auto fill = [=](ColumnFactors<T>& f, std::int64_t c, std::int64_t width) {
        for_groups(c, width, n.width, [=, &f](std::int64_t g, std::int64_t begin, std::int64_t end) {
            const T m = mean[g], s = rstd[g];
            for (std::int64_t j = begin; j < end; ++j)
                f.centre[j] = m, f.scale[j] = w ? w[c + j] * s : s, f.shift[j] = b ? b[c + j] : T(0);
        });
    };
    normalise_tiles(x, y, channels, {0, n.pixels}, fill, PlainY<T>{});
}

// dx of an image, and its sums for db and dw. The sums over a group are those over its channels, times w.
template <class T>
VITRINE_CLONES void backward_image(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, double* db, double* dw,
                    GroupNormShape n) {
    const std::int64_t channels = n.channels();
    const auto centre = [=](ColumnFactors<T>& f, std::int64_t c, std::int64_t width) {
        for_groups(c, width, n.width, [=, &f](std::int64_t g, std::int64_t begin, std::int64_t end) {
            for (std::int64_t j = begin; j < end; ++j) f.centre[j] = mean[g];
        });
    };
    products_of_rows(GivenGradient<T>{dy}, x, centre, {0, n.pixels}, channels, db, dw);
    for_groups(0, channels, n.width, [=](std::int64_t g, std::int64_t begin, std::int64_t end) {
        for (std::int64_t c = begin; c < end; ++c) dw[c] *= double(rstd[g]);
    });

    const double m = double(n.pixels * n.width);
    double sum = 0, sum_x = 0;
    std::int64_t summed = -1;  // the group that the sums are of
    const auto fill = [&](ColumnFactors<T>& f, std::int64_t c, std::int64_t width) {
        for_groups(c, width, n.width, [&](std::int64_t g, std::int64_t begin, std::int64_t end) {
            if (g != summed) {
                summed = g, sum = 0, sum_x = 0;
                for (std::int64_t k = g * n.width; k < (g + 1) * n.width; ++k) {
                    sum += w ? double(w[k]) * db[k] : db[k];
                    sum_x += w ? double(w[k]) * dw[k] : dw[k];
                }
            }
            const T offset = rstd[g] * static_cast<T>(sum / m), slope = rstd[g] * rstd[g] * static_cast<T>(sum_x / m);
            for (std::int64_t j = begin; j < end; ++j)
                f.centre[j] = mean[g], f.scale[j] = w ? w[c + j] * rstd[g] : rstd[g], f.offset[j] = offset, f.slope[j] = slope;
        });
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
    const auto image = [=](std::int64_t i) {
        normalise_image(x + i * size, w, b, y + i * size, mean + i * n.groups, rstd + i * n.groups, eps, n,
                        static_cast<double*>(workspace) + 2 * i * n.channels());
    };
    const int parts = parts_for(n.images, cost * double(size));
    if (parts == 1) {
        for (std::int64_t i = 0; i < n.images; ++i) image(i);
    } else {
#pragma omp parallel for num_threads(parts)
        for (std::int64_t i = 0; i < n.images; ++i) image(i);
    }
}

template <class T>
void group_norm_backward(Cpu, const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db,
                         GroupNormShape n, void* workspace) {
    if (isa() == Isa::naive) return group_norm_backward_naive(x, w, mean, rstd, dy, dx, dw, db, n);
    double* const part = static_cast<double*>(workspace);
    const std::int64_t size = n.pixels * n.channels(), channels = n.channels();
    const int pieces = static_cast<int>(group_norm_pieces(Cpu{}, n));
    T* const sums = reinterpret_cast<T*>(part + 2 * pieces * channels);
    const auto groups = w ? backward_groups<true, T> : backward_groups<false, T>;
    const int parts = parts_for(n.images, 2 * cost * double(size));
    const auto piece = [=](int p) {
        double *const db_p = part + 2 * p * channels, *const dw_p = db_p + channels;
        if (n.pixels == 1) return groups(x, w, mean, rstd, dy, dx, db_p, dw_p, sums + 2 * p * channels, n, share(n.images, p, pieces));
        backward_image(x + p * size, w, mean + p * n.groups, rstd + p * n.groups, dy + p * size, dx + p * size, db_p, dw_p, n);
    };
    if (parts == 1) {
        for (int p = 0; p < pieces; ++p) piece(p);
    } else {
#pragma omp parallel for num_threads(parts)
        for (int p = 0; p < pieces; ++p) piece(p);
    }
    for (int p = 1; p < pieces; ++p)
        for (std::int64_t c = 0; c < 2 * channels; ++c) part[c] += part[2 * p * channels + c];
    for (std::int64_t c = 0; c < channels; ++c) db[c] = pieces ? static_cast<T>(part[c]) : T(0), dw[c] = pieces ? static_cast<T>(part[channels + c]) : T(0);
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
