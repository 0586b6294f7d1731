// Backward for weight by Winograd's convolution (conv_cpu_winograd.h). For each stretch of tiles:
//
//   1. all its tiles in points: V = patches of x    [chunk of 128 channels][point][tile][channel]
//                               Z = tiles of dy     [panel of 32 channels][point][tile][channel]
//   2. for each chunk and panel:    dU += V^T Z for each point    [point of the kernel][c][32]
//                                   after the last stretch: dw = dU back in 3 x 3
//
// V and Z of a stretch stay in the cache. Where one stretch is all there is dU, 4 times as large as dw, is never
// written to memory; else, or where chunks and panels are too few to share, threads share the points of all dU. Each
// sum is one thread's and goes over the tiles in an order that the shape decides: whoever computes it gets the same
// bits.
#include "conv_cpu.h"
#include "conv_cpu_gemm.h"
#include "conv_cpu_winograd.h"
#include "conv_cpu_space.h"
#include "vitrine/kernels/base/parallel.h"

#include <algorithm>

namespace vitrine::kernels {
namespace {

// What depends on the stride.
template <class T>
struct Form {
    std::int64_t lines;  // points of a tile, along each side
    void (*to_points)(const WinogradImages<T>&, const WinogradTiles&, Range,
                      void (*)(const T* const*, std::int64_t, T*, std::int64_t), const T*, T*, std::int64_t,
                      std::int64_t);
    void (*patch)(const T* const*, std::int64_t, T*, std::int64_t);
    void (*slope)(const T* const*, std::int64_t, T*, std::int64_t);
    void (*kernel_slope)(const T*, std::int64_t, std::int64_t, std::int64_t, std::int64_t, T*, std::int64_t);
};

template <class T>
Form<T> form_for(const ConvShape& s) {
    const WinogradTransforms<T>& t = winograd_transforms<T>();
    if (s.stride_h == 1) return {winograd_kernel_lines, winograd_to_points<6, 4, T>, t.patch, t.slope, t.kernel_slope};
    return {winograd_strided_lines, winograd_to_points<9, 8, T>, t.strided_patch, t.strided_slope,
            t.strided_kernel_slope};
}

struct Plan {
    WinogradTiles tiles;
    std::int64_t points;                 // of a tile
    std::int64_t stretches, stretch;     // of tiles
    std::int64_t chunk, chunks, panels;  // channels of x at a time; of dy 32
    std::int64_t v_point, v_chunk, z_point, z_panel, u_point, u_unit;
    bool together;  // threads share the points of dU
    int parts;
    std::size_t points_bytes, u_bytes, part_bytes;

    std::int64_t units() const { return chunks * panels; }
    std::size_t part_begin(int i) const { return points_bytes + u_bytes + part_bytes * static_cast<std::size_t>(i); }
};

template <class T>
Plan plan_for(const ConvShape& s) {
    constexpr std::int64_t chunk_most = 128, stretch_least = 64, bytes_most = 3 << 20, units_wanted = 16;
    Plan p{};
    p.tiles = winograd_tiles(s.N, s.P, s.Q);
    p.points = s.stride_h == 1 ? winograd_points : winograd_strided_lines * winograd_strided_lines;
    p.chunk = std::min(chunk_most, winograd_row(s.C)), p.chunks = divided_up(s.C, p.chunk);
    p.panels = divided_up(s.O, conv_panel);
    const std::int64_t bytes_a_tile =
        p.points * (p.chunks * p.chunk + p.panels * conv_panel) * static_cast<std::int64_t>(sizeof(T));
    p.stretches = divided_up(p.tiles.count(), std::max(stretch_least, bytes_most / bytes_a_tile));
    p.stretch = divided_up(p.tiles.count(), p.stretches);
    p.v_point = p.stretch * p.chunk + 16, p.v_chunk = p.points * p.v_point;
    p.z_point = p.stretch * conv_panel + 16, p.z_panel = p.points * p.z_point;
    p.u_point = p.chunk * conv_panel + 16, p.u_unit = winograd_points * p.u_point;
    p.points_bytes = whole_lines(p.chunks * p.v_chunk + p.panels * p.z_panel, sizeof(T));
    p.together = p.stretches > 1 || p.units() < units_wanted;
    // dU of all units, or of a thread's; one pixel of zeros
    p.u_bytes = p.together ? whole_lines(p.units() * p.u_unit, sizeof(T)) : 0;
    p.part_bytes = whole_lines((p.together ? 0 : p.u_unit) + std::max(p.chunk, conv_panel), sizeof(T));
    constexpr double products_a_step = 16;
    const double products = double(p.points) * double(p.stretch) * double(s.C) * double(s.O);
    const std::int64_t shares = p.units() * (p.together ? winograd_points : 1);
    p.parts = parts_for(shares, products / double(shares) / products_a_step);
    return p;
}

// Where things are in the workspace.
template <class T>
struct Space {
    T *v, *z, *u, *zeros;  // u: of unit 0, or of the thread for any unit

