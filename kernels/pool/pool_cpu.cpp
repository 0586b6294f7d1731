// Each function does some rows of pixels, of y or (backward) of x, a strip of channels of a pixel at a time: the channels are
// the lanes of vectors, and what is folded over the window stays in the first-level cache.
#include <algorithm>
#include <limits>

#include "pool.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr std::int64_t strip = 64;

template <class T>
void max_pool_rows(const T* x, T* y, std::int32_t* index, const PoolShape& n, Range rows) {
    T best[strip];
    std::int32_t at[strip];
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t oh = row % n.h.out, h_begin = n.h.begin(oh), h_end = n.h.end(oh);
        const T* image = x + row / n.h.out * n.h.in * n.w.in * n.channels;
        for (std::int64_t ow = 0; ow < n.w.out; ++ow) {
            const std::int64_t w_begin = n.w.begin(ow), w_end = n.w.end(ow), out = (row * n.w.out + ow) * n.channels;
            for (std::int64_t c = 0; c < n.channels; c += strip) {
                const std::int64_t width = std::min(strip, n.channels - c);
                std::fill_n(best, width, -std::numeric_limits<T>::infinity());
                const bool some = h_begin < h_end && w_begin < w_end;
                std::fill_n(at, width, some ? static_cast<std::int32_t>(h_begin * n.w.in + w_begin) : -1);
                for (std::int64_t h = h_begin; h < h_end; h += n.h.dilation) {
                    for (std::int64_t w = w_begin; w < w_end; w += n.w.dilation) {
                        const auto p = static_cast<std::int32_t>(h * n.w.in + w);
                        const T* xp = image + p * n.channels + c;
                        for (std::int64_t j = 0; j < width; ++j) {
                            const T v = xp[j];
                            const bool larger = (v > best[j]) | (v != v);
                            best[j] = larger ? v : best[j];
                            at[j] = larger ? p : at[j];
                        }
                    }
                }
                std::copy_n(best, width, y + out + c);
                if (index) std::copy_n(at, width, index + out + c);
            }
        }
    }
}

