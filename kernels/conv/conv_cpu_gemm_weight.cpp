// Backward for the weight as an implicit matrix product:
//
//     dw_uv (C, O) = sum over pixels (n, p, q) of x_nhw^T dy_npq
//
// A run is a row of pixels, the elements of a kernel's row with all their channels are the rows of a product where they
// lie together. The pixels are cut into chunks at places that depend on the shape alone; each chunk adds up a dw of its
// own and these are added in their order: the same bits at any number of threads. A unit of work is a chunk, a group
// and a slice of the output channels.
#include "conv_cpu.h"
#include "conv_cpu_canvas.h"
#include "conv_cpu_gemm.h"
#include "conv_cpu_space.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

struct Plan {
    ConvAxis rows, columns;
    std::int64_t images, strip;  // of a block of pixels: images, or rows of one image
    std::int64_t image_blocks, strips;
    std::int64_t chunks;         // of blocks, each with a dw of its own
    std::int64_t slice, slices;  // of a group's output channels
    bool x_in_place, dy_in_place;
    bool joined_taps;  // the taps of a kernel's row are rows of one product
    ConvCanvas x_canvas, dy_canvas;
    int parts;
    std::size_t sums_bytes, part_bytes;  // the chunks' dw; what a thread needs

    std::int64_t blocks() const { return image_blocks * strips; }
    std::int64_t units(const ConvShape& s) const { return s.G * chunks * slices; }
};

std::int64_t dw_elements(const ConvShape& s) { return s.U * s.V * s.Cg() * s.O; }

// From the shape alone, but for the number of parts.
template <class T>
Plan plan_for(const ConvShape& s) {
    constexpr std::int64_t pixels_wanted = 512, chunks_most = 32, slice_wanted = 64, columns_in_place = 16;
    constexpr std::int64_t sums_elements = (std::int64_t{16} << 20) / sizeof(T);
    Plan p{};
    p.rows = {s.P, s.H, s.stride_h, s.U, -s.pad_h, s.dilation_h};
    p.columns = {s.Q, s.W, s.stride_w, s.V, -s.pad_w, s.dilation_w};

    p.images = std::clamp<std::int64_t>(pixels_wanted / (s.P * s.Q), 1, s.N);
    p.image_blocks = divided_up(s.N, p.images);
    p.images = divided_up(s.N, p.image_blocks);
    p.strips = divided_up(s.P, p.images > 1 ? s.P : std::max<std::int64_t>(1, pixels_wanted / s.Q));
    p.strip = divided_up(s.P, p.strips);
    p.strips = divided_up(s.P, p.strip);

    p.slices = std::max<std::int64_t>(1, s.Og() / slice_wanted);
    p.slice = divided_up(divided_up(s.Og(), p.slices), conv_panel) * conv_panel;
    p.slices = divided_up(s.Og(), p.slice);
    p.chunks = std::min({chunks_most, p.blocks(), std::max<std::int64_t>(1, sums_elements / dw_elements(s))});

    p.x_in_place = p.rows.all_inside() && p.columns.all_inside();
    p.dy_in_place = p.slice % columns_in_place == 0 && s.Og() % columns_in_place == 0;
    p.joined_taps = s.dilation_w == 1 && (p.x_in_place ? s.G == 1 : s.stride_w == 1);
    p.x_canvas = conv_canvas_by_image(p.images, p.rows.span(p.strip), p.columns, s.Cg());
    const ConvAxis dy_columns{s.Q, s.Q, 1, 1, 0, 1};
    p.dy_canvas = conv_canvas_by_image(p.images, p.strip, dy_columns, p.slice);

    const std::int64_t canvases =
        (p.x_in_place ? 0 : p.x_canvas.elements()) + (p.dy_in_place ? 0 : p.dy_canvas.elements());
    p.sums_bytes = p.chunks == 1 ? 0 : whole_lines(p.chunks * dw_elements(s), sizeof(T));
    p.part_bytes = whole_lines(p.images * p.strip, sizeof(ConvRun)) + whole_lines(canvases, sizeof(T));
    constexpr double products_a_step = 16;  // in the time of one elementary operation
    const double products = double(s.N) * double(s.P * s.Q) * double(dw_elements(s) / s.G);
    p.parts = parts_for(p.units(s), products * double(s.G) / double(p.units(s)) / products_a_step);
    return p;
}

