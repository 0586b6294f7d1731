// Winograd's gather (conv_cpu_winograd.cpp) for layers of many channels, whose kernels in points, 4 times as large as
// the kernels, would have to be written to memory and read from there. For each block of tiles:
//
//   1. V: patches in points, [chunk of channels][point][tile][channel]
//   2. for each panel of 32 results:
//          for each chunk:    U = kernels from the chunk to the panel in points    [point][channel][32]
//                             M += V U for each point                              [point][tile][32]
//          y = M back in pixels, + bias
//
// Threads share the tiles of a block, then its panels. U and M of a chunk and a panel are little more than the
// second-level cache, V is read for each panel from the next. Each result is one panel's and one block's, and both
// depend on the shape alone: whoever computes it gets the same bits.
#include "conv_cpu.h"
#include "conv_cpu_space.h"
#include "conv_cpu_winograd_gather.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

struct Plan {
    std::int64_t blocks, block;  // of tiles
    std::int64_t panels;         // of the results' channels
    std::int64_t chunk, chunks;  // of the source's channels
    std::int64_t v_point, v_chunk, m_point, u_point;
    int parts;
    std::size_t v_bytes, part_bytes;

    std::size_t bytes() const { return v_bytes + part_bytes * static_cast<std::size_t>(parts); }
};

template <class T>
Plan plan_for(const WinogradGather<T>& f) {
    constexpr std::int64_t chunk_most = 256;
    const std::int64_t tiles = f.tiles.count(), block_most = f.lines == winograd_kernel_lines ? 64 : 32;
    Plan p{};
    p.chunk = std::min(chunk_most, winograd_row(f.g.C)), p.chunks = divided_up(f.g.C, p.chunk);
    p.blocks = divided_up(tiles, block_most), p.block = divided_up(tiles, p.blocks);
    p.panels = divided_up(f.g.K, conv_panel);
    p.v_point = p.block * p.chunk + 16, p.v_chunk = f.points() * p.v_point;
    p.m_point = p.block * conv_panel + 16, p.u_point = p.chunk * conv_panel + 16;
    p.v_bytes = whole_lines(p.chunks * p.v_chunk, sizeof(T));
    // U, M, one pixel of zeros, one for results outside of the image, some kernels turned round
    const std::int64_t points = winograd_points * p.u_point + f.points() * p.m_point;
    p.part_bytes = whole_lines(points + p.chunk + conv_panel + winograd_turned_elements, sizeof(T));
    constexpr double products_a_step = 16;
    p.parts = parts_for(p.panels, double(f.points() * p.block) * double(f.g.C * conv_panel) / products_a_step);
    return p;
}

// What a thread works with.
template <class T>
struct Part {
    T *u, *m, *zeros, *outside, *turned;

    Part(const Plan& p, std::int64_t points, void* memory, int i) {
        u = reinterpret_cast<T*>(static_cast<char*>(memory) + p.v_bytes + p.part_bytes * static_cast<std::size_t>(i));
        m = u + winograd_points * p.u_point;
        zeros = m + points * p.m_point;
        outside = zeros + p.chunk;
        turned = outside + conv_panel;
    }
};

template <class T>
void tiles_to_points(const T* in, T* v, const WinogradGather<T>& f, const Plan& p, std::int64_t first, Range tiles,
                     T* zeros) {
    const ConvGather& g = f.g;
    std::fill(zeros, zeros + p.chunk, T(0));
    for (std::int64_t k = 0; k < p.chunks && tiles.begin < tiles.end; ++k) {
        const std::int64_t c0 = k * p.chunk, channels = std::min(p.chunk, g.C - c0);
        const WinogradImages<T> images{in + c0,  g.rows.source, g.columns.source, g.C,
                                       channels, g.rows.first,  g.columns.first};
        f.to_points(images, f.tiles, {first + tiles.begin, first + tiles.end}, f.patch, zeros,
                    v + k * p.v_chunk + tiles.begin * p.chunk, p.chunk, p.v_point);
    }
}

// M of 32 results from k0 on.
template <class T>
void add_chunks(const T* w, const T* v, const WinogradGather<T>& f, const Plan& p, std::int64_t tiles, std::int64_t k0,
                const Part<T>& part) {
    static const ConvTilesFunction<T> multiply = conv_tiles<T>();
    const ConvRun run{0, 0};
    ConvTiles<T> x{};
    x.M = tiles, x.N = std::min(conv_panel, f.g.K - k0);
    x.runs = &run, x.run_count = 1;
    x.a_row = p.chunk, x.a_col = 1;
    x.b_row = conv_panel;
    x.c_block = conv_panel, x.block = 1;
    for (std::int64_t k = 0; k < p.chunks; ++k) {
        const Range channels{k * p.chunk, std::min((k + 1) * p.chunk, f.g.C)};
        winograd_kernels(w, f, k0, channels, part.turned, part.u, p.u_point);
        x.run_length = channels.end - channels.begin;
        x.add = k > 0;
        for (std::int64_t point = 0; point < f.points(); ++point) {
            x.a = v + k * p.v_chunk + point * p.v_point;
            x.b = part.u + winograd_kernel_point(point, f.lines) * p.u_point;
            x.c = part.m + point * p.m_point;
            multiply(x);
        }
    }
}

template <class T>
void gather_panels(const T* w, const T* v, const T* bias, T* out, const WinogradGather<T>& f, const Plan& p,
                   Range tiles, Range panels, const Part<T>& part) {
    for (std::int64_t panel = panels.begin; panel < panels.end; ++panel) {
        const std::int64_t k0 = panel * conv_panel;
        add_chunks(w, v, f, p, tiles.end - tiles.begin, k0, part);
        winograd_results(part.m, conv_panel, p.m_point, f, tiles, {k0, std::min(k0 + conv_panel, f.g.K)}, bias,
                         part.outside, out);
    }
}

}  // namespace

template <class T>
std::size_t winograd_wide_bytes(const WinogradGather<T>& f) {
    return plan_for(f).bytes();
}

template <class T>
void winograd_wide(const T* in, const T* w, const T* bias, T* out, const WinogradGather<T>& f, ConvWorkspace ws) {
    const Plan p = plan_for(f);
    T* const v = static_cast<T*>(ws.data);
    const int parts = parts_with_space(p.parts, ws, p.v_bytes, p.part_bytes);
    for (std::int64_t b = 0; b < p.blocks; ++b) {
        const Range tiles{f.tiles.count() * b / p.blocks, f.tiles.count() * (b + 1) / p.blocks};
        const std::int64_t count = tiles.end - tiles.begin;
#pragma omp parallel for num_threads(parts) if (parts > 1)
        for (int i = 0; i < parts; ++i)
            tiles_to_points(in, v, f, p, tiles.begin, share(count, i, parts), Part<T>(p, f.points(), ws.data, i).zeros);
#pragma omp parallel for num_threads(parts) if (parts > 1)
        for (int i = 0; i < parts; ++i)
            gather_panels(w, v, bias, out, f, p, tiles, share(p.panels, i, parts), Part<T>(p, f.points(), ws.data, i));
    }
}

template std::size_t winograd_wide_bytes(const WinogradGather<float>&);
template std::size_t winograd_wide_bytes(const WinogradGather<double>&);
template void winograd_wide(const float*, const float*, const float*, float*, const WinogradGather<float>&,
                            ConvWorkspace);
template void winograd_wide(const double*, const double*, const double*, double*, const WinogradGather<double>&,
                            ConvWorkspace);

}  // namespace vitrine::kernels
