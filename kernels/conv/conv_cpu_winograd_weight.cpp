// Backward for weight by Winograd's convolution (conv_cpu_winograd.h):
//
//   1. for each chunk of tiles, a block of them at a time:    V = patches of x in points        [point][tile][c]
//                                                             Z = tiles of dy in points         [point][tile][o]
//                                                             dU += V^T Z for each point        [point][c][o]
//   2. dw = the sum of the chunks' dU, in their order, back in 3 x 3
//
// Chunks depend on the shape alone, so the same sums are formed at any number of threads. Where one chunk is all there is,
// threads share the output channels. Where V and Z of all tiles fit into the cache: conv_cpu_winograd_weight_wide.cpp.
#include "conv_cpu_winograd_weight.h"
#include "conv_cpu.h"
#include "conv_cpu_gemm.h"
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
    std::int64_t block, chunks;   // tiles at a time; chunks of tiles, each with a dU of its own
    std::int64_t slice, slices;   // of the output channels
    std::int64_t v_tile, z_tile, v_point, z_point;
    std::int64_t u_row, u_point, u_chunk;
    int parts;
    std::size_t u_bytes, part_bytes;

    std::int64_t units() const { return chunks * slices; }
};

template <class T>
Plan plan_for(const ConvShape& s) {
    Plan p{};
    p.tiles = winograd_tiles(s.N, s.P, s.Q);
    constexpr std::int64_t du_elements = (std::int64_t{20} << 20) / sizeof(T), chunks_most = 8, chunk_tiles = 56;
    constexpr std::int64_t block_bytes = 512 * 1024, block_least = 56, slice_wanted = 128;
    p.slices = std::max<std::int64_t>(1, s.O / slice_wanted);
    p.slice = divided_up(divided_up(s.O, p.slices), conv_panel) * conv_panel;
    p.slices = divided_up(s.O, p.slice);

    p.u_row = winograd_row(s.O), p.u_point = s.C * p.u_row, p.u_chunk = winograd_points * p.u_point;
    const std::int64_t chunks_wanted = std::clamp<std::int64_t>(p.tiles.count() / chunk_tiles, 1, chunks_most);
    p.chunks = std::clamp<std::int64_t>(du_elements / p.u_chunk, 1, chunks_wanted);

    const std::int64_t columns = std::min(p.slice, s.O);
    const std::int64_t bytes_a_tile = winograd_points * static_cast<std::int64_t>(sizeof(T)) * (s.C + columns);
    p.block = std::min(std::max(block_least, block_bytes / bytes_a_tile), divided_up(p.tiles.count(), p.chunks));
    p.v_tile = winograd_row(s.C), p.z_tile = winograd_row(columns);
    p.v_point = p.block * p.v_tile + 16, p.z_point = p.block * p.z_tile + 16;

    p.u_bytes = whole_lines(p.chunks * p.u_chunk, sizeof(T));
    p.part_bytes =
        whole_lines(winograd_points * (p.v_point + p.z_point) + std::max(p.v_tile, p.z_tile), sizeof(T));
    constexpr double products_a_step = 16;
    const double products = double(winograd_points) * double(p.tiles.count()) * double(s.C) * double(s.O);
    p.parts = parts_for(p.units(), products / double(p.units()) / products_a_step);
    return p;
}

// What a thread works with.
template <class T>
struct Part {
    T *v, *z, *zeros;

    Part(const Plan& p, void* memory, int i) {
        v = reinterpret_cast<T*>(static_cast<char*>(memory) + p.u_bytes + p.part_bytes * static_cast<std::size_t>(i));
        z = v + winograd_points * p.v_point;
        zeros = z + winograd_points * p.z_point;
    }
};

