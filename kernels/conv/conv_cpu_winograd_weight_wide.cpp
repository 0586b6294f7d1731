// Backward for weight by Winograd's convolution (conv_cpu_winograd_weight.cpp) where all tiles in points fit into the
// cache, which they do in layers of many channels and small images:
//
//   1. all tiles in points: V = patches of x    [chunk of 128 channels][point][tile][channel]
//                            Z = tiles of dy     [panel of 32 channels][point][tile][channel]
//   2. for each chunk and panel:   dU = V^T Z for each point    [point][c][32]
//                                  dw = dU back in 3 x 3
//
// dU, 4 times as large as dw, is never written to memory. Each sum is one thread's and goes over the tiles in their
// order: whoever computes it gets the same bits.
#include "conv_cpu.h"
#include "conv_cpu_gemm.h"
#include "conv_cpu_winograd_weight.h"
#include "vitrine/kernels/base/parallel.h"

#include <algorithm>

namespace vitrine::kernels {
namespace {

std::int64_t divided_up(std::int64_t n, std::int64_t by) { return (n + by - 1) / by; }
std::size_t whole_lines(std::int64_t elements, std::size_t size) {
    return (static_cast<std::size_t>(elements) * size + 63) / 64 * 64;
}

struct Plan {
    WinogradTiles tiles;
    std::int64_t chunk, chunks, panels;  // channels of x at a time; of dy 32
    std::int64_t v_point, v_chunk, z_point, z_panel, u_point;
    int parts;
    std::size_t points_bytes, part_bytes;

    std::int64_t units() const { return chunks * panels; }
    std::size_t bytes() const { return points_bytes + part_bytes * static_cast<std::size_t>(parts); }
};

template <class T>
Plan plan_for(const ConvShape& s) {
    constexpr std::int64_t chunk_most = 128;
    Plan p{};
    p.tiles = winograd_tiles(s.N, s.P, s.Q);
    p.chunk = std::min(chunk_most, winograd_row(s.C)), p.chunks = divided_up(s.C, p.chunk);
    p.panels = divided_up(s.O, conv_panel);
    p.v_point = p.tiles.count() * p.chunk + 16, p.v_chunk = winograd_points * p.v_point;
    p.z_point = p.tiles.count() * conv_panel + 16, p.z_panel = winograd_points * p.z_point;
    p.u_point = p.chunk * conv_panel + 16;
    p.points_bytes = whole_lines(p.chunks * p.v_chunk + p.panels * p.z_panel, sizeof(T));
    // dU, one pixel of zeros
    p.part_bytes = whole_lines(winograd_points * p.u_point + std::max(p.chunk, conv_panel), sizeof(T));
    constexpr double products_a_step = 16;
    const double products = double(winograd_points) * double(p.tiles.count()) * double(s.C) * double(s.O);
    p.parts = parts_for(p.units(), products / double(p.units()) / products_a_step);
    return p;
}

// What a thread works with.
template <class T>
struct Part {
    T *u, *zeros;

