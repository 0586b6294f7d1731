#include "scan.h"

#include <algorithm>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

constexpr std::int64_t tile = 64;  // neighbours that run side by side

/// A tile is up to 64 neighbouring scans of one outer index.
template <class T>
void cumsum_tiles(const T* x, T* y, ScanShape n, bool reverse, Range tiles) {
    const std::int64_t per_outer = (n.inner + tile - 1) / tile;
    for (std::int64_t t = tiles.begin; t < tiles.end; ++t) {
        const std::int64_t first = t % per_outer * tile, at = t / per_outer * n.cols * n.inner + first;
        const std::int64_t columns = std::min(tile, n.inner - first);
        double sum[tile] = {};
        for (std::int64_t k = 0; k < n.cols; ++k) {
            const std::int64_t row = at + (reverse ? n.cols - 1 - k : k) * n.inner;
            for (std::int64_t i = 0; i < columns; ++i) {
                sum[i] += static_cast<double>(x[row + i]);
                y[row + i] = static_cast<T>(sum[i]);
            }
        }
    }
}

}  // namespace

template <class T>
void cumsum_forward(Cpu, const T* x, T* y, ScanShape n, bool reverse) {
    const std::int64_t tiles = n.outer * ((n.inner + tile - 1) / tile);
    const int parts = parts_for(tiles, static_cast<double>(n.cols * std::min(tile, n.inner)));
    if (parts == 1) return cumsum_tiles(x, y, n, reverse, {0, tiles});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) cumsum_tiles(x, y, n, reverse, share(tiles, p, parts));
}

template void cumsum_forward(Cpu, const float*, float*, ScanShape, bool);
template void cumsum_forward(Cpu, const double*, double*, ScanShape, bool);

}  // namespace vitrine::kernels
