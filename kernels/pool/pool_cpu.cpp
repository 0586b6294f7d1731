// Each function does some rows of pixels, of y or (backward) of x; another folds the window of one pixel for a few
// neighbouring channels, which are the lanes of vectors and stay in registers: `lanes` of them, known to the compiler,
// or `count`.
#include <algorithm>
#include <limits>

#include "pool.h"
#include "vitrine/kernels/base/clones.h"
#include "vitrine/kernels/base/folds.h"
#include "vitrine/kernels/base/hd.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr std::int64_t lanes = 32;

/// Inputs, or windows, along the height and the width.
struct Window {
    std::int64_t h_begin, h_end, w_begin, w_end;
};

// The windows that hold input p, for p = 0, 1, ...: what PoolAxis::windows_begin and _end say, without their divisions.
struct WindowsOver {
    std::int64_t begin = 0, end = 0;
    void advance(const PoolAxis& axis, std::int64_t p) {
        while (end < axis.out && axis.start(end) <= p) ++end;
        while (begin < end && axis.end(begin) <= p) ++begin;
    }
};

template <bool full, class T>
void max_of_window(const T* image, T* y, std::int32_t* index, const PoolShape& n, Window of, std::int64_t count) {
    const std::int64_t width = full ? lanes : count;
    const bool some = of.h_begin < of.h_end && of.w_begin < of.w_end;
    T best[lanes];
    std::int32_t at[lanes];
    std::fill_n(best, width, -std::numeric_limits<T>::infinity());
    std::fill_n(at, width, some ? static_cast<std::int32_t>(of.h_begin * n.w.in + of.w_begin) : -1);
    for (std::int64_t h = of.h_begin; h < of.h_end; h += n.h.dilation) {
        for (std::int64_t w = of.w_begin; w < of.w_end; w += n.w.dilation) {
            const auto p = static_cast<std::int32_t>(h * n.w.in + w);
            const T* x = image + p * n.channels;
            for (std::int64_t j = 0; j < width; ++j) {
                const T v = x[j];
                const bool larger = (v > best[j]) | (v != v);
                best[j] = larger ? v : best[j];
                at[j] = larger ? p : at[j];
            }
        }
    }
    std::copy_n(best, width, y);
    if (index) std::copy_n(at, width, index);
}

/// The images do not fit into half a megabyte, so that they come from further than the second-level cache.
template <class T>
VITRINE_INLINE bool far_away(const PoolShape& n) {
    return n.images * n.h.in * n.w.in * n.channels > (std::int64_t{1} << 19) / std::int64_t{sizeof(T)};
}

/// Asks for `count` values, which a window of the next row of windows reads or writes: windows are too short, and rows too
/// far apart, for the processor to see what comes. They may lie behind the end of an array. To ask for what is near costs
/// half of a window's time.
template <bool to_write, class T>
VITRINE_INLINE void ask(const T* x, std::int64_t count) {
    constexpr std::int64_t line = 64 / sizeof(T);
    for (std::int64_t i = 0; i < count; i += line) __builtin_prefetch(x + i, to_write);
}

// A window of kernel x kernel neighbours that lies inside the image, all channels: the loop over the window is known to
// the compiler, so that the channels become vectors.
template <int kernel, bool with_index, class T>
VITRINE_CLONES void max_of_square(const T* x, T* y, std::int32_t* index, std::int32_t first, const PoolShape& n) {
    const T* row[kernel];
    for (int k = 0; k < kernel; ++k) {
        row[k] = x + (first + k * n.w.in) * n.channels;
        if (far_away<T>(n)) ask<false>(row[k] + n.h.stride * n.w.in * n.channels, n.w.stride * n.channels);
    }
    if constexpr (with_index) {
#pragma omp simd
        for (std::int64_t c = 0; c < n.channels; ++c) {
            T best = row[0][c];
            std::int32_t at = first;
            for (int tap = 1; tap < kernel * kernel; ++tap) {
                const T v = row[tap / kernel][tap % kernel * n.channels + c];
                const bool larger = (v > best) | (v != v);
                best = larger ? v : best;
                at = larger ? first + static_cast<std::int32_t>(tap / kernel * n.w.in + tap % kernel) : at;
            }
            y[c] = best, index[c] = at;
        }
    } else {
#pragma omp simd
        for (std::int64_t c = 0; c < n.channels; ++c) {
            T best = row[0][c];
            for (int tap = 1; tap < kernel * kernel; ++tap) best = FoldMax{}(best, row[tap / kernel][tap % kernel * n.channels + c]);
            y[c] = best;
        }
    }
}