    Space(const Plan& p, void* memory, int i) {
        char* const begin = static_cast<char*>(memory);
        v = reinterpret_cast<T*>(begin);
        z = v + p.chunks * p.v_chunk;
        zeros = reinterpret_cast<T*>(begin + p.part_begin(i));
        u = p.together ? reinterpret_cast<T*>(begin + p.points_bytes) : zeros + std::max(p.chunk, conv_panel);
    }
};

// `tiles` counts from the first of the stretch.
template <class T>
void tiles_to_points(const T* x, const T* dy, const ConvShape& s, const Form<T>& f, const Plan& p, std::int64_t first,
                     Range tiles, const Space<T>& space) {
    std::fill(space.zeros, space.zeros + std::max(p.chunk, conv_panel), T(0));
    if (tiles.begin == tiles.end) return;
    const Range range{first + tiles.begin, first + tiles.end};
    for (std::int64_t i = 0; i < p.chunks; ++i) {
        const std::int64_t c = i * p.chunk, channels = std::min(p.chunk, s.C - c);
        const WinogradImages<T> images{x + c, s.H, s.W, s.C, channels, -s.pad_h, -s.pad_w};
        f.to_points(images, p.tiles, range, f.patch, space.zeros, space.v + i * p.v_chunk + tiles.begin * p.chunk,
                    p.chunk, p.v_point);
    }
    for (std::int64_t i = 0; i < p.panels; ++i) {
        const std::int64_t o = i * conv_panel, channels = std::min(conv_panel, s.O - o);
        const WinogradImages<T> images{dy + o, s.P, s.Q, s.O, channels};
        winograd_to_points<4, 4>(images, p.tiles, range, f.slope, space.zeros,
                                 space.z + i * p.z_panel + tiles.begin * conv_panel, conv_panel, p.z_point);
    }
}

// A pair of a chunk and a panel.
template <class T>
struct Unit {
    std::int64_t chunk, panel, c0, o0, C, O;
    T* u;