// dU (=, or += after a chunk's first block) V^T Z of the tiles [t0, t1), for `columns` output channels from o on.
template <class T>
void add_block(const T* x, const T* dy, T* du, const ConvShape& s, const Plan& p, Range tiles, std::int64_t columns,
               bool add, const Part<T>& part) {
    const WinogradTransforms<T>& transforms = winograd_transforms<T>();
    static const ConvTilesFunction<T> multiply = conv_tiles<T>();
    const WinogradImages<T> xs{x, s.H, s.W, s.C, s.C, -s.pad_h, -s.pad_w}, dys{dy, s.P, s.Q, s.O, columns};
    winograd_to_points<6>(xs, p.tiles, tiles, transforms.patch, part.zeros, part.v, p.v_tile, p.v_point);
    winograd_to_points<4>(dys, p.tiles, tiles, transforms.slope, part.zeros, part.z, p.z_tile, p.z_point);
    const ConvRun run{0, 0};
    ConvTiles<T> m{};
    m.M = s.C, m.N = columns;
    m.runs = &run, m.run_count = 1, m.run_length = tiles.end - tiles.begin;
    m.a_row = 1, m.a_col = p.v_tile;
    m.b_row = p.z_tile, m.b_panel = conv_panel;
    m.c_row = 0, m.c_block = p.u_row, m.block = 1;
    m.add = add;
    for (std::int64_t point = 0; point < winograd_points; ++point) {
        m.a = part.v + point * p.v_point;
        m.b = part.z + point * p.z_point;
        m.c = du + point * p.u_point;
        multiply(m);
    }
}

template <class T>
void weight_units(const T* x, const T* dy, T* du, const ConvShape& s, const Plan& p, Range units,
                  const Part<T>& part) {
    std::fill(part.zeros, part.zeros + std::max(p.v_tile, p.z_tile), T(0));
    for (std::int64_t unit = units.begin; unit < units.end; ++unit) {
        const std::int64_t chunk = unit / p.slices, o = unit % p.slices * p.slice;
        const std::int64_t columns = std::min(p.slice, s.O - o), tiles = p.tiles.count();
        const std::int64_t begin = tiles * chunk / p.chunks, end = tiles * (chunk + 1) / p.chunks;
        const std::int64_t blocks = divided_up(end - begin, p.block);
        for (std::int64_t b = 0; b < blocks; ++b) {
            const Range block{begin + (end - begin) * b / blocks, begin + (end - begin) * (b + 1) / blocks};
            // dy's pixels lie O apart; the slice begins at its first channel.
            add_block(x, dy + o, du + chunk * p.u_chunk + o, s, p, block, columns, b > 0, part);
        }
    }
}

// dw of the input channels [begin, end).
template <class T>
void add_chunks(const T* du, T* dw, const ConvShape& s, const Plan& p, Range channels) {
    const WinogradTransforms<T>& transforms = winograd_transforms<T>();
    for (std::int64_t c = channels.begin; c < channels.end; ++c)
        transforms.kernel_slope(du + c * p.u_row, p.u_point, p.chunks, p.u_chunk, s.O, dw + c * s.O, s.C * s.O);
}

bool nothing_to_add(const ConvShape& s) { return s.N * s.P * s.Q * s.C * s.O == 0; }

}  // namespace

template <class T>
std::size_t conv_backward_weight_winograd_bytes(const ConvShape& s) {
    if (nothing_to_add(s)) return 0;
    if (winograd_weight_is_wide<T>(s)) return winograd_weight_wide_bytes<T>(s);
    const Plan p = plan_for<T>(s);
    return p.u_bytes + p.part_bytes * static_cast<std::size_t>(p.parts);
}

template <class T>
void conv_backward_weight_winograd(const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    if (nothing_to_add(s)) return std::fill(dw, dw + s.U * s.V * s.C * s.O, T(0));
    if (winograd_weight_is_wide<T>(s)) return winograd_weight_wide(x, dy, dw, s, ws);
    const Plan p = plan_for<T>(s);
    T* const du = static_cast<T*>(ws.data);
    // The number of threads may have grown since the workspace was asked for.
    const int parts = static_cast<int>(
        std::min<std::size_t>(static_cast<std::size_t>(p.parts), (ws.bytes - p.u_bytes) / p.part_bytes));
    if (parts == 1) {
        weight_units(x, dy, du, s, p, {0, p.units()}, Part<T>(p, ws.data, 0));
        return add_chunks(du, dw, s, p, {0, s.C});
    }
#pragma omp parallel num_threads(parts)
    {
#pragma omp for
        for (int i = 0; i < parts; ++i)
            weight_units(x, dy, du, s, p, share(p.units(), i, parts), Part<T>(p, ws.data, i));
#pragma omp for
        for (int i = 0; i < parts; ++i) add_chunks(du, dw, s, p, share(s.C, i, parts));
    }
}

template std::size_t conv_backward_weight_winograd_bytes<float>(const ConvShape&);
template std::size_t conv_backward_weight_winograd_bytes<double>(const ConvShape&);
template void conv_backward_weight_winograd(const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_backward_weight_winograd(const double*, const double*, double*, const ConvShape&, ConvWorkspace);

}  // namespace vitrine::kernels
