#include "digits.h"

#include <algorithm>

#include "draw_digit.h"
#include "vitrine/core/operand.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::data {
namespace {

void draw_range(std::uint64_t seed, kernels::Range range, Pictures& pictures) {
    for (std::int64_t i = range.begin; i < range.end; ++i) {
        const DrawnDigit digit = draw_digit(seed, static_cast<std::uint64_t>(i));
        std::ranges::copy(digit.pixels, pictures.file.begin() + i * digit_side * digit_side);
        pictures.labels[static_cast<std::size_t>(i)] = digit.label;
    }
}

Pictures draw_all(std::int64_t count, DigitsOptions options, Site site) {
    constexpr std::int64_t most = 10'000'000;
    Call("Digits", site).check(count >= 0 && count <= most, "count ", count, "; allowed are 0 to ", most);
    const auto n = static_cast<std::size_t>(count), seed = static_cast<std::size_t>(options.seed);
    Pictures pictures{Bytes(n * digit_side * digit_side), 0, Bytes(n), digit_side, digit_side, 1};
    const int parts = kernels::parts_for(count, 80'000);
    if (parts <= 1) {
        draw_range(seed, {0, count}, pictures);
        return pictures;
    }
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) draw_range(seed, kernels::share(count, p, parts), pictures);
    return pictures;
}

}  // namespace

Digits::Digits(std::int64_t count, DigitsOptions options, Site site)
    : LabelledImages({"Digits", digit_names}, draw_all(count, options, site)) {}

}  // namespace vitrine::data
