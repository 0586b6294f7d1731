// Chooses the algorithm. With Isa::naive that is the formula, one step from here.
#include "conv_cpu.h"

#include <algorithm>
#include <type_traits>

#include "conv_bf16.h"
#include "conv_cpu_winograd.h"
#include "vitrine/kernels/base/isa.h"

namespace vitrine::kernels {

namespace {

enum class Way { direct, gemm, winograd, depthwise, strided };

// A canvas holds all columns between the first and the last that meet a row of y, used or not: with a stride or padding
// far beyond the image that would be memory for nothing.
bool canvas_is_small(const ConvShape& s) {
    constexpr double elements_most = 64 << 20, images_most = 28;
    const double rows = double((s.U - 1) * s.dilation_h + 1);
    const double columns = double((s.Q - 1) * s.stride_w + (s.V - 1) * s.dilation_w + 1);
    return rows * columns * double(s.Cg()) * std::min(double(s.N), images_most) <= elements_most;
}

bool winograd_can(const ConvShape& s) {
    const bool plain = s.stride_h == 1 && s.stride_w == 1;
    const bool strided = s.stride_h == 2 && s.stride_w == 2 && s.pad_h == 1 && s.pad_w == 1;
    return s.U == 3 && s.V == 3 && s.G == 1 && s.dilation_h == 1 && s.dilation_w == 1 && (plain || strided);
}

// Where it measures faster than the implicit GEMM, forward and backward, on one core of a Zen 5 with AVX-512. The ratio
// of their times with stride 1: 1.1 to 2.8 from 16 channels up, 1.1 to 2.0 where tiles hang over to 3/4 (7 x 7
// results), about 1 at 5 x 5; and for 64 to 512 channels 0.8 to 1.4 with 4 tiles in all, which do not pay for the
// kernels' transforms, 1.3 to 2.5 with 8 and 16. With stride 2 1.1 to 1.4 from 16 channels up, 0.6 to 1.3 with 8 tiles.
// In f64 one wants the digits.
template <class T>
bool winograd_pays(const ConvShape& s) {
    constexpr std::int64_t least_channels = 16;
    const std::int64_t least_tiles = s.stride_h == 1 ? 8 : 32;
    const WinogradTiles tiles = winograd_tiles(s.N, s.P, s.Q);
    const bool filled = 16 * tiles.rows * tiles.columns * 3 <= s.P * s.Q * 4;
    return std::is_same_v<T, float> && winograd_can(s) && std::min(s.C, s.O) >= least_channels && filled &&
           tiles.count() >= least_tiles;
}

// On one core of a Zen 5, forward 1.6 times as fast at 64 to 128 channels and 32 x 32, 1.15 at 256 to 512 and 8 x 8.
bool strided_pays(const ConvShape& s) {
    constexpr std::int64_t least_channels = 16, least_pixels = 64;
    return s.U == 1 && s.V == 1 && s.G == 1 && s.pad_h == 0 && s.pad_w == 0 && (s.stride_h > 1 || s.stride_w > 1) &&
           std::min(s.C, s.O) >= least_channels && s.N * s.P * s.Q >= least_pixels;
}

template <class T>
Way way_for(const ConvShape& s, Isa with = isa()) {
    switch (s.algorithm) {
        case ConvAlgorithm::direct: return Way::direct;
        case ConvAlgorithm::implicit_gemm: return Way::gemm;
        case ConvAlgorithm::winograd:
            if (winograd_can(s)) return Way::winograd;
            break;
        case ConvAlgorithm::automatic: break;
    }
    if (with == Isa::naive) return Way::direct;
    if (s.G > 1 && s.G == s.C && s.G == s.O) return Way::depthwise;
    if (winograd_pays<T>(s)) return Way::winograd;
    if (strided_pays(s)) return Way::strided;
    return canvas_is_small(s) ? Way::gemm : Way::direct;
}

// Twice the rate of the implicit GEMM, unless the factors' pairs are too few: neighbouring channels with the taps of a
// kernel's row beside them, or the images of a batch.
bool pairs_pay(const ConvShape& s, ConvPass pass) {
    const bool weight = pass == ConvPass::backward_weight;
    const std::int64_t channels = pass == ConvPass::backward_data ? s.Og() : s.Cg();
    return s.N * s.P * s.Q >= 32 && (weight ? s.N >= 2 : channels * s.V >= 16);
}

template <class T>
bool rounds(const ConvShape& s, ConvPass pass) {
    return std::is_same_v<T, float> && s.bf16_factors && conv_bf16_pays(s, pass);
}

}  // namespace

bool conv_bf16_pays(const ConvShape& s, ConvPass pass) {
    // With stride 2 Winograd's algorithm saves less than half of the products.
    const bool saves_less = s.algorithm == ConvAlgorithm::automatic && s.stride_h == 2;
    const Way way = way_for<float>(s, Isa::generic);
    return (way == Way::gemm || way == Way::strided || (way == Way::winograd && saves_less)) && pairs_pay(s, pass);
}

template <class T>
std::size_t conv_forward_workspace_bytes(Cpu on, const ConvShape& s) {
    if (rounds<T>(s, ConvPass::forward)) return conv_forward_bf16_workspace_bytes(on, s);
    switch (way_for<T>(s)) {
        case Way::gemm: return conv_forward_gemm_bytes<T>(s);
        case Way::winograd: return conv_forward_winograd_bytes<T>(s);
        case Way::strided: return conv_forward_strided_bytes<T>(s);
        case Way::direct:
        case Way::depthwise: return 0;
    }
    return 0;
}

template <class T>
std::size_t conv_backward_data_workspace_bytes(Cpu on, const ConvShape& s) {
    if (rounds<T>(s, ConvPass::backward_data)) return conv_backward_data_bf16_workspace_bytes(on, s);
    switch (way_for<T>(s)) {
        case Way::gemm: return conv_backward_data_gemm_bytes<T>(s);
        case Way::winograd: return conv_backward_data_winograd_bytes<T>(s);
        case Way::strided: return conv_backward_data_strided_bytes<T>(s);
        case Way::direct:
        case Way::depthwise: return 0;
    }
    return 0;
}

template <class T>
std::size_t conv_backward_weight_workspace_bytes(Cpu on, const ConvShape& s) {
    if (rounds<T>(s, ConvPass::backward_weight)) return conv_backward_weight_bf16_workspace_bytes(on, s);
    switch (way_for<T>(s)) {
        case Way::direct: return 0;
        case Way::strided:  // nothing is gained
        case Way::gemm: return conv_backward_weight_gemm_bytes<T>(s);
        case Way::winograd: return conv_backward_weight_winograd_bytes<T>(s);
        case Way::depthwise: return conv_backward_weight_depthwise_bytes<T>(s);
    }
    return 0;
}

template <class T>
void conv_forward(Cpu on, const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws) {
    if (isa() == Isa::naive && s.algorithm == ConvAlgorithm::automatic && !s.bf16_factors) return conv_forward_pixels(x, w, bias, y, s, {0, s.N * s.P * s.Q});
    if constexpr (std::is_same_v<T, float>)
        if (rounds<T>(s, ConvPass::forward)) return conv_forward_bf16(on, x, w, bias, y, s, ws);
    switch (way_for<T>(s)) {
        case Way::direct: return conv_forward_direct(x, w, bias, y, s);
        case Way::gemm: return conv_forward_gemm(x, w, bias, y, s, ws);
        case Way::winograd: return conv_forward_winograd(x, w, bias, y, s, ws);
        case Way::strided: return conv_forward_strided(x, w, bias, y, s, ws);
        case Way::depthwise: return conv_forward_depthwise(x, w, bias, y, s);
    }
}

template <class T>
void conv_backward_data(Cpu on, const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace ws) {
    if (isa() == Isa::naive && s.algorithm == ConvAlgorithm::automatic && !s.bf16_factors) return conv_backward_data_pixels(dy, w, bias, dx, s, {0, s.N * s.H * s.W});
    if constexpr (std::is_same_v<T, float>)
        if (rounds<T>(s, ConvPass::backward_data)) return conv_backward_data_bf16(on, dy, w, bias, dx, s, ws);
    switch (way_for<T>(s)) {
        case Way::direct: return conv_backward_data_direct(dy, w, bias, dx, s);
        case Way::gemm: return conv_backward_data_gemm(dy, w, bias, dx, s, ws);
        case Way::winograd: return conv_backward_data_winograd(dy, w, bias, dx, s, ws);
        case Way::strided: return conv_backward_data_strided(dy, w, bias, dx, s, ws);
        case Way::depthwise: return conv_backward_data_depthwise(dy, w, bias, dx, s);
    }
}

template <class T>
void conv_backward_weight(Cpu on, const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    if (isa() == Isa::naive && s.algorithm == ConvAlgorithm::automatic && !s.bf16_factors) return conv_backward_weight_rows(x, dy, dw, s, {0, s.U * s.V * s.Cg()});
    if constexpr (std::is_same_v<T, float>)
        if (rounds<T>(s, ConvPass::backward_weight)) return conv_backward_weight_bf16(on, x, dy, dw, s, ws);
    switch (way_for<T>(s)) {
        case Way::direct: return conv_backward_weight_direct(x, dy, dw, s);
        case Way::strided:
        case Way::gemm: return conv_backward_weight_gemm(x, dy, dw, s, ws);
        case Way::winograd: return conv_backward_weight_winograd(x, dy, dw, s, ws);
        case Way::depthwise: return conv_backward_weight_depthwise(x, dy, dw, s, ws);
    }
}

template std::size_t conv_forward_workspace_bytes<float>(Cpu, const ConvShape&);
template std::size_t conv_forward_workspace_bytes<double>(Cpu, const ConvShape&);
template std::size_t conv_backward_data_workspace_bytes<float>(Cpu, const ConvShape&);
template std::size_t conv_backward_data_workspace_bytes<double>(Cpu, const ConvShape&);
template std::size_t conv_backward_weight_workspace_bytes<float>(Cpu, const ConvShape&);
template std::size_t conv_backward_weight_workspace_bytes<double>(Cpu, const ConvShape&);
template void conv_forward(Cpu, const float*, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_forward(Cpu, const double*, const double*, const double*, double*, const ConvShape&, ConvWorkspace);
template void conv_backward_data(Cpu, const float*, const float*, const float*, float*, const ConvShape&,
                                 ConvWorkspace);
template void conv_backward_data(Cpu, const double*, const double*, const double*, double*, const ConvShape&,
                                 ConvWorkspace);
template void conv_backward_weight(Cpu, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_backward_weight(Cpu, const double*, const double*, double*, const ConvShape&, ConvWorkspace);

}  // namespace vitrine::kernels
