// Private to the built-in data sets: many pictures drawn with every thread.
#pragma once

#include <algorithm>

#include "labelled_images.h"
#include "vitrine/core/operand.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::data {

/// What is drawn: pictures of side x side pixels.
struct Drawing {
    const char* name;  ///< what errors call it
    std::int64_t side, channels;
    double cost;  ///< of one, in elementary operations (see parts_for)
};

/// Pictures draw(seed, 0) to draw(seed, count - 1), which return structs of `pixels` and `label`. Throws Error unless
/// 0 <= count <= 10^7.
template <class Draw>
Pictures draw_pictures(const Drawing& what, std::int64_t count, std::int64_t seed, Draw draw, Site site) {
    constexpr std::int64_t most = 10'000'000;
    Call(what.name, site).check(count >= 0 && count <= most, "count ", count, "; allowed are 0 to ", most);
    const auto n = static_cast<std::size_t>(count);
    Pictures pictures{{}, 0, Bytes(n), what.side, what.side, what.channels};
    pictures.file.resize(n * static_cast<std::size_t>(pictures.bytes()));
    const auto draw_range = [&](kernels::Range range) {
        for (std::int64_t i = range.begin; i < range.end; ++i) {
            const auto drawn = draw(static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(i));
            std::ranges::copy(drawn.pixels, pictures.file.begin() + i * pictures.bytes());
            pictures.labels[static_cast<std::size_t>(i)] = drawn.label;
        }
    };
    const int parts = kernels::parts_for(count, what.cost);
#pragma omp parallel for num_threads(parts) if (parts > 1)
    for (int p = 0; p < parts; ++p) draw_range(kernels::share(count, p, parts));
    return pictures;
}

}  // namespace vitrine::data
