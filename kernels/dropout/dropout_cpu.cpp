#include <algorithm>

#include "dropout.h"
#include "vitrine/kernels/base/clones.h"
#include "vitrine/kernels/base/parallel.h"
#include "vitrine/kernels/random/distributions.h"
#include "vitrine/kernels/random/random_tile.h"

namespace vitrine::kernels {
namespace {

/// Elements [range.begin, range.end); range.begin is a multiple of a tile's 192 words.
template <class T>
VITRINE_CLONES void dropout_range(WordTile words, const T* x, T* y, std::uint32_t threshold, T scale, Philox from, Range range) {
    std::uint32_t w[wide_tile_words];
    for (std::int64_t begin = range.begin; begin < range.end; begin += wide_tile_words) {
        words(from, static_cast<std::uint64_t>(begin / 4), w);
        const std::int64_t count = std::min<std::int64_t>(range.end - begin, wide_tile_words);
        for (std::int64_t i = 0; i < count; ++i) {
            const T kept = x[begin + i] * scale;
            y[begin + i] = unit_below(w[i], threshold) ? T(0) : kept;
        }
    }
}

template <class T>
VITRINE_CLONES void dropout_add_range(WordTile words, const T* x, const T* r, T* __restrict__ y, std::uint32_t threshold, T scale,
                                      Philox from, Range range) {
    std::uint32_t w[wide_tile_words];
    for (std::int64_t begin = range.begin; begin < range.end; begin += wide_tile_words) {
        words(from, static_cast<std::uint64_t>(begin / 4), w);
        const std::int64_t count = std::min<std::int64_t>(range.end - begin, wide_tile_words);
        for (std::int64_t i = 0; i < count; ++i) {
            const T kept = x[begin + i] * scale;
            y[begin + i] = r[begin + i] + (unit_below(w[i], threshold) ? T(0) : kept);
        }
    }
}

}  // namespace

template <class T>
void dropout_forward(Cpu, const T* x, T* y, std::int64_t n, double p, Philox from) {
    const int parts = parts_for(n, 2);
    if (parts == 1) return dropout_range(wide_word_tile(), x, y, unit_threshold(p), T(dropout_scale(p)), from, {0, n});
    const std::uint32_t threshold = unit_threshold(p);
    const WordTile words = wide_word_tile();
#pragma omp parallel for num_threads(parts)
    for (int part = 0; part < parts; ++part) {
        dropout_range(words, x, y, threshold, T(dropout_scale(p)), from, share(n, part, parts, wide_tile_words));
    }
}

template <class T>
void dropout_add_forward(Cpu, const T* x, const T* r, T* y, std::int64_t n, double p, Philox from) {
    const std::uint32_t threshold = unit_threshold(p);
    const WordTile words = wide_word_tile();
    const int parts = parts_for(n, 2);
    if (parts == 1) return dropout_add_range(words, x, r, y, threshold, T(dropout_scale(p)), from, {0, n});
#pragma omp parallel for num_threads(parts)
    for (int part = 0; part < parts; ++part) {
        dropout_add_range(words, x, r, y, threshold, T(dropout_scale(p)), from, share(n, part, parts, wide_tile_words));
    }
}

template void dropout_forward(Cpu, const float*, float*, std::int64_t, double, Philox);
template void dropout_forward(Cpu, const double*, double*, std::int64_t, double, Philox);
template void dropout_add_forward(Cpu, const float*, const float*, float*, std::int64_t, double, Philox);
template void dropout_add_forward(Cpu, const double*, const double*, double*, std::int64_t, double, Philox);

}  // namespace vitrine::kernels
