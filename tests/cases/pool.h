// Cases of the poolings, with references written from the formulas.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>

#include "op_case.h"
#include "vitrine/core/ops/pool.h"

namespace vitrine::testing {

/// Where a window begins along an axis, how many taps it has and how far they are apart.
struct Window {
    std::int64_t begin, taps, apart;
};
using WindowOf = std::function<Window(std::int64_t)>;

/// fold(values inside the image, taps) for each window of each channel of x (N, C, H, W).
inline std::vector<double> pool_reference(const Array& x, std::int64_t out_h, std::int64_t out_w,
                                          const WindowOf& along_h, const WindowOf& along_w,
                                          const std::function<double(const std::vector<double>&, double)>& fold) {
    const std::int64_t in_h = x.shape[2], in_w = x.shape[3];
    std::vector<double> y;
    for (std::int64_t plane = 0; plane < x.shape[0] * x.shape[1]; ++plane) {
        for (std::int64_t oh = 0; oh < out_h; ++oh) {
            for (std::int64_t ow = 0; ow < out_w; ++ow) {
                const Window a = along_h(oh), b = along_w(ow);
                std::vector<double> values;
                for (std::int64_t i = 0; i < a.taps; ++i) {
                    for (std::int64_t j = 0; j < b.taps; ++j) {
                        const std::int64_t h = a.begin + i * a.apart, w = b.begin + j * b.apart;
                        if (h < 0 || h >= in_h || w < 0 || w >= in_w) continue;
                        values.push_back(x.values[static_cast<std::size_t>((plane * in_h + h) * in_w + w)]);
                    }
                }
                y.push_back(fold(values, double(a.taps * b.taps)));
            }
        }
    }
    return y;
}

inline std::int64_t pooled_size(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                                std::int64_t dilation) {
    return (in + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}
inline WindowOf windows(std::int64_t kernel, std::int64_t stride, std::int64_t padding, std::int64_t dilation) {
    return [=](std::int64_t o) { return Window{o * stride - padding, kernel, dilation}; };
}

inline OpCase max_pool_case(const char* name, Input x, Pair2 k, MaxPool2dOptions o = {}) {
    const Pair2 s{o.stride.h ? o.stride.h : k.h, o.stride.w ? o.stride.w : k.w};
    return {.name = name,
            .inputs = {x},
            .op = [=](const std::vector<Tensor>& in) { return max_pool2d(in[0], k, o); },
            .reference =
                [=](const std::vector<Array>& in) {
                    return pool_reference(
                        in[0], pooled_size(in[0].shape[2], k.h, s.h, o.padding.h, o.dilation.h),
                        pooled_size(in[0].shape[3], k.w, s.w, o.padding.w, o.dilation.w),
                        windows(k.h, s.h, o.padding.h, o.dilation.h), windows(k.w, s.w, o.padding.w, o.dilation.w),
                        [](const std::vector<double>& v, double) { return *std::max_element(v.begin(), v.end()); });
                },
            .covers = "max_pool2d"};
}

inline OpCase avg_pool_case(const char* name, Input x, Pair2 k, AvgPool2dOptions o = {}) {
    const Pair2 s{o.stride.h ? o.stride.h : k.h, o.stride.w ? o.stride.w : k.w};
    const auto average = [=](const std::vector<double>& v, double taps) {
        double sum = 0;
        for (double value : v) sum += value;
        return sum / (o.count_include_pad ? taps : double(v.size()));
    };
    return {.name = name,
            .inputs = {x},
            .op = [=](const std::vector<Tensor>& in) { return avg_pool2d(in[0], k, o); },
            .reference =
                [=](const std::vector<Array>& in) {
                    return pool_reference(in[0], pooled_size(in[0].shape[2], k.h, s.h, o.padding.h, 1),
                                          pooled_size(in[0].shape[3], k.w, s.w, o.padding.w, 1),
                                          windows(k.h, s.h, o.padding.h, 1), windows(k.w, s.w, o.padding.w, 1),
                                          average);
                },
            .covers = "avg_pool2d"};
}

inline OpCase adaptive_avg_pool_case(const char* name, Input x, Pair2 size) {
    const auto evenly = [](std::int64_t in, std::int64_t out) {
        return [=](std::int64_t o) {
            const auto begin = static_cast<std::int64_t>(std::floor(double(o * in) / double(out)));
            const auto end = static_cast<std::int64_t>(std::ceil(double((o + 1) * in) / double(out)));
            return Window{begin, end - begin, 1};
        };
    };
    return {.name = name,
            .inputs = {x},
            .op = [=](const std::vector<Tensor>& in) { return adaptive_avg_pool2d(in[0], size); },
            .reference =
                [=](const std::vector<Array>& in) {
                    return pool_reference(in[0], size.h, size.w, evenly(in[0].shape[2], size.h),
                                          evenly(in[0].shape[3], size.w), [](const std::vector<double>& v, double) {
                                              double sum = 0;
                                              for (double value : v) sum += value;
                                              return sum / double(v.size());
                                          });
                },
            .covers = "adaptive_avg_pool2d"};
}

/// A case of sequences (N, C, L), made of one of images (N, C, 1, L).
inline OpCase as_sequences(const char* op, OpCase images, std::function<Tensor(const Tensor&)> f) {
    Shape shape = images.inputs[0].shape;
    shape.erase(2);
    images.inputs[0].shape = shape;
    images.op = [=](const std::vector<Tensor>& in) { return f(in[0]); };
    images.reference = [of_images = images.reference](const std::vector<Array>& in) {
        Array x = in[0];
        x.shape.insert(2, 1);
        return of_images({x});
    };
    images.covers = op;
    return images;
}

inline std::vector<OpCase> sequence_pool_cases() {
    const Input x{{2, 3, 1, 11}};
    const MaxPool2dOptions max{.stride = {1, 2}, .padding = {0, 1}, .dilation = {1, 2}};
    const AvgPool2dOptions average{.stride = {1, 2}, .padding = {0, 1}, .count_include_pad = false};
    return {as_sequences("max_pool1d", max_pool_case("sequences", x, {1, 3}, max),
                         [](const Tensor& z) { return max_pool1d(z, 3, {.stride = 2, .padding = 1, .dilation = 2}); }),
            as_sequences("avg_pool1d", avg_pool_case("sequences", x, {1, 3}, average),
                         [](const Tensor& z) {
                             return avg_pool1d(z, 3, {.stride = 2, .padding = 1, .count_include_pad = false});
                         }),
            as_sequences("adaptive_avg_pool1d", adaptive_avg_pool_case("sequences", x, {1, 4}),
                         [](const Tensor& z) { return adaptive_avg_pool1d(z, 4); })};
}

inline OpCase with_indices_case() {
    OpCase c = max_pool_case("with indices", {{2, 3, 5, 4}}, 2);
    c.op = [](const std::vector<Tensor>& in) { return max_pool2d_with_indices(in[0], 2).values; };
    c.covers = "max_pool2d_with_indices";
    return c;
}

inline std::vector<OpCase> pool_cases() {
    return {max_pool_case("halves", {{2, 3, 4, 6}}, 2),
            max_pool_case("a row is left over", {{1, 2, 5, 3}}, 2),
            max_pool_case("overlapping with padding", {{1, 3, 5, 6}}, 3, {.stride = 2, .padding = 1}),
            max_pool_case("dilation", {{1, 2, 7, 6}}, {3, 2}, {.stride = 1, .padding = {2, 1}, .dilation = {2, 3}}),
            max_pool_case("one pixel", {{2, 5, 1, 1}}, 1),
            max_pool_case("no images", {{0, 3, 4, 4}}, 2),
            max_pool_case("no channels", {{2, 0, 4, 4}}, 2),
            max_pool_case("below 0, padded", {{1, 2, 3, 3}, Layout::rows, -2, -1}, 3, {.stride = 1, .padding = 1}),
            max_pool_case("transposed", {{2, 3, 4, 5}, Layout::transposed}, {2, 1}),
            max_pool_case("gaps", {{2, 3, 4, 4}, Layout::gaps}, 2),
            avg_pool_case("halves", {{2, 3, 4, 6}}, 2),
            avg_pool_case("overlapping with padding", {{1, 3, 5, 6}}, 3, {.stride = 2, .padding = 1}),
            avg_pool_case("padding does not count", {{1, 3, 5, 6}}, {3, 2},
                          {.stride = 1, .padding = 1, .count_include_pad = false}),
            avg_pool_case("no images", {{0, 3, 4, 4}}, 2),
            avg_pool_case("transposed", {{2, 3, 4, 5}, Layout::transposed}, {2, 1}),
            adaptive_avg_pool_case("global", {{2, 3, 4, 5}}, 1),
            adaptive_avg_pool_case("uneven", {{1, 2, 5, 7}}, {3, 4}),
            adaptive_avg_pool_case("more than there are", {{1, 2, 3, 2}}, {5, 3}),
            adaptive_avg_pool_case("no images", {{0, 2, 3, 2}}, 2)};
}

/// Too many elements for finite differences: values alone.
inline std::vector<OpCase> large_pool_cases() {
    return {max_pool_case("strips of channels", {{2, 67, 5, 5}}, 3, {.stride = 2, .padding = 1}),
            avg_pool_case("strips of channels", {{2, 67, 5, 5}}, 3, {.stride = 2, .padding = 1}),
            adaptive_avg_pool_case("a long sum", {{1, 3, 64, 65}}, 1)};
}

}  // namespace vitrine::testing