    Unit(const ConvShape& s, const Plan& p, std::int64_t i, const Space<T>& space)
        : chunk(i % p.chunks),
          panel(i / p.chunks),
          c0(chunk * p.chunk),
          o0(panel * conv_panel),
          C(std::min(p.chunk, s.C - c0)),
          O(std::min(conv_panel, s.O - o0)),
          u(space.u + (p.together ? i * p.u_unit : 0)) {}
};

// Point (i, j) of the kernel's 6 x 6 of a unit's dU, += after the first stretch.
template <class T>
void add_point(const Unit<T>& unit, std::int64_t i, std::int64_t j, const Form<T>& f, const Plan& p,
               std::int64_t stretch, const Space<T>& space) {
    static const ConvTilesFunction<T> multiply = conv_tiles<T>();
    const std::int64_t count = p.tiles.count(), last = winograd_kernel_lines - 1;
    const ConvRun run{0, 0};
    ConvTiles<T> m{};
    m.M = unit.C, m.N = unit.O;
    m.runs = &run, m.run_count = 1;
    m.run_length = count * (stretch + 1) / p.stretches - count * stretch / p.stretches;
    m.a_row = 1, m.a_col = p.chunk;
    m.b_row = conv_panel;
    m.c = unit.u + (i * winograd_kernel_lines + j) * p.u_point, m.c_block = conv_panel, m.block = 1;
    m.add = stretch > 0;
    for (std::int64_t row = i; row < (i < last ? i + 1 : f.lines); ++row) {
        for (std::int64_t column = j; column < (j < last ? j + 1 : f.lines); ++column) {
            const std::int64_t point = row * f.lines + column;
            m.a = space.v + unit.chunk * p.v_chunk + point * p.v_point;
            m.b = space.z + unit.panel * p.z_panel + point * p.z_point;
            multiply(m);
            m.add = true;
        }
    }
}

// dw of some of a unit's input channels.
template <class T>
void finish(const Unit<T>& unit, Range channels, T* dw, const ConvShape& s, const Form<T>& f, const Plan& p) {
    for (std::int64_t c = channels.begin; c < std::min(channels.end, unit.C); ++c)
        f.kernel_slope(unit.u + c * conv_panel, p.u_point, 1, 0, unit.O, dw + (unit.c0 + c) * s.O + unit.o0, s.C * s.O);
}

// Units by themselves, with one stretch.
template <class T>
void weight_units(T* dw, const ConvShape& s, const Form<T>& f, const Plan& p, Range units, const Space<T>& space) {
    for (std::int64_t k = units.begin; k < units.end; ++k) {
        const Unit<T> unit(s, p, k, space);
        for (std::int64_t point = 0; point < winograd_points; ++point)
            add_point(unit, point / winograd_kernel_lines, point % winograd_kernel_lines, f, p, 0, space);
        finish(unit, {0, p.chunk}, dw, s, f, p);
    }
}

// Units together: points of all of them, counted unit by unit; then channels.
template <class T>
void add_points(const ConvShape& s, const Form<T>& f, const Plan& p, std::int64_t stretch, Range points,
                const Space<T>& space) {
    for (std::int64_t k = points.begin; k < points.end; ++k) {
        const Unit<T> unit(s, p, k / winograd_points, space);
        const std::int64_t point = k % winograd_points;
        add_point(unit, point / winograd_kernel_lines, point % winograd_kernel_lines, f, p, stretch, space);
    }
}

template <class T>
void finish_channels(T* dw, const ConvShape& s, const Form<T>& f, const Plan& p, Range channels,
                     const Space<T>& space) {
    for (std::int64_t k = channels.begin; k < channels.end; ++k)
        finish(Unit<T>(s, p, k / p.chunk, space), {k % p.chunk, k % p.chunk + 1}, dw, s, f, p);
}

bool nothing_to_add(const ConvShape& s) { return s.N * s.P * s.Q * s.C * s.O == 0; }

}  // namespace

template <class T>
std::size_t conv_backward_weight_winograd_bytes(const ConvShape& s) {
    if (nothing_to_add(s)) return 0;
    const Plan p = plan_for<T>(s);
    return p.part_begin(p.parts);
}

template <class T>
void conv_backward_weight_winograd(const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    if (nothing_to_add(s)) return std::fill(dw, dw + s.U * s.V * s.C * s.O, T(0));
    const Plan p = plan_for<T>(s);
    const Form<T> f = form_for<T>(s);
    const int parts = parts_with_space(p.parts, ws, p.part_begin(0), p.part_bytes);
    const std::int64_t points = p.units() * winograd_points, channels = p.units() * p.chunk;
    for (std::int64_t k = 0; k < p.stretches; ++k) {
        const std::int64_t first = p.tiles.count() * k / p.stretches;
        const std::int64_t count = p.tiles.count() * (k + 1) / p.stretches - first;
#pragma omp parallel for num_threads(parts) if (parts > 1)
        for (int i = 0; i < parts; ++i)
            tiles_to_points(x, dy, s, f, p, first, share(count, i, parts), Space<T>(p, ws.data, i));
#pragma omp parallel for num_threads(parts) if (parts > 1)
        for (int i = 0; i < parts; ++i) {
            const Space<T> space(p, ws.data, i);
            if (p.together)
                add_points(s, f, p, k, share(points, i, parts), space);
            else
                weight_units(dw, s, f, p, share(p.units(), i, parts), space);
        }
    }
    if (!p.together) return;
#pragma omp parallel for num_threads(parts) if (parts > 1)
    for (int i = 0; i < parts; ++i) finish_channels(dw, s, f, p, share(channels, i, parts), Space<T>(p, ws.data, i));
}

template std::size_t conv_backward_weight_winograd_bytes<float>(const ConvShape&);
template std::size_t conv_backward_weight_winograd_bytes<double>(const ConvShape&);
template void conv_backward_weight_winograd(const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_backward_weight_winograd(const double*, const double*, double*, const ConvShape&, ConvWorkspace);

}  // namespace vitrine::kernels
