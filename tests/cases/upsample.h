// Cases of upsample_nearest, with a reference written from the formula.
#pragma once

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/upsample.h"

namespace vitrine::testing {

/// y_(p, q) = x_(floor(p H / P), floor(q W / Q)) for each channel of each image.
inline OpCase upsample_case(const char* name, Input x, Pair2 size) {
    return {
        .name = name,
        .inputs = {x},
        .op = [=](const std::vector<Tensor>& in) { return upsample_nearest(in[0], size); },
        .reference =
            [=](const std::vector<Array>& in) {
                const Shape& s = in[0].shape;
                const std::int64_t height = s.dims() == 4 ? s[2] : 1, width = s.back(),
                                   out_h = s.dims() == 4 ? size.h : 1;
                std::vector<double> y;
                for (std::int64_t plane = 0; plane < s[0] * s[1]; ++plane) {
                    for (std::int64_t p = 0; p < out_h; ++p) {
                        for (std::int64_t q = 0; q < size.w; ++q) {
                            const auto h = static_cast<std::int64_t>(std::floor(double(p * height) / double(out_h)));
                            const auto w = static_cast<std::int64_t>(std::floor(double(q * width) / double(size.w)));
                            y.push_back(in[0].values[static_cast<std::size_t>((plane * height + h) * width + w)]);
                        }
                    }
                }
                return y;
            },
        .covers = "upsample_nearest"};
}

inline OpCase upsample_by_case(const char* name, Input x, UpsampleScale scale, Pair2 size) {
    OpCase c = upsample_case(name, x, size);
    c.op = [=](const std::vector<Tensor>& in) { return upsample_nearest_by(in[0], scale); };
    c.covers = "upsample_nearest_by";
    return c;
}

inline std::vector<OpCase> upsample_cases() {
    return {upsample_case("twice", {{2, 3, 2, 3}}, {4, 6}),
            upsample_case("uneven", {{1, 2, 3, 5}}, {7, 8}),
            upsample_case("smaller", {{1, 2, 5, 4}}, {2, 3}),
            upsample_case("one pixel", {{2, 5, 1, 1}}, 3),
            upsample_case("sequences", {{2, 3, 4}}, 7),
            upsample_case("no images", {{0, 3, 2, 2}}, 4),
            upsample_case("no channels", {{2, 0, 2, 2}}, 4),
            upsample_case("transposed", {{2, 3, 3, 2}, Layout::transposed}, {4, 5}),
            upsample_case("strips", {{1, 67, 1, 2}}, {2, 3}),
            upsample_case("gaps", {{2, 3, 2, 3}, Layout::gaps}, {4, 6}),
            upsample_by_case("twice", {{2, 3, 2, 3}}, 2, {4, 6}),
            upsample_by_case("uneven", {{1, 2, 5, 3}}, {0.5, 1.5}, {2, 4})};
}

}  // namespace vitrine::testing