/// Windows of kernel x kernel neighbours.
bool squares(const PoolShape& n, std::int64_t kernel) {
    const auto along = [=](const PoolAxis& axis) { return axis.kernel == kernel && axis.dilation == 1 && !axis.adaptive; };
    return along(n.h) && along(n.w);
}

/// The whole window o lies inside the image.
bool inside(const PoolAxis& axis, std::int64_t o) { return axis.start(o) >= 0 && axis.start(o) + axis.kernel <= axis.in; }

template <int kernel, class T>
VITRINE_CLONES void max_of_square(const T* x, T* y, std::int32_t* index, std::int32_t first, const PoolShape& n) {
    if (index) return max_of_square<kernel, true>(x, y, index, first, n);
    max_of_square<kernel, false>(x, y, index, first, n);
}

template <class T>
void max_pool_rows(const T* x, T* y, std::int32_t* index, const PoolShape& n, Range rows) {
    const bool twos = squares(n, 2), threes = squares(n, 3);
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t oh = row % n.h.out, image = row / n.h.out * n.h.in * n.w.in * n.channels;
        const bool row_inside = (twos || threes) && inside(n.h, oh);
        for (std::int64_t ow = 0; ow < n.w.out; ++ow) {
            const std::int64_t o = (row * n.w.out + ow) * n.channels;
            if (row_inside && inside(n.w, ow)) {
                const auto first = static_cast<std::int32_t>(n.h.start(oh) * n.w.in + n.w.start(ow));
                const auto square = twos ? max_of_square<2, T> : max_of_square<3, T>;
                square(x + image, y + o, index ? index + o : nullptr, first, n);
                continue;
            }
            const Window of{n.h.begin(oh), n.h.end(oh), n.w.begin(ow), n.w.end(ow)};
            std::int64_t c = 0;
            for (; c + lanes <= n.channels; c += lanes)
                max_of_window<true>(x + image + c, y + o + c, index ? index + o + c : nullptr, n, of, lanes);
            if (c < n.channels)
                max_of_window<false>(x + image + c, y + o + c, index ? index + o + c : nullptr, n, of, n.channels - c);
        }
    }
}

// dx of pixel p: dy of the windows whose maximum it was.
template <bool full, class T>
void sum_where_maximal(const std::int32_t* index, const T* dy, T* dx, std::int32_t p, const PoolShape& n,
                       Window windows, std::int64_t count) {
    const std::int64_t width = full ? lanes : count;
    T sum[lanes];
    std::fill_n(sum, width, T(0));
    for (std::int64_t oh = windows.h_begin; oh < windows.h_end; ++oh) {
        for (std::int64_t ow = windows.w_begin; ow < windows.w_end; ++ow) {
            const std::int64_t o = (oh * n.w.out + ow) * n.channels;
            for (std::int64_t j = 0; j < width; ++j) sum[j] += index[o + j] == p ? dy[o + j] : T(0);
        }
    }
    std::copy_n(sum, width, dx);
}

