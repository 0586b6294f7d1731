// Forward and backward for data by Winograd's convolution (conv_cpu_winograd.h), both as a gather (conv_cpu_gather.h).
//
//   1. U: the kernels of all pairs of channels in points, [group of panels][point][panel of 32 results][channel][32],
//   once
//   2. for each block of tiles:    V = patches in points     [point][tile][channel]
//          for each group:         M = V U for each point    [point][tile][result]
//                                  y = M back in pixels, + bias
//
// A block has so many tiles that V and M stay in the second-level cache, and so few that U is not read too often. Each
// result is one tile's, and a tile's numbers do not depend on its block: whoever computes it gets the same bits. With
// many channels U does not fit into any cache: conv_cpu_winograd_wide.cpp.
#include "conv_cpu_winograd.h"
#include "conv_cpu.h"
#include "conv_cpu_winograd_gather.h"
#include "conv_cpu_space.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

struct Plan {
    std::int64_t tiles;
    std::int64_t block;   // tiles at a time, at most
    std::int64_t panels;  // of the results' channels
    std::int64_t group;   // of panels at a time
    std::int64_t v_tile, m_tile, v_point, m_point, u_panel, u_point, u_group;
    int parts;
    std::size_t u_bytes, part_bytes;

    std::size_t bytes() const { return u_bytes + part_bytes * static_cast<std::size_t>(parts); }
};

template <class T>
Plan plan_for(const WinogradGather<T>& f) {
    const ConvGather& g = f.g;
    Plan p{};
    p.tiles = f.tiles.count();
    p.panels = divided_up(g.K, conv_panel);
    // With 81 points a panel at a time leaves room for more tiles; with 36 all of them measure a few per cent better.
    p.group = f.lines == winograd_kernel_lines ? p.panels : 1;
    p.m_tile = p.group * conv_panel;
    const std::int64_t bytes_a_tile = f.points() * static_cast<std::int64_t>(sizeof(T)) * (g.C + p.m_tile);
    constexpr std::int64_t block_bytes = 512 * 1024, block_least = 28;
    p.block = std::min(std::max<std::int64_t>(block_least, block_bytes / bytes_a_tile), p.tiles);
    p.v_tile = winograd_row(g.C);
    p.v_point = p.block * p.v_tile + 16, p.m_point = p.block * p.m_tile + 16;
    p.u_panel = g.C * conv_panel, p.u_point = p.group * p.u_panel + 16, p.u_group = winograd_points * p.u_point;
    p.u_bytes = whole_lines(divided_up(p.panels, p.group) * p.u_group, sizeof(T));
    // V, M, one pixel of zeros, one for results outside of the image, some kernels turned round
    p.part_bytes =
        whole_lines(f.points() * (p.v_point + p.m_point) + p.v_tile + p.m_tile + winograd_turned_elements, sizeof(T));
    constexpr double products_a_step = 16;
    p.parts = parts_for(p.tiles, double(f.points()) * double(g.C) * double(g.K) / products_a_step);
    return p;
}

// What a thread works with.
template <class T>
struct Part {
    T *v, *m, *zeros, *outside, *turned;

    Part(const Plan& p, std::int64_t points, void* memory, int i) {
        v = reinterpret_cast<T*>(static_cast<char*>(memory) + p.u_bytes + p.part_bytes * static_cast<std::size_t>(i));
        m = v + points * p.v_point;
        zeros = m + points * p.m_point;
        outside = zeros + p.v_tile;
        turned = outside + p.m_tile;
    }
};

// The kernels of some channels of the source for one panel of results: units count them panel by panel.
std::int64_t kernel_units(const ConvGather& g, const Plan& p) {
    return p.panels * divided_up(g.C, winograd_turned_channels);
}

template <class T>
void kernels_to_points(const T* w, T* u, const WinogradGather<T>& f, const Plan& p, Range units, T* turned) {
    const std::int64_t groups = divided_up(f.g.C, winograd_turned_channels);
    for (std::int64_t unit = units.begin; unit < units.end; ++unit) {
        const std::int64_t panel = unit / groups, c0 = unit % groups * winograd_turned_channels;
        const Range channels{c0, std::min(c0 + winograd_turned_channels, f.g.C)};
        T* const to = u + panel / p.group * p.u_group + panel % p.group * p.u_panel + c0 * conv_panel;
        winograd_kernels(w, f, panel * conv_panel, channels, turned, to, p.u_point);
    }
}

// y of some panels of results from k0 on: M = V U for each point, and back in pixels.
template <class T>
void gather_panels(const T* u, const T* bias, T* out, const WinogradGather<T>& f, const Plan& p, Range tiles,
                   std::int64_t k0, const Part<T>& part) {
    static const ConvTilesFunction<T> multiply = conv_tiles<T>();
    const Range results{k0, std::min(k0 + p.m_tile, f.g.K)};
    const ConvRun run{0, 0};
    ConvTiles<T> x{};
    x.M = tiles.end - tiles.begin, x.N = results.end - k0;
    x.runs = &run, x.run_count = 1, x.run_length = f.g.C;
    x.a_row = p.v_tile, x.a_col = 1;
    x.b_row = conv_panel, x.b_panel = p.u_panel;
    x.c_block = p.m_tile, x.block = 1;
    for (std::int64_t point = 0; point < f.points(); ++point) {
        x.a = part.v + point * p.v_point;
        x.b = u + k0 / p.m_tile * p.u_group + winograd_kernel_point(point, f.lines) * p.u_point;
        x.c = part.m + point * p.m_point;
        multiply(x);
    }
    winograd_results(part.m, p.m_tile, p.m_point, f, tiles, results, bias, part.outside, out);
}

