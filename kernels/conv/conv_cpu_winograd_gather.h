// What the two orders of Winograd's gather share (conv_cpu_winograd.cpp, and conv_cpu_winograd_wide.cpp for many
// channels).
#pragma once

#include "conv_cpu_gather.h"
#include "conv_cpu_gemm.h"
#include "conv_cpu_winograd.h"

namespace vitrine::kernels {

constexpr std::int64_t winograd_turned_channels = 16;  ///< of the source, whose kernels are turned round at a time
constexpr std::int64_t winograd_turned_elements = 9 * winograd_turned_channels * conv_panel;

/// A gather by Winograd's convolution.
template <class T>
struct WinogradGather {
    ConvGather g;
    WinogradTiles tiles;
    std::int64_t lines;    ///< points of a tile, along each side
    std::int64_t results;  ///< of a tile, along each side: 4 or 8
    void (*to_points)(const WinogradImages<T>& images, const WinogradTiles& tiles, Range range,
                      void (*transform)(const T* const*, std::int64_t, T*, std::int64_t), const T* zeros, T* points,
                      std::int64_t tile, std::int64_t point);
    void (*patch)(const T* const* d, std::int64_t channels, T* v, std::int64_t v_point);
    void (*kernel)(const T* g, std::int64_t g_tap, std::int64_t channels, T* u, std::int64_t u_point);
    void (*result)(const T* m, std::int64_t m_point, std::int64_t channels, const T* bias, T* const* y);

    std::int64_t points() const { return lines * lines; }
    bool empty() const { return g.N * g.rows.results * g.columns.results * g.K == 0; }
};

/// The kernels from the source's `channels` to 32 results from k0 on in points, [point][channel][32] with zeros beyond
/// the last result. `turned`: room for winograd_turned_elements.
template <class T>
void winograd_kernels(const T* w, const WinogradGather<T>& f, std::int64_t k0, Range channels, T* turned, T* u,
                      std::int64_t u_point) {
    static const auto turn = winograd_transforms<T>().turn;
    constexpr std::int64_t ahead = 4;  // channels: their kernels come from far
    const ConvGather& g = f.g;
    const std::int64_t columns = std::min(conv_panel, g.K - k0);
    if (columns < conv_panel)
        for (std::int64_t point = 0; point < winograd_points; ++point)
            std::fill_n(u + point * u_point, (channels.end - channels.begin) * conv_panel, T(0));
    for (std::int64_t c0 = channels.begin; c0 < channels.end; c0 += winograd_turned_channels) {
        const std::int64_t c1 = std::min(c0 + winograd_turned_channels, channels.end);
        if (g.transposed) {
            for (std::int64_t tap = 0; tap < 9; ++tap) {
                const T* const from = w + (g.element(tap / 3, tap % 3) * g.K + k0) * g.C;
                for (std::int64_t k = 0; k < columns && c1 < g.C; ++k) __builtin_prefetch(from + k * g.C + c1);
                turn(from + c0, g.C, columns, c1 - c0, turned + tap * winograd_turned_channels * conv_panel,
                     conv_panel);
            }
        }
        for (std::int64_t c = c0; c < c1; ++c) {
            for (std::int64_t tap = 0; tap < 9 && !g.transposed && c + ahead < g.C; ++tap)
                for (std::int64_t k = 0; k < columns; k += 64 / static_cast<std::int64_t>(sizeof(T)))
                    __builtin_prefetch(w + (tap * g.C + c + ahead) * g.K + k0 + k);
            const T* const taps = g.transposed ? turned + (c - c0) * conv_panel : w + c * g.K + k0;
            const std::int64_t tap = g.transposed ? winograd_turned_channels * conv_panel : g.C * g.K;
            f.kernel(taps, tap, columns, u + (c - channels.begin) * conv_panel, u_point);
        }
    }
}

/// M of a block of tiles, [point][tile][result], back in pixels, for some results. `outside`: room for a pixel of them.
template <class T>
void winograd_results(const T* m, std::int64_t m_tile, std::int64_t m_point, const WinogradGather<T>& f, Range tiles,
                      Range results, const T* bias, T* outside, T* out) {
    const std::int64_t P = f.g.rows.results, Q = f.g.columns.results, K = f.g.K, k0 = results.begin;
    for (std::int64_t t = tiles.begin; t < tiles.end; ++t) {
        T* const image = out + f.tiles.image(t) * P * Q * K + k0;
        T* pixels[64];
        if (f.results == 4)
            winograd_pixels<4>(image, P, Q, K, f.tiles.p0(t), f.tiles.q0(t), outside, pixels);
        else
            winograd_pixels<8>(image, P, Q, K, 2 * f.tiles.p0(t), 2 * f.tiles.q0(t), outside, pixels);
        f.result(m + (t - tiles.begin) * m_tile, m_point, results.end - k0, bias ? bias + k0 : nullptr, pixels);
    }
}

/// For many channels (conv_cpu_winograd_wide.cpp).
template <class T>
std::size_t winograd_wide_bytes(const WinogradGather<T>& f);
template <class T>
void winograd_wide(const T* in, const T* w, const T* bias, T* out, const WinogradGather<T>& f, ConvWorkspace ws);

}  // namespace vitrine::kernels