template <class T>
void max_pool_backward_rows(const std::int32_t* index, const T* dy, T* dx, const PoolShape& n, Range rows) {
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t h = row % n.h.in, image = row / n.h.in * n.h.out * n.w.out * n.channels;
        const std::int64_t h_begin = n.h.windows_begin(h), h_end = n.h.windows_end(h);
        WindowsOver along_w;
        for (std::int64_t w = 0; w < n.w.in; ++w) {
            along_w.advance(n.w, w);
            const Window windows{h_begin, h_end, along_w.begin, along_w.end};
            const auto p = static_cast<std::int32_t>(h * n.w.in + w);
            T* dxp = dx + (row * n.w.in + w) * n.channels;
            std::int64_t c = 0;
            for (; c + lanes <= n.channels; c += lanes)
                sum_where_maximal<true>(index + image + c, dy + image + c, dxp + c, p, n, windows, lanes);
            if (c < n.channels)
                sum_where_maximal<false>(index + image + c, dy + image + c, dxp + c, p, n, windows, n.channels - c);
        }
    }
}

/// Windows of 2 x 2 that cover the image and one another nowhere.
bool tiles_of_two(const PoolShape& n) {
    const auto along = [](const PoolAxis& axis) { return axis.stride == 2 && axis.padding == 0 && axis.in == 2 * axis.out; };
    return squares(n, 2) && along(n.h) && along(n.w);
}

// The same where every pixel of x lies in one window of 2 x 2: dy is read once and dx written window by window.
template <class T>
VITRINE_CLONES void max_pool_backward_tiles(const std::int32_t* index, const T* dy, T* dx, const PoolShape& n, Range rows) {
    const bool far = far_away<T>(n);
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t oh = row % n.h.out, image = row / n.h.out * n.h.in * n.w.in;
        for (std::int64_t ow = 0; ow < n.w.out; ++ow) {
            const std::int64_t first = 2 * oh * n.w.in + 2 * ow, o = (row * n.w.out + ow) * n.channels;
            const auto p = static_cast<std::int32_t>(first), below = static_cast<std::int32_t>(first + n.w.in);
            T *const upper = dx + (image + first) * n.channels, *const lower = upper + n.w.in * n.channels;
            if (far) ask<true>(upper + 2 * n.w.in * n.channels, 2 * n.channels), ask<true>(lower + 2 * n.w.in * n.channels, 2 * n.channels);
#pragma omp simd
            for (std::int64_t c = 0; c < n.channels; ++c) {
                const std::int32_t at = index[o + c];
                const T g = dy[o + c];
                upper[c] = at == p ? g : T(0);
                upper[n.channels + c] = at == p + 1 ? g : T(0);
                lower[c] = at == below ? g : T(0);
                lower[n.channels + c] = at == below + 1 ? g : T(0);
            }
        }
    }
}

template <class T>
void max_pool_gather_rows(const T* x, const std::int32_t* index, T* y, const PoolShape& n, Range rows) {
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const T* image = x + row / n.h.out * n.h.in * n.w.in * n.channels;
        for (std::int64_t o = row * n.w.out * n.channels, c = 0; o < (row + 1) * n.w.out * n.channels; ++o) {
            y[o] = index[o] < 0 ? T(0) : image[index[o] * n.channels + c];
            if (++c == n.channels) c = 0;
        }
    }
}

// The same windows as max_of_square.
template <int kernel, class T>
VITRINE_CLONES void average_of_square(const T* x, T* y, const PoolShape& n, T factor) {
    for (int k = 0; k < kernel && far_away<T>(n); ++k) ask<false>(x + (k + n.h.stride) * n.w.in * n.channels, n.w.stride * n.channels);
#pragma omp simd
    for (std::int64_t c = 0; c < n.channels; ++c) {
        T sum = 0;
        for (int h = 0; h < kernel; ++h) {
            T line = 0;
            for (int w = 0; w < kernel; ++w) line += x[(h * n.w.in + w) * n.channels + c];
            sum += line;
        }
        y[c] = sum * factor;
    }
}