// A block of pixels: images and rows of dy.
struct Block {
    std::int64_t n0, images, p0, rows;
};

Block block_of(const ConvShape& s, const Plan& p, std::int64_t b) {
    const std::int64_t n0 = b / p.strips * p.images, p0 = b % p.strips * p.strip;
    return {n0, std::min(p.images, s.N - n0), p0, std::min(p.strip, s.P - p0)};
}

// x or dy of one block: element (image n, row r of the block, column w) is at n * image + r * row + column(w).
template <class T>
struct Operand {
    const T* data;
    std::int64_t image, row, pixel;
};

template <class T>
Operand<T> x_of_block(const T* x, const ConvShape& s, const Plan& p, std::int64_t group, const Block& b, T* canvas) {
    const ConvSource<T> source{x + b.n0 * s.H * s.W * s.C + group * s.Cg(), s.H, s.W, s.C};
    const std::int64_t h0 = p.rows.at(b.p0, 0);
    if (p.x_in_place)
        return {source.x + (h0 * s.W + p.columns.first) * s.C, s.H * s.W * s.C, s.W * s.C, s.stride_w * s.C};
    ConvCanvas c = p.x_canvas;
    c.images = b.images, c.rows = p.rows.span(b.rows);
    fill_canvas(c, source, h0, p.columns.first, canvas);
    return {canvas, c.image_step, c.row_step, c.pixel_step};
}

template <class T>
Operand<T> dy_of_block(const T* dy, const ConvShape& s, const Plan& p, std::int64_t o, std::int64_t columns,
                       const Block& b, T* canvas) {
    const ConvSource<T> source{dy + b.n0 * s.P * s.Q * s.O + o, s.P, s.Q, s.O};
    if (p.dy_in_place) return {source.x + b.p0 * s.Q * s.O, s.P * s.Q * s.O, s.Q * s.O, s.O};
    ConvCanvas c = p.dy_canvas;
    c.images = b.images, c.rows = b.rows, c.channels = columns;
    for (std::int64_t i = 0; i < b.images * c.image_step; ++i) canvas[i] = 0;  // tiles read whole vectors
    fill_canvas(c, source, b.p0, 0, canvas);
    return {canvas, c.image_step, c.row_step, c.pixel_step};
}

// dw += x^T dy, or = in a chunk's first block, over one block of pixels for one slice of one group's output channels.
template <class T>
void add_block(const Operand<T>& x, const Operand<T>& dy, T* dw, const ConvShape& s, const Plan& p, const Block& b,
               std::int64_t columns, bool add, ConvRun* runs) {
    static const ConvTilesFunction<T> multiply = conv_tiles<T>();
    ConvTiles<T> t{};
    t.M = s.Cg() * (p.joined_taps ? s.V : 1), t.N = columns;
    t.runs = runs, t.run_length = s.Q;
    t.a_row = 1, t.a_col = x.pixel;
    t.b = dy.data, t.b_row = dy.pixel, t.b_panel = conv_panel;
    t.c_row = 0, t.c_block = s.O, t.block = 1;
    t.add = add;
    for (std::int64_t u = 0; u < s.U; ++u) {
        t.run_count = 0;
        for (std::int64_t n = 0; n < b.images; ++n)
            for (std::int64_t r = 0; r < b.rows; ++r)
                if (p.rows.inside(b.p0 + r, u))
                    runs[t.run_count++] = {n * x.image + (r * s.stride_h + u * s.dilation_h) * x.row,
                                           n * dy.image + r * dy.row};
        for (std::int64_t v = 0; v < (p.joined_taps ? 1 : s.V); ++v) {
            const std::int64_t w = v * s.dilation_w;
            t.a = x.data + (p.x_in_place ? w * s.C : p.x_canvas.column_at(w));
            t.c = dw + (u * s.V + v) * s.Cg() * s.O;
            multiply(t);
        }
    }
}

