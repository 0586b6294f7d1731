// What the two orders of Winograd's gather share (conv_cpu_winograd.cpp, and conv_cpu_winograd_wide.cpp for many
// channels).
#pragma once

#include "conv_cpu_gather.h"
#include "conv_cpu_gemm.h"
#include "conv_cpu_winograd.h"

namespace vitrine::kernels {

constexpr std::int64_t winograd_turned_channels = 16;  ///< of the source, whose kernels are turned round at a time
constexpr std::int64_t winograd_turned_elements = 9 * winograd_turned_channels * conv_panel;

/// The kernels from the source's `channels` to 32 results from k0 on in points, [point][channel][32] with zeros beyond
/// the last result. `turned`: room for winograd_turned_elements.
template <class T>
void winograd_kernels(const T* w, const ConvGather& g, std::int64_t k0, Range channels, T* turned, T* u,
                      std::int64_t u_point) {
    const WinogradTransforms<T>& transforms = winograd_transforms<T>();
    const std::int64_t columns = std::min(conv_panel, g.K - k0);
    if (columns < conv_panel)
        for (std::int64_t point = 0; point < winograd_points; ++point)
            std::fill_n(u + point * u_point, (channels.end - channels.begin) * conv_panel, T(0));
    for (std::int64_t c0 = channels.begin; c0 < channels.end; c0 += winograd_turned_channels) {
        const std::int64_t c1 = std::min(c0 + winograd_turned_channels, channels.end);
        if (g.transposed) {
            for (std::int64_t tap = 0; tap < 9; ++tap) {
                const T* const from = w + (g.element(tap / 3, tap % 3) * g.K + k0) * g.C;
                for (std::int64_t k = 0; k < columns; ++k)
                    for (std::int64_t c = c0; c < c1; ++c)
                        turned[(tap * winograd_turned_channels + c - c0) * conv_panel + k] = from[k * g.C + c];
            }
        }
        for (std::int64_t c = c0; c < c1; ++c) {
            const T* const taps = g.transposed ? turned + (c - c0) * conv_panel : w + c * g.K + k0;
            const std::int64_t tap = g.transposed ? winograd_turned_channels * conv_panel : g.C * g.K;
            transforms.kernel(taps, tap, columns, u + (c - channels.begin) * conv_panel, u_point);
        }
    }
}

/// Whether the kernels in points would be too many for the cache.
template <class T>
bool winograd_is_wide(const ConvGather& g) {
    constexpr std::int64_t u_bytes_most = std::int64_t{16} << 20;
    return winograd_points * g.C * g.K * static_cast<std::int64_t>(sizeof(T)) > u_bytes_most;
}
template <class T>
std::size_t winograd_wide_bytes(const ConvGather& g);
template <class T>
void winograd_wide(const T* in, const T* w, const T* bias, T* out, const ConvGather& g, ConvWorkspace ws);

}  // namespace vitrine::kernels
