// Cases of convolutions, with references written from the formulas.
#pragma once

#include <utility>

#include "op_case.h"
#include "vitrine/core/ops/conv.h"

namespace vitrine::testing {

/// Element (i, j, k, l) of a row-major array of four dimensions.
inline double& at(Array& a, std::int64_t i, std::int64_t j, std::int64_t k, std::int64_t l) {
    return a.values[static_cast<std::size_t>(((i * a.shape[1] + j) * a.shape[2] + k) * a.shape[3] + l)];
}

/// y_nopq = b_o + sum_cuv x_nchw w_ocuv with h = p stride - padding + u dilation.
inline std::vector<double> conv_reference(Array x, Array w, const std::vector<double>& b, const ConvOptions& o) {
    const auto size = [](std::int64_t n, std::int64_t kernel, std::int64_t stride, std::int64_t pad,
                         std::int64_t dilation) { return (n + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1; };
    const std::int64_t O = w.shape[0], Cg = w.shape[1], H = x.shape[2], W = x.shape[3];
    const std::int64_t P = size(H, w.shape[2], o.stride.h, o.padding.h, o.dilation.h);
    const std::int64_t Q = size(W, w.shape[3], o.stride.w, o.padding.w, o.dilation.w);
    std::vector<double> y;
    for (std::int64_t n = 0; n < x.shape[0]; ++n)
        for (std::int64_t k = 0; k < O; ++k)
            for (std::int64_t p = 0; p < P; ++p)
                for (std::int64_t q = 0; q < Q; ++q) {
                    double sum = b.empty() ? 0 : b[static_cast<std::size_t>(k)];
                    for (std::int64_t c = 0; c < Cg; ++c)
                        for (std::int64_t u = 0; u < w.shape[2]; ++u)
                            for (std::int64_t v = 0; v < w.shape[3]; ++v) {
                                const std::int64_t h = p * o.stride.h - o.padding.h + u * o.dilation.h;
                                const std::int64_t l = q * o.stride.w - o.padding.w + v * o.dilation.w;
                                const bool inside = h >= 0 && h < H && l >= 0 && l < W;
                                if (inside) sum += at(x, n, k / (O / o.groups) * Cg + c, h, l) * at(w, k, c, u, v);
                            }
                    y.push_back(sum);
                }
    return y;
}

/// Every pixel (h, l) of x adds x_nchl w_couv to y at h stride - padding + u dilation.
inline std::vector<double> conv_transpose_reference(Array x, Array w, const std::vector<double>& b,
                                                    const ConvTransposeOptions& o) {
    const auto size = [](std::int64_t n, std::int64_t kernel, std::int64_t stride, std::int64_t pad,
                         std::int64_t dilation,
                         std::int64_t more) { return (n - 1) * stride - 2 * pad + dilation * (kernel - 1) + more + 1; };
    const std::int64_t C = x.shape[1], Og = w.shape[1], O = Og * o.groups;
    const std::int64_t P = size(x.shape[2], w.shape[2], o.stride.h, o.padding.h, o.dilation.h, o.output_padding.h);
    const std::int64_t Q = size(x.shape[3], w.shape[3], o.stride.w, o.padding.w, o.dilation.w, o.output_padding.w);
    Array y{{x.shape[0], O, P, Q}, std::vector<double>(static_cast<std::size_t>(x.shape[0] * O * P * Q))};
    for (std::int64_t n = 0; n < x.shape[0]; ++n)
        for (std::int64_t k = 0; k < O; ++k)
            for (std::int64_t p = 0; p < P; ++p)
                for (std::int64_t q = 0; q < Q; ++q) at(y, n, k, p, q) = b.empty() ? 0 : b[static_cast<std::size_t>(k)];
    for (std::int64_t n = 0; n < x.shape[0]; ++n)
        for (std::int64_t c = 0; c < C; ++c)
            for (std::int64_t h = 0; h < x.shape[2]; ++h)
                for (std::int64_t l = 0; l < x.shape[3]; ++l)
                    for (std::int64_t k = 0; k < Og; ++k)
                        for (std::int64_t u = 0; u < w.shape[2]; ++u)
                            for (std::int64_t v = 0; v < w.shape[3]; ++v) {
                                const std::int64_t p = h * o.stride.h - o.padding.h + u * o.dilation.h;
                                const std::int64_t q = l * o.stride.w - o.padding.w + v * o.dilation.w;
                                const bool inside = p >= 0 && p < P && q >= 0 && q < Q;
                                const std::int64_t channel = c / (C / o.groups) * Og + k;
                                if (inside) at(y, n, channel, p, q) += at(x, n, c, h, l) * at(w, c, k, u, v);
                            }
    return y.values;
}

inline OpCase conv_case(const char* name, Input x, Shape w, ConvOptions o = {}, bool bias = true) {
    std::vector<Input> inputs{x, {w}};
    if (bias) inputs.push_back({{w[0]}});
    return {.name = name,
            .inputs = inputs,
            .op = [=](const std::vector<Tensor>& in) { return conv2d(in[0], in[1], bias ? in[2] : Tensor(), o); },
            .reference =
                [=](const std::vector<Array>& in) {
                    return conv_reference(in[0], in[1], bias ? in[2].values : std::vector<double>(), o);
                }};
}

inline OpCase conv_transpose_case(const char* name, Input x, Shape w, ConvTransposeOptions o = {}) {
    return {.name = name,
            .inputs = {x, {w}, {{w[1] * o.groups}}},
            .op = [=](const std::vector<Tensor>& in) { return conv_transpose2d(in[0], in[1], in[2], o); },
            .reference =
                [=](const std::vector<Array>& in) { return conv_transpose_reference(in[0], in[1], in[2].values, o); }};
}

inline OpCase conv1d_case(const char* name, Input x, Shape w, Conv1dOptions o = {}) {
    const auto as_image = [](const Array& a) { return Array{{a.shape[0], a.shape[1], 1, a.shape[2]}, a.values}; };
    const ConvOptions image{{1, o.stride}, {0, o.padding}, {1, o.dilation}, o.groups};
    return {.name = name,
            .inputs = {x, {w}, {{w[0]}}},
            .op = [=](const std::vector<Tensor>& in) { return conv1d(in[0], in[1], in[2], o); },
            .reference =
                [=](const std::vector<Array>& in) {
                    return conv_reference(as_image(in[0]), as_image(in[1]), in[2].values, image);
                }};
}

/// Shapes beyond a tile's rows and a panel's columns, and images that share a tile. Sums of some hundred products.
inline std::vector<OpCase> conv_large_cases() {
    std::vector<OpCase> cases = {
        conv_case("more than a panel", {{3, 17, 9, 10}}, {33, 17, 3, 3}, {.padding = 1}),
        conv_case("images share tiles", {{9, 31, 4, 4}}, {65, 31, 3, 3}, {.padding = 1}),
        conv_case("images share tiles, stride 2", {{9, 5, 7, 5}}, {16, 5, 3, 3}, {.stride = 2, .padding = 1}),
        conv_case("long rows", {{1, 3, 4, 67}}, {32, 3, 3, 3}, {.padding = 1}),
        conv_case("no padding", {{2, 16, 6, 33}}, {32, 16, 3, 3}, {.stride = {1, 2}}),
        conv_case("strips of rows", {{2, 2, 67, 29}}, {3, 2, 2, 3}, {.stride = {3, 1}, .dilation = {2, 1}}),
        conv_case("1x1 of many images", {{17, 5, 3, 4}}, {7, 5, 1, 1}),
        conv_case("groups of 16", {{2, 32, 5, 6}}, {32, 16, 3, 3}, {.padding = 1, .groups = 2}),
        conv_transpose_case("transpose of many", {{3, 17, 8, 9}}, {17, 33, 4, 4}, {.stride = 2, .padding = 1}),
    };
    for (OpCase& c : cases) c.f32_tolerance = 1e-4, c.f64_tolerance = 1e-11, c.twice = false;
    return cases;
}

/// 3x3 kernels with stride 1: tiles of 4 x 4 that fit, and that hang over; vectors of channels, and single ones.
inline std::vector<OpCase> conv_winograd_cases() {
    std::vector<OpCase> cases = {
        conv_case("3x3", {{2, 3, 5, 7}}, {4, 3, 3, 3}, {.padding = 1}),
        conv_case("one tile, no padding", {{1, 16, 6, 6}}, {32, 16, 3, 3}),
        conv_case("more than a panel", {{3, 17, 9, 10}}, {33, 17, 3, 3}, {.padding = 1}),
        conv_case("padding beyond the kernel", {{2, 5, 2, 3}}, {31, 5, 3, 3}, {.padding = {4, 3}}),
        conv_case("one result", {{1, 1, 3, 3}}, {1, 1, 3, 3}),
        conv_case("no images", {{0, 3, 4, 4}}, {2, 3, 3, 3}),
        conv_case("no channels of x", {{1, 0, 4, 4}}, {2, 0, 3, 3}),
        conv_case("no channels of y", {{1, 2, 4, 4}}, {0, 2, 3, 3}),
        conv_case("others go another way", {{2, 6, 7, 5}}, {4, 3, 3, 3}, {.stride = 2, .padding = 1, .groups = 2}),
        conv_transpose_case("transpose", {{2, 3, 6, 7}}, {3, 18, 3, 3}, {.padding = 1}),
        conv_case("stride 2", {{2, 5, 9, 6}}, {3, 5, 3, 3}, {.stride = 2, .padding = 1}),
        conv_transpose_case("transpose, stride 2", {{2, 3, 5, 2}}, {3, 4, 3, 3}, {.stride = 2, .padding = 1}),
    };
    for (OpCase& c : cases) c.f32_tolerance = 2e-4, c.f64_tolerance = 1e-11, c.twice = false;
    return cases;
}

/// Every option and edge. Second derivatives call the same kernels in another order: one case of each kind and those with
/// the most options check them.
inline std::vector<OpCase> conv_cases() {
    std::vector<OpCase> cases = {
        conv_case("3x3", {{2, 3, 5, 7}}, {4, 3, 3, 3}, {.padding = 1}),
        conv_case("no bias", {{2, 3, 5, 4}}, {4, 3, 3, 2}, {}, false),
        conv_case("one of each", {{1, 1, 1, 1}}, {1, 1, 1, 1}),
        conv_case("1x1", {{2, 7, 3, 3}}, {5, 7, 1, 1}),
        conv_case("1x1, stride 2", {{2, 5, 5, 4}}, {3, 5, 1, 1}, {.stride = 2}),
        conv_case("kernel as large as x", {{3, 2, 4, 5}}, {3, 2, 4, 5}),
        conv_case("stride leaves a rest", {{1, 2, 8, 6}}, {3, 2, 3, 3}, {.stride = 2, .padding = 1}),
        conv_case("stride 3 skips pixels", {{1, 2, 8, 7}}, {2, 2, 2, 2}, {.stride = 3}),
        conv_case("all options by pairs", {{2, 2, 7, 9}}, {3, 2, 2, 3},
                  {.stride = {2, 1}, .padding = {1, 3}, .dilation = {3, 2}}),
        conv_case("stride 2, dilation 2", {{1, 2, 7, 7}}, {2, 2, 3, 3}, {.stride = 2, .padding = 2, .dilation = 2}),
        conv_case("padding beyond the kernel", {{1, 1, 2, 3}}, {2, 1, 1, 2}, {.padding = {2, 3}}),
        conv_case("groups", {{2, 6, 4, 5}}, {4, 3, 3, 3}, {.padding = 1, .groups = 2}),
        conv_case("depthwise", {{2, 5, 5, 4}}, {5, 1, 3, 3}, {.padding = 1, .groups = 5}),
        conv_case("depthwise, stride 2", {{1, 17, 5, 6}}, {17, 1, 3, 2}, {.stride = 2, .padding = 1, .groups = 17}),
        conv_case("depthwise, vectors and single channels", {{1, 83, 5, 4}}, {83, 1, 3, 3},
                  {.padding = {1, 0}, .groups = 83}),
        conv_case("two outputs a channel", {{2, 3, 4, 4}}, {6, 1, 3, 3}, {.padding = 1, .groups = 3}),
        conv_case("no images", {{0, 3, 4, 4}}, {2, 3, 3, 3}),
        conv_case("no channels of x", {{1, 0, 4, 4}}, {2, 0, 3, 3}),
        conv_case("no channels of y", {{1, 2, 4, 4}}, {0, 2, 3, 3}),
        conv_case("transposed", {{1, 2, 4, 5}, Layout::transposed}, {2, 2, 3, 3}, {.padding = 1}),
        conv_case("gaps", {{1, 2, 4, 5}, Layout::gaps}, {2, 2, 3, 3}, {.padding = 1}),
        conv_case("broadcast", {{3, 2, 4, 4}, Layout::broadcast}, {2, 2, 3, 3}),
        conv1d_case("conv1d", {{2, 3, 11}}, {4, 3, 3}, {.stride = 2, .padding = 2, .dilation = 2}),
        conv1d_case("conv1d, groups", {{3, 4, 7}}, {2, 2, 4}, {.padding = 1, .groups = 2}),
        conv_transpose_case("transpose", {{2, 3, 3, 4}}, {3, 2, 3, 3}),
        conv_transpose_case("transpose, stride 2", {{1, 4, 3, 5}}, {4, 3, 4, 4}, {.stride = 2, .padding = 1}),
        conv_transpose_case(
            "transpose, all options", {{2, 4, 3, 2}}, {4, 3, 3, 2},
            {.stride = {2, 3}, .padding = {1, 0}, .output_padding = {1, 2}, .dilation = {2, 1}, .groups = 2}),
        conv_transpose_case("transpose, stride beyond the kernel", {{1, 2, 3, 3}}, {2, 1, 2, 2}, {.stride = 3}),
        conv_transpose_case("transpose, no images", {{0, 2, 3, 3}}, {2, 3, 2, 2}),
    };
    for (OpCase& c : cases) {
        c.twice = c.name.find("options") != std::string::npos || c.name == "no bias" || c.name == "groups" ||
                  c.name == "depthwise" || c.name == "conv1d" || c.name == "no images" || c.name == "gaps";
    }
    return cases;
}

}  // namespace vitrine::testing