template <class T>
void weight_units(const T* x, const T* dy, T* sums, const ConvShape& s, const Plan& p, Range units, char* workspace) {
    ConvRun* const runs = reinterpret_cast<ConvRun*>(workspace);
    T* const x_canvas = reinterpret_cast<T*>(workspace + whole_lines(p.images * p.strip, sizeof(ConvRun)));
    T* const dy_canvas = x_canvas + (p.x_in_place ? 0 : p.x_canvas.elements());
    for (std::int64_t unit = units.begin; unit < units.end; ++unit) {
        const std::int64_t chunk = unit / (s.G * p.slices), group = unit / p.slices % s.G,
                           o = unit % p.slices * p.slice;
        const std::int64_t columns = std::min(p.slice, s.Og() - o), first = group * s.Og() + o;
        const std::int64_t begin = p.blocks() * chunk / p.chunks, end = p.blocks() * (chunk + 1) / p.chunks;
        for (std::int64_t b = begin; b < end; ++b) {
            const Block block = block_of(s, p, b);
            const Operand<T> xb = x_of_block(x, s, p, group, block, x_canvas);
            const Operand<T> dyb = dy_of_block(dy, s, p, first, columns, block, dy_canvas);
            add_block(xb, dyb, sums + chunk * dw_elements(s) + first, s, p, block, columns, b > begin, runs);
        }
    }
}

// dw = sum of the chunks' dw, in their order.
template <class T>
void add_chunks(const T* sums, T* dw, const ConvShape& s, const Plan& p, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) dw[i] = sums[i];
    for (std::int64_t chunk = 1; chunk < p.chunks; ++chunk)
        for (std::int64_t i = range.begin; i < range.end; ++i) dw[i] += sums[chunk * dw_elements(s) + i];
}

bool nothing_to_add(const ConvShape& s) { return s.N * s.P * s.Q * dw_elements(s) == 0; }

}  // namespace

template <class T>
std::size_t conv_backward_weight_gemm_bytes(const ConvShape& s) {
    if (nothing_to_add(s)) return 0;
    const Plan p = plan_for<T>(s);
    return p.sums_bytes + p.part_bytes * static_cast<std::size_t>(p.parts);
}

template <class T>
void conv_backward_weight_gemm(const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    if (nothing_to_add(s)) {
        for (std::int64_t i = 0; i < dw_elements(s); ++i) dw[i] = 0;
        return;
    }
    const Plan p = plan_for<T>(s);
    T* const sums = p.chunks == 1 ? dw : static_cast<T*>(ws.data);
    char* const parts_begin = static_cast<char*>(ws.data) + p.sums_bytes;
    const int parts = parts_with_space(p.parts, ws, p.sums_bytes, p.part_bytes);
    const std::int64_t units = p.units(s), elements = dw_elements(s);
    if (parts == 1) {
        weight_units(x, dy, sums, s, p, {0, units}, parts_begin);
        if (p.chunks > 1) add_chunks(sums, dw, s, p, {0, elements});
        return;
    }
#pragma omp parallel num_threads(parts)
    {
#pragma omp for
        for (int i = 0; i < parts; ++i)
            weight_units(x, dy, sums, s, p, share(units, i, parts),
                         parts_begin + static_cast<std::size_t>(i) * p.part_bytes);
#pragma omp for
        for (int i = 0; i < parts; ++i)
            if (p.chunks > 1) add_chunks(sums, dw, s, p, share(elements, i, parts, 16));
    }
}

template std::size_t conv_backward_weight_gemm_bytes<float>(const ConvShape&);
template std::size_t conv_backward_weight_gemm_bytes<double>(const ConvShape&);
template void conv_backward_weight_gemm(const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_backward_weight_gemm(const double*, const double*, double*, const ConvShape&, ConvWorkspace);

}  // namespace vitrine::kernels