template <bool full, class T>
void average_of_window(const T* image, T* y, const PoolShape& n, Window of, T factor, std::int64_t count) {
    const std::int64_t width = full ? lanes : count;
    T sum[lanes], line[lanes];
    std::fill_n(sum, width, T(0));
    for (std::int64_t h = of.h_begin; h < of.h_end; ++h) {
        std::fill_n(line, width, T(0));
        for (std::int64_t w = of.w_begin; w < of.w_end; ++w)
            for (std::int64_t j = 0; j < width; ++j) line[j] += image[(h * n.w.in + w) * n.channels + j];
        for (std::int64_t j = 0; j < width; ++j) sum[j] += line[j];
    }
    for (std::int64_t j = 0; j < width; ++j) y[j] = sum[j] * factor;
}

template <class T>
void average_pool_rows(const T* x, T* y, const PoolShape& n, Range rows) {
    const bool twos = squares(n, 2), threes = squares(n, 3);
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t oh = row % n.h.out, image = row / n.h.out * n.h.in * n.w.in * n.channels;
        for (std::int64_t ow = 0; ow < n.w.out; ++ow) {
            const Window of{n.h.begin(oh), n.h.end(oh), n.w.begin(ow), n.w.end(ow)};
            const T factor = T(1) / T(n.h.count(oh) * n.w.count(ow));
            const std::int64_t o = (row * n.w.out + ow) * n.channels;
            if ((twos || threes) && inside(n.h, oh) && inside(n.w, ow)) {
                const auto square = twos ? average_of_square<2, T> : average_of_square<3, T>;
                square(x + image + (n.h.start(oh) * n.w.in + n.w.start(ow)) * n.channels, y + o, n, factor);
                continue;
            }
            std::int64_t c = 0;
            for (; c + lanes <= n.channels; c += lanes)
                average_of_window<true>(x + image + c, y + o + c, n, of, factor, lanes);
            if (c < n.channels) average_of_window<false>(x + image + c, y + o + c, n, of, factor, n.channels - c);
        }
    }
}

template <bool full, class T>
void sum_of_shares(const T* dy, T* dx, const PoolShape& n, Window windows, std::int64_t count) {
    const std::int64_t width = full ? lanes : count;
    T sum[lanes];
    std::fill_n(sum, width, T(0));
    for (std::int64_t oh = windows.h_begin; oh < windows.h_end; ++oh) {
        for (std::int64_t ow = windows.w_begin; ow < windows.w_end; ++ow) {
            const T factor = T(1) / T(n.h.count(oh) * n.w.count(ow));
            for (std::int64_t j = 0; j < width; ++j) sum[j] += dy[(oh * n.w.out + ow) * n.channels + j] * factor;
        }
    }
    std::copy_n(sum, width, dx);
}

template <class T>
void average_pool_backward_rows(const T* dy, T* dx, const PoolShape& n, Range rows) {
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t h = row % n.h.in, image = row / n.h.in * n.h.out * n.w.out * n.channels;
        const std::int64_t h_begin = n.h.windows_begin(h), h_end = n.h.windows_end(h);
        WindowsOver along_w;
        for (std::int64_t w = 0; w < n.w.in; ++w) {
            along_w.advance(n.w, w);
            const Window windows{h_begin, h_end, along_w.begin, along_w.end};
            T* dxp = dx + (row * n.w.in + w) * n.channels;
            std::int64_t c = 0;
            for (; c + lanes <= n.channels; c += lanes) sum_of_shares<true>(dy + image + c, dxp + c, n, windows, lanes);
            if (c < n.channels) sum_of_shares<false>(dy + image + c, dxp + c, n, windows, n.channels - c);
        }
    }
}

// The same where every pixel of x lies in one window of 2 x 2, as max_pool_backward_tiles.
template <class T>
VITRINE_CLONES void average_pool_backward_tiles(const T* dy, T* dx, const PoolShape& n, Range rows) {
    const bool far = far_away<T>(n);
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t oh = row % n.h.out, image = row / n.h.out * n.h.in * n.w.in;
        for (std::int64_t ow = 0; ow < n.w.out; ++ow) {
            const std::int64_t first = 2 * oh * n.w.in + 2 * ow, o = (row * n.w.out + ow) * n.channels;
            T *const upper = dx + (image + first) * n.channels, *const lower = upper + n.w.in * n.channels;
            if (far) ask<true>(upper + 2 * n.w.in * n.channels, 2 * n.channels), ask<true>(lower + 2 * n.w.in * n.channels, 2 * n.channels);
#pragma omp simd
            for (std::int64_t c = 0; c < n.channels; ++c) {
                const T g = dy[o + c] * T(0.25);
                upper[c] = upper[n.channels + c] = lower[c] = lower[n.channels + c] = g;
            }
        }
    }
}

