// A tile of 192 words (random_tile.h) becomes 192 or 96 numbers in a loop that is a few vector
// instructions.
#include <algorithm>

#include "distributions.h"
#include "random.h"
#include "random_tile.h"
#include "vitrine/kernels/base/clones.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

/// Elements [range.begin, range.end) of y; range.begin starts a tile.
template <class T, class Numbers>
VITRINE_CLONES void random_range(WordTile words, const Numbers& numbers, T* y, Philox from, Range range) {
    constexpr std::int64_t elements = wide_tile_words / Numbers::words_each;
    std::uint32_t w[wide_tile_words];
    for (std::int64_t i = range.begin; i < range.end; i += elements) {
        words(from, static_cast<std::uint64_t>(i / elements * wide_tile_blocks), w);
        if (range.end - i >= elements) {
            numbers(w, wide_tile_words, y + i);
        } else {
            T last[elements];
            numbers(w, wide_tile_words, last);
            std::copy(last, last + (range.end - i), y + i);
        }
    }
}

}  // namespace

template <class T>
void random_uniform(Cpu, T* y, std::int64_t n, T lo, T hi, Philox from) {
    const int parts = parts_for(n, 2);
    if (parts == 1) return random_range(wide_word_tile(), Uniform<T>(lo, hi), y, from, {0, n});
    const WordTile words = wide_word_tile();
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) random_range(words, Uniform<T>(lo, hi), y, from, share(n, p, parts, wide_tile_words / Uniform<T>::words_each));
}

template <class T>
void random_normal(Cpu, T* y, std::int64_t n, T mean, T std, Philox from) {
    const int parts = parts_for(n, 6);
    if (parts == 1) return random_range(wide_word_tile(), Normal<T>{mean, std}, y, from, {0, n});
    const WordTile words = wide_word_tile();
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) random_range(words, Normal<T>{mean, std}, y, from, share(n, p, parts, wide_tile_words / Normal<T>::words_each));
}

template <class T>
void random_bernoulli(Cpu, T* y, std::int64_t n, double p, Philox from) {
    const WordTile words = wide_word_tile();
    const int parts = parts_for(n, 1);
    if (parts == 1) return random_range(words, Bernoulli<T>{unit_threshold(p)}, y, from, {0, n});
#pragma omp parallel for num_threads(parts)
    for (int part = 0; part < parts; ++part)
        random_range(words, Bernoulli<T>{unit_threshold(p)}, y, from, share(n, part, parts, wide_tile_words / Bernoulli<T>::words_each));
}

template void random_uniform(Cpu, float*, std::int64_t, float, float, Philox);
template void random_uniform(Cpu, double*, std::int64_t, double, double, Philox);
template void random_normal(Cpu, float*, std::int64_t, float, float, Philox);
template void random_normal(Cpu, double*, std::int64_t, double, double, Philox);
template void random_bernoulli(Cpu, float*, std::int64_t, double, Philox);
template void random_bernoulli(Cpu, double*, std::int64_t, double, Philox);

}  // namespace vitrine::kernels
