// Forward and backward for data by Winograd's convolution (conv_cpu_winograd.h), both as a gather (conv_cpu_gather.h).
//
//   1. U: the kernels of all pairs of channels in points, [point][panel of 32 results][channel][32], once a call
//   2. for each block of tiles:    V = patches in points     [point][tile][channel]
//                                  M = V U for each point    [point][tile][result]
//                                  y = M back in pixels, + bias
//
// A block has so many tiles that V and M stay in the second-level cache, and so few that U is not read too often. Each
// result is one tile's, and a tile's numbers do not depend on its block: whoever computes it gets the same bits.
#include "conv_cpu_winograd.h"
#include "conv_cpu.h"
#include "conv_cpu_winograd_gather.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

std::int64_t divided_up(std::int64_t n, std::int64_t by) { return (n + by - 1) / by; }
std::size_t whole_lines(std::int64_t elements, std::size_t size) {
    return (static_cast<std::size_t>(elements) * size + 63) / 64 * 64;
}

struct Plan {
    WinogradTiles tiles;
    std::int64_t block;   // tiles at a time, at most
    std::int64_t panels;  // of the results' channels
    std::int64_t v_tile, m_tile, v_point, m_point, u_panel, u_point;
    int parts;
    std::size_t u_bytes, part_bytes;

    std::size_t bytes() const { return u_bytes + part_bytes * static_cast<std::size_t>(parts); }
};

template <class T>
Plan plan_for(const ConvGather& g) {
    Plan p{};
    p.tiles = winograd_tiles(g.N, g.rows.results, g.columns.results);
    const std::int64_t bytes_a_tile = winograd_points * static_cast<std::int64_t>(sizeof(T)) * (g.C + g.K);
    constexpr std::int64_t block_bytes = 512 * 1024, block_least = 28;
    p.block = std::max<std::int64_t>(block_least, block_bytes / bytes_a_tile);
    p.block = std::min(p.block, p.tiles.count());
    p.panels = divided_up(g.K, conv_panel);
    p.v_tile = winograd_row(g.C), p.m_tile = winograd_row(g.K);
    p.v_point = p.block * p.v_tile + 16, p.m_point = p.block * p.m_tile + 16;
    p.u_panel = g.C * conv_panel, p.u_point = p.panels * p.u_panel + 16;
    p.u_bytes = whole_lines(winograd_points * p.u_point, sizeof(T));
    // V, M, one pixel of zeros, one for results outside of the image, some kernels turned round
    const std::int64_t turned = winograd_turned_elements;
    p.part_bytes = whole_lines(winograd_points * (p.v_point + p.m_point) + p.v_tile + p.m_tile + turned, sizeof(T));
    constexpr double products_a_step = 16;
    p.parts = parts_for(p.tiles.count(), double(winograd_points) * double(g.C) * double(g.K) / products_a_step);
    return p;
}

// What a thread works with.
template <class T>
struct Part {
    T *v, *m, *zeros, *outside, *turned;

    Part(const Plan& p, void* memory, int i) {
        v = reinterpret_cast<T*>(static_cast<char*>(memory) + p.u_bytes + p.part_bytes * static_cast<std::size_t>(i));
        m = v + winograd_points * p.v_point;
        zeros = m + winograd_points * p.m_point;
        outside = zeros + p.v_tile;
        turned = outside + p.m_tile;
    }
};

// The kernels of some channels of the source for one panel of results: units count them panel by panel.
std::int64_t kernel_units(const ConvGather& g, const Plan& p) {
    return p.panels * divided_up(g.C, winograd_turned_channels);
}

template <class T>
void kernels_to_points(const T* w, T* u, const ConvGather& g, const Plan& p, Range units, T* turned) {
    const std::int64_t groups = divided_up(g.C, winograd_turned_channels);
    for (std::int64_t unit = units.begin; unit < units.end; ++unit) {
        const std::int64_t panel = unit / groups, c0 = unit % groups * winograd_turned_channels;
        const Range channels{c0, std::min(c0 + winograd_turned_channels, g.C)};
        winograd_kernels(w, g, panel * conv_panel, channels, turned, u + panel * p.u_panel + c0 * conv_panel,
                         p.u_point);
    }
}