// Rows of y, or of x, and the threads for them: each row costs what its share of x and y costs.
struct Work {
    std::int64_t rows;
    int parts;
};
Work work_of(const PoolShape& n, std::int64_t rows) {
    return {rows, parts_for(rows, 2 * double(n.x_size() + n.y_size()) / double(rows ? rows : 1))};
}
Work work_over_y(const PoolShape& n) { return work_of(n, n.images * n.h.out); }
Work work_over_x(const PoolShape& n) { return work_of(n, n.images * n.h.in); }

}  // namespace

template <class T>
void max_pool_forward(Cpu, const T* x, T* y, std::int32_t* index, const PoolShape& n) {
    const Work work = work_over_y(n);
    if (work.parts == 1) return max_pool_rows(x, y, index, n, {0, work.rows});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) max_pool_rows(x, y, index, n, share(work.rows, p, work.parts));
}

template <class T>
void max_pool_backward(Cpu, const std::int32_t* index, const T* dy, T* dx, const PoolShape& n) {
    const bool tiles = tiles_of_two(n);
    const auto rows = tiles ? max_pool_backward_tiles<T> : max_pool_backward_rows<T>;
    const Work work = tiles ? work_over_y(n) : work_over_x(n);
    if (work.parts == 1) return rows(index, dy, dx, n, {0, work.rows});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) rows(index, dy, dx, n, share(work.rows, p, work.parts));
}

template <class T>
void max_pool_gather(Cpu, const T* x, const std::int32_t* index, T* y, const PoolShape& n) {
    const Work work = work_over_y(n);
    if (work.parts == 1) return max_pool_gather_rows(x, index, y, n, {0, work.rows});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) max_pool_gather_rows(x, index, y, n, share(work.rows, p, work.parts));
}

template <class T>
void average_pool_forward(Cpu, const T* x, T* y, const PoolShape& n) {
    const Work work = work_over_y(n);
    if (work.parts == 1) return average_pool_rows(x, y, n, {0, work.rows});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) average_pool_rows(x, y, n, share(work.rows, p, work.parts));
}

template <class T>
void average_pool_backward(Cpu, const T* dy, T* dx, const PoolShape& n) {
    const bool tiles = tiles_of_two(n);
    const auto rows = tiles ? average_pool_backward_tiles<T> : average_pool_backward_rows<T>;
    const Work work = tiles ? work_over_y(n) : work_over_x(n);
    if (work.parts == 1) return rows(dy, dx, n, {0, work.rows});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) rows(dy, dx, n, share(work.rows, p, work.parts));
}

template void max_pool_forward(Cpu, const float*, float*, std::int32_t*, const PoolShape&);
template void max_pool_forward(Cpu, const double*, double*, std::int32_t*, const PoolShape&);
template void max_pool_backward(Cpu, const std::int32_t*, const float*, float*, const PoolShape&);
template void max_pool_backward(Cpu, const std::int32_t*, const double*, double*, const PoolShape&);
template void max_pool_gather(Cpu, const float*, const std::int32_t*, float*, const PoolShape&);
template void max_pool_gather(Cpu, const double*, const std::int32_t*, double*, const PoolShape&);
template void average_pool_forward(Cpu, const float*, float*, const PoolShape&);
template void average_pool_forward(Cpu, const double*, double*, const PoolShape&);
template void average_pool_backward(Cpu, const float*, float*, const PoolShape&);
template void average_pool_backward(Cpu, const double*, double*, const PoolShape&);

}  // namespace vitrine::kernels