template <class T>
void gather_tiles(const T* in, const T* u, const T* bias, T* out, const WinogradGather<T>& f, const Plan& p,
                  Range range, const Part<T>& part) {
    const ConvGather& g = f.g;
    std::fill(part.zeros, part.zeros + p.v_tile, T(0));
    const WinogradImages<T> images{in, g.rows.source, g.columns.source, g.C, g.C, g.rows.first, g.columns.first};
    const std::int64_t blocks = divided_up(range.end - range.begin, p.block);
    for (std::int64_t b = 0; b < blocks; ++b) {
        const Range tiles{range.begin + (range.end - range.begin) * b / blocks,
                          range.begin + (range.end - range.begin) * (b + 1) / blocks};
        f.to_points(images, f.tiles, tiles, f.patch, part.zeros, part.v, p.v_tile, p.v_point);
        for (std::int64_t k0 = 0; k0 < g.K; k0 += p.m_tile) gather_panels(u, bias, out, f, p, tiles, k0, part);
    }
}

template <class T>
void gather_blocks(const T* in, const T* w, const T* bias, T* out, const WinogradGather<T>& f, ConvWorkspace ws) {
    const Plan p = plan_for(f);
    T* const u = static_cast<T*>(ws.data);
    const int parts = parts_with_space(p.parts, ws, p.u_bytes, p.part_bytes);
    const std::int64_t units = kernel_units(f.g, p);
    if (parts == 1) {
        const Part<T> part(p, f.points(), ws.data, 0);
        kernels_to_points(w, u, f, p, {0, units}, part.turned);
        return gather_tiles(in, u, bias, out, f, p, {0, p.tiles}, part);
    }
#pragma omp parallel num_threads(parts)
    {
#pragma omp for
        for (int i = 0; i < parts; ++i)
            kernels_to_points(w, u, f, p, share(units, i, parts), Part<T>(p, f.points(), ws.data, i).turned);
#pragma omp for
        for (int i = 0; i < parts; ++i)
            gather_tiles(in, u, bias, out, f, p, share(p.tiles, i, parts), Part<T>(p, f.points(), ws.data, i));
    }
}

// ---- which gather, and in which order

template <class T>
WinogradGather<T> plain_gather(const ConvGather& g) {
    const WinogradTransforms<T>& t = winograd_transforms<T>();
    return {g,
            winograd_tiles(g.N, g.rows.results, g.columns.results),
            winograd_kernel_lines,
            winograd_tile,
            winograd_to_points<6, 4, T>,
            t.patch,
            t.kernel,
            t.result};
}

template <class T>
WinogradGather<T> forward_gather(const ConvShape& s) {
    if (s.stride_h == 1) return plain_gather<T>(conv_gather_forward(s));
    const WinogradTransforms<T>& t = winograd_transforms<T>();
    return {conv_gather_forward(s),
            winograd_tiles(s.N, s.P, s.Q),
            winograd_strided_lines,
            winograd_tile,
            winograd_to_points<9, 8, T>,
            t.strided_patch,
            t.strided_kernel,
            t.strided_result};
}

template <class T>
WinogradGather<T> backward_data_gather(const ConvShape& s) {
    if (s.stride_h == 1) return plain_gather<T>(conv_gather_backward_data(s, 0, 0));
    const WinogradTransforms<T>& t = winograd_transforms<T>();
    ConvGather g = conv_gather_backward_data(s, 0, 0);
    g.rows = {s.H, s.P, 1, 3, 0, 1, 2, -1}, g.columns = {s.W, s.Q, 1, 3, 0, 1, 2, -1};
    return {g,
            winograd_tiles(s.N, divided_up(s.H, 2), divided_up(s.W, 2)),
            winograd_strided_lines,
            2 * winograd_tile,
            winograd_to_points<5, 4, T>,
            t.strided_data_patch,
            t.strided_kernel,
            t.strided_data_result};
}

// Whether the kernels in points would be too many for the cache.
template <class T>
bool is_wide(const WinogradGather<T>& f) {
    constexpr std::int64_t u_bytes_most = std::int64_t{16} << 20;
    return winograd_points * f.g.C * f.g.K * static_cast<std::int64_t>(sizeof(T)) > u_bytes_most;
}

template <class T>
std::size_t workspace_bytes(const WinogradGather<T>& f) {
    if (f.empty()) return 0;
    return is_wide(f) ? winograd_wide_bytes(f) : plan_for(f).bytes();
}

template <class T>
void gather(const T* in, const T* w, const T* bias, T* out, const WinogradGather<T>& f, ConvWorkspace ws) {
    if (f.empty()) return;
    return is_wide(f) ? winograd_wide(in, w, bias, out, f, ws) : gather_blocks(in, w, bias, out, f, ws);
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
    return workspace_bytes(forward_gather<T>(s));
}

template <class T>
std::size_t conv_backward_data_winograd_bytes(const ConvShape& s) {
    return workspace_bytes(backward_data_gather<T>(s));
}

template <class T>
void conv_forward_winograd(const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws) {
    gather(x, w, bias, y, forward_gather<T>(s), ws);
}

template <class T>
void conv_backward_data_winograd(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& s, ConvWorkspace ws) {
    gather(dy, w, bias, dx, backward_data_gather<T>(s), ws);
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