template <class T>
void max_pool_backward_rows(const std::int32_t* index, const T* dy, T* dx, const PoolShape& n, Range rows) {
    T sum[strip];
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t h = row % n.h.in, image = row / n.h.in * n.h.out, begin = n.h.windows_begin(h), end = n.h.windows_end(h);
        for (std::int64_t w = 0; w < n.w.in; ++w) {
            const auto p = static_cast<std::int32_t>(h * n.w.in + w);
            const std::int64_t w_begin = n.w.windows_begin(w), w_end = n.w.windows_end(w);
            for (std::int64_t c = 0; c < n.channels; c += strip) {
                const std::int64_t width = std::min(strip, n.channels - c);
                std::fill_n(sum, width, T(0));
                for (std::int64_t oh = begin; oh < end; ++oh) {
                    for (std::int64_t ow = w_begin; ow < w_end; ++ow) {
                        const std::int64_t o = ((image + oh) * n.w.out + ow) * n.channels + c;
                        const std::int32_t* at = index + o;
                        const T* dyo = dy + o;
                        for (std::int64_t j = 0; j < width; ++j) sum[j] += at[j] == p ? dyo[j] : T(0);
                    }
                }
                std::copy_n(sum, width, dx + (row * n.w.in + w) * n.channels + c);
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

template <class T>
void average_pool_rows(const T* x, T* y, const PoolShape& n, Range rows) {
    T sum[strip], line[strip];
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t oh = row % n.h.out, h_begin = n.h.begin(oh), h_end = n.h.end(oh);
        const T* image = x + row / n.h.out * n.h.in * n.w.in * n.channels;
        for (std::int64_t ow = 0; ow < n.w.out; ++ow) {
            const std::int64_t w_begin = n.w.begin(ow), w_end = n.w.end(ow);
            const T share_of_one = T(1) / T(n.h.count(oh) * n.w.count(ow));
            T* yo = y + (row * n.w.out + ow) * n.channels;
            for (std::int64_t c = 0; c < n.channels; c += strip) {
                const std::int64_t width = std::min(strip, n.channels - c);
                std::fill_n(sum, width, T(0));
                for (std::int64_t h = h_begin; h < h_end; ++h) {
                    std::fill_n(line, width, T(0));
                    for (std::int64_t w = w_begin; w < w_end; ++w) {
                        const T* xp = image + (h * n.w.in + w) * n.channels + c;
                        for (std::int64_t j = 0; j < width; ++j) line[j] += xp[j];
                    }
                    for (std::int64_t j = 0; j < width; ++j) sum[j] += line[j];
                }
                for (std::int64_t j = 0; j < width; ++j) yo[c + j] = sum[j] * share_of_one;
            }
        }
    }
}

template <class T>
void average_pool_backward_rows(const T* dy, T* dx, const PoolShape& n, Range rows) {
    T sum[strip];
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t h = row % n.h.in, image = row / n.h.in * n.h.out, begin = n.h.windows_begin(h), end = n.h.windows_end(h);
        for (std::int64_t w = 0; w < n.w.in; ++w) {
            const std::int64_t w_begin = n.w.windows_begin(w), w_end = n.w.windows_end(w);
            for (std::int64_t c = 0; c < n.channels; c += strip) {
                const std::int64_t width = std::min(strip, n.channels - c);
                std::fill_n(sum, width, T(0));
                for (std::int64_t oh = begin; oh < end; ++oh) {
                    for (std::int64_t ow = w_begin; ow < w_end; ++ow) {
                        const T share_of_one = T(1) / T(n.h.count(oh) * n.w.count(ow));
                        const T* dyo = dy + ((image + oh) * n.w.out + ow) * n.channels + c;
                        for (std::int64_t j = 0; j < width; ++j) sum[j] += dyo[j] * share_of_one;
                    }
                }
                std::copy_n(sum, width, dx + (row * n.w.in + w) * n.channels + c);
            }
        }
    }
}

// Rows of y, or of x, and the threads for them: each row costs what its share of x and y costs.
struct Work {
    std::int64_t rows;
    int parts;
};
Work work_of(const PoolShape& n, std::int64_t rows) { return {rows, parts_for(rows, 2 * double(n.x_size() + n.y_size()) / double(rows ? rows : 1))}; }
Work over_y(const PoolShape& n) { return work_of(n, n.images * n.h.out); }
Work over_x(const PoolShape& n) { return work_of(n, n.images * n.h.in); }

}  // namespace

template <class T>
void max_pool_forward(Cpu, const T* x, T* y, std::int32_t* index, const PoolShape& n) {
    const Work work = over_y(n);
    if (work.parts == 1) return max_pool_rows(x, y, index, n, {0, work.rows});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) max_pool_rows(x, y, index, n, share(work.rows, p, work.parts));
}

template <class T>
void max_pool_backward(Cpu, const std::int32_t* index, const T* dy, T* dx, const PoolShape& n) {
    const Work work = over_x(n);
    if (work.parts == 1) return max_pool_backward_rows(index, dy, dx, n, {0, work.rows});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) max_pool_backward_rows(index, dy, dx, n, share(work.rows, p, work.parts));
}

template <class T>
void max_pool_gather(Cpu, const T* x, const std::int32_t* index, T* y, const PoolShape& n) {
    const Work work = over_y(n);
    if (work.parts == 1) return max_pool_gather_rows(x, index, y, n, {0, work.rows});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) max_pool_gather_rows(x, index, y, n, share(work.rows, p, work.parts));
}

template <class T>
void average_pool_forward(Cpu, const T* x, T* y, const PoolShape& n) {
    const Work work = over_y(n);
    if (work.parts == 1) return average_pool_rows(x, y, n, {0, work.rows});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) average_pool_rows(x, y, n, share(work.rows, p, work.parts));
}

template <class T>
void average_pool_backward(Cpu, const T* dy, T* dx, const PoolShape& n) {
    const Work work = over_x(n);
    if (work.parts == 1) return average_pool_backward_rows(dy, dx, n, {0, work.rows});
#pragma omp parallel for num_threads(work.parts)
    for (int p = 0; p < work.parts; ++p) average_pool_backward_rows(dy, dx, n, share(work.rows, p, work.parts));
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