    Part(const Plan& p, void* memory, int i) {
        u = reinterpret_cast<T*>(static_cast<char*>(memory) + p.points_bytes +
                                 p.part_bytes * static_cast<std::size_t>(i));
        zeros = u + winograd_points * p.u_point;
    }
};

template <class T>
void tiles_to_points(const T* x, const T* dy, T* v, T* z, const ConvShape& s, const Plan& p, Range tiles, T* zeros) {
    const WinogradTransforms<T>& transforms = winograd_transforms<T>();
    std::fill(zeros, zeros + std::max(p.chunk, conv_panel), T(0));
    if (tiles.begin == tiles.end) return;
    for (std::int64_t i = 0; i < p.chunks; ++i) {
        const std::int64_t c = i * p.chunk, channels = std::min(p.chunk, s.C - c);
        const WinogradImages<T> images{x + c, s.H, s.W, s.C, channels, -s.pad_h, -s.pad_w};
        winograd_to_points<6>(images, p.tiles, tiles, transforms.patch, zeros,
                              v + i * p.v_chunk + tiles.begin * p.chunk, p.chunk, p.v_point);
    }
    for (std::int64_t i = 0; i < p.panels; ++i) {
        const std::int64_t o = i * conv_panel, channels = std::min(conv_panel, s.O - o);
        const WinogradImages<T> images{dy + o, s.P, s.Q, s.O, channels};
        winograd_to_points<4>(images, p.tiles, tiles, transforms.slope, zeros,
                              z + i * p.z_panel + tiles.begin * conv_panel, conv_panel, p.z_point);
    }
}

// dw of some pairs of a chunk and a panel.
template <class T>
void weight_units(const T* v, const T* z, T* dw, const ConvShape& s, const Plan& p, Range units, T* u) {
    const WinogradTransforms<T>& transforms = winograd_transforms<T>();
    static const ConvTilesFunction<T> multiply = conv_tiles<T>();
    const ConvRun run{0, 0};
    ConvTiles<T> m{};
    m.runs = &run, m.run_count = 1, m.run_length = p.tiles.count();
    m.a_row = 1, m.a_col = p.chunk;
    m.b_row = conv_panel;
    m.c_block = conv_panel, m.block = 1;
    for (std::int64_t unit = units.begin; unit < units.end; ++unit) {
        const std::int64_t chunk = unit % p.chunks, panel = unit / p.chunks;
        const std::int64_t c0 = chunk * p.chunk, o0 = panel * conv_panel;
        m.M = std::min(p.chunk, s.C - c0), m.N = std::min(conv_panel, s.O - o0);
        for (std::int64_t point = 0; point < winograd_points; ++point) {
            m.a = v + chunk * p.v_chunk + point * p.v_point;
            m.b = z + panel * p.z_panel + point * p.z_point;
            m.c = u + point * p.u_point;
            multiply(m);
        }
        for (std::int64_t c = 0; c < m.M; ++c)
            transforms.kernel_slope(u + c * conv_panel, p.u_point, 1, 0, m.N, dw + (c0 + c) * s.O + o0, s.C * s.O);
    }
}

}  // namespace

template <class T>
bool winograd_weight_is_wide(const ConvShape& s) {
    constexpr double bytes_most = 24 << 20;
    const double points = double(winograd_points) * double(winograd_tiles(s.N, s.P, s.Q).count());
    return points * double(s.C + s.O) * double(sizeof(T)) <= bytes_most;
}

template <class T>
std::size_t winograd_weight_wide_bytes(const ConvShape& s) {
    return plan_for<T>(s).bytes();
}

template <class T>
void winograd_weight_wide(const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    const Plan p = plan_for<T>(s);
    T *const v = static_cast<T*>(ws.data), *const z = v + p.chunks * p.v_chunk;
    // The number of threads may have grown since the workspace was asked for.
    const int parts = static_cast<int>(
        std::min<std::size_t>(static_cast<std::size_t>(p.parts), (ws.bytes - p.points_bytes) / p.part_bytes));
    if (parts == 1) {
        const Part<T> part(p, ws.data, 0);
        tiles_to_points(x, dy, v, z, s, p, {0, p.tiles.count()}, part.zeros);
        return weight_units(v, z, dw, s, p, {0, p.units()}, part.u);
    }
#pragma omp parallel num_threads(parts)
    {
#pragma omp for
        for (int i = 0; i < parts; ++i)
            tiles_to_points(x, dy, v, z, s, p, share(p.tiles.count(), i, parts), Part<T>(p, ws.data, i).zeros);
#pragma omp for
        for (int i = 0; i < parts; ++i)
            weight_units(v, z, dw, s, p, share(p.units(), i, parts), Part<T>(p, ws.data, i).u);
    }
}

template bool winograd_weight_is_wide<float>(const ConvShape&);
template bool winograd_weight_is_wide<double>(const ConvShape&);
template std::size_t winograd_weight_wide_bytes<float>(const ConvShape&);
template std::size_t winograd_weight_wide_bytes<double>(const ConvShape&);
template void winograd_weight_wide(const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void winograd_weight_wide(const double*, const double*, double*, const ConvShape&, ConvWorkspace);

}  // namespace vitrine::kernels
