#include <algorithm>

#include "upsample.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

template <class T>
void upsample_rows(const T* x, T* y, const UpsampleShape& n, Range rows) {
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t h = row / n.h.out * n.h.in + n.h.source(row % n.h.out);
        const T* xr = x + h * n.w.in * n.channels;
        T* yr = y + row * n.w.out * n.channels;
        for (std::int64_t q = 0; q < n.w.out; ++q)
            std::copy_n(xr + n.w.source(q) * n.channels, n.channels, yr + q * n.channels);
    }
}

template <class T>
void upsample_backward_rows(const T* dy, T* dx, const UpsampleShape& n, Range rows) {
    constexpr std::int64_t strip = 64;  // channels whose sums stay in the first-level cache
    T sum[strip];
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const std::int64_t h = row % n.h.in, image = row / n.h.in * n.h.out;
        for (std::int64_t w = 0; w < n.w.in; ++w) {
            for (std::int64_t c = 0; c < n.channels; c += strip) {
                const std::int64_t width = std::min(strip, n.channels - c);
                std::fill_n(sum, width, T(0));
                for (std::int64_t p = n.h.first(h); p < n.h.first(h + 1); ++p) {
                    for (std::int64_t q = n.w.first(w); q < n.w.first(w + 1); ++q) {
                        const T* d = dy + ((image + p) * n.w.out + q) * n.channels + c;
                        for (std::int64_t j = 0; j < width; ++j) sum[j] += d[j];
                    }
                }
                std::copy_n(sum, width, dx + (row * n.w.in + w) * n.channels + c);
            }
        }
    }
}

int parts_of(const UpsampleShape& n, std::int64_t rows) {
    return parts_for(rows, 2 * double(n.x_size() + n.y_size()) / double(rows ? rows : 1));
}

}  // namespace

template <class T>
void upsample_nearest_forward(Cpu, const T* x, T* y, const UpsampleShape& n) {
    const std::int64_t rows = n.images * n.h.out;
    const int parts = parts_of(n, rows);
    if (parts == 1) return upsample_rows(x, y, n, {0, rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) upsample_rows(x, y, n, share(rows, p, parts));
}

template <class T>
void upsample_nearest_backward(Cpu, const T* dy, T* dx, const UpsampleShape& n) {
    const std::int64_t rows = n.images * n.h.in;
    const int parts = parts_of(n, rows);
    if (parts == 1) return upsample_backward_rows(dy, dx, n, {0, rows});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) upsample_backward_rows(dy, dx, n, share(rows, p, parts));
}

template void upsample_nearest_forward(Cpu, const float*, float*, const UpsampleShape&);
template void upsample_nearest_forward(Cpu, const double*, double*, const UpsampleShape&);
template void upsample_nearest_backward(Cpu, const float*, float*, const UpsampleShape&);
template void upsample_nearest_backward(Cpu, const double*, double*, const UpsampleShape&);

}  // namespace vitrine::kernels