template <class T>
void gather_tiles(const T* in, const T* u, const T* bias, T* out, const ConvGather& g, const Plan& p, Range range,
                  const Part<T>& part) {
    const WinogradTransforms<T>& transforms = winograd_transforms<T>();
    static const ConvTilesFunction<T> multiply = conv_tiles<T>();
    std::fill(part.zeros, part.zeros + p.v_tile, T(0));
    const WinogradImages<T> images{in, g.rows.source, g.columns.source, g.C, g.C, g.rows.first, g.columns.first};
    const std::int64_t P = g.rows.results, Q = g.columns.results;
    const std::int64_t blocks = std::max<std::int64_t>(1, divided_up(range.end - range.begin, p.block));
    for (std::int64_t b = 0; b < blocks; ++b) {
        const std::int64_t t0 = range.begin + (range.end - range.begin) * b / blocks;
        const std::int64_t t1 = range.begin + (range.end - range.begin) * (b + 1) / blocks;
        winograd_to_points<6>(images, p.tiles, {t0, t1}, transforms.patch, part.zeros, part.v, p.v_tile, p.v_point);
        const ConvRun run{0, 0};
        ConvTiles<T> x{};
        x.M = t1 - t0, x.N = g.K;
        x.runs = &run, x.run_count = 1, x.run_length = g.C;
        x.a_row = p.v_tile, x.a_col = 1;
        x.b_row = conv_panel, x.b_panel = p.u_panel;
        x.c_row = 0, x.c_block = p.m_tile, x.block = 1;
        for (std::int64_t point = 0; point < winograd_points; ++point) {
            x.a = part.v + point * p.v_point;
            x.b = u + point * p.u_point;
            x.c = part.m + point * p.m_point;
            multiply(x);
        }
        for (std::int64_t t = t0; t < t1; ++t) {
            T* pixels[16];
            winograd_pixels<4>(out + p.tiles.image(t) * P * Q * g.K, P, Q, g.K, p.tiles.p0(t), p.tiles.q0(t),
                               part.outside, pixels);
            transforms.result(part.m + (t - t0) * p.m_tile, p.m_point, g.K, bias, pixels);
        }
    }
}

template <class T>
void gather(const T* in, const T* w, const T* bias, T* out, const ConvGather& g, ConvWorkspace ws) {
    if (g.N * g.rows.results * g.columns.results * g.K == 0) return;
    if (winograd_is_wide<T>(g)) return winograd_wide(in, w, bias, out, g, ws);
    const Plan p = plan_for<T>(g);
    T* const u = static_cast<T*>(ws.data);
    // The number of threads may have grown since the workspace was asked for.
    const int parts = static_cast<int>(
        std::min<std::size_t>(static_cast<std::size_t>(p.parts), (ws.bytes - p.u_bytes) / p.part_bytes));
    const std::int64_t units = kernel_units(g, p), tiles = p.tiles.count();
    if (parts == 1) {
        const Part<T> part(p, ws.data, 0);
        kernels_to_points(w, u, g, p, {0, units}, part.turned);
        return gather_tiles(in, u, bias, out, g, p, {0, tiles}, part);
    }
#pragma omp parallel num_threads(parts)
    {
#pragma omp for
        for (int i = 0; i < parts; ++i)
            kernels_to_points(w, u, g, p, share(units, i, parts), Part<T>(p, ws.data, i).turned);
#pragma omp for
        for (int i = 0; i < parts; ++i)
            gather_tiles(in, u, bias, out, g, p, share(tiles, i, parts), Part<T>(p, ws.data, i));
    }
}

template <class T>
std::size_t workspace_bytes(const ConvGather& g) {
    if (g.N * g.rows.results * g.columns.results * g.K == 0) return 0;
    return winograd_is_wide<T>(g) ? winograd_wide_bytes<T>(g) : plan_for<T>(g).bytes();
}

template <class T>
WinogradTransforms<T> chosen_transforms() {
    WinogradTransforms<T> t{};
#if defined(__x86_64__)
    if (isa() == Isa::avx512) return winograd_avx512(t), t;
    if (isa() == Isa::avx2) return winograd_avx2(t), t;
#endif
    return winograd_generic(t), t;
}

}  // namespace

template <class T>
const WinogradTransforms<T>& winograd_transforms() {
    static const WinogradTransforms<T> chosen = chosen_transforms<T>();
    return chosen;
}

template <class T>
std::size_t conv_forward_winograd_bytes(const ConvShape& s) {
    return workspace_bytes<T>(conv_gather_forward(s));
}

template <class T>
std::size_t conv_backward_data_winograd_bytes(const ConvShape& s) {
    return workspace_bytes<T>(conv_gather_backward_data(s, 0, 0));
}

template <class T>
void conv_forward_winograd(const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws) {
    gather(x, w, bias, y, conv_gather_forward(s), ws);
}

template <class T>
void conv_backward_data_winograd(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace ws) {
    gather(dy, w, bias, dx, conv_gather_backward_data(s, 0, 0), ws);
}

template const WinogradTransforms<float>& winograd_transforms();
template const WinogradTransforms<double>& winograd_transforms();
template std::size_t conv_forward_winograd_bytes<float>(const ConvShape&);
template std::size_t conv_forward_winograd_bytes<double>(const ConvShape&);
template std::size_t conv_backward_data_winograd_bytes<float>(const ConvShape&);
template std::size_t conv_backward_data_winograd_bytes<double>(const ConvShape&);
template void conv_forward_winograd(const float*, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_forward_winograd(const double*, const double*, const double*, double*, const ConvShape&,
                                    ConvWorkspace);
template void conv_backward_data_winograd(const float*, const float*, const float*, float*, const ConvShape&,
                                          ConvWorkspace);
template void conv_backward_data_winograd(const double*, const double*, const double*, double*, const ConvShape&,
                                          ConvWorkspace);

}  // namespace vitrine::kernels
