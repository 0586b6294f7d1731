// Backward for the weight in bf16 as an implicit matrix product over pairs of images:
//
//     dw_uv (C, O) = sum over pixels (n, p, q) of x_nhw^T dy_npq
//
// Images 2m and 2m + 1 lie on the canvases as one whose elements are pairs; an odd last image has zeros beside it. Else
// it is conv_cpu_gemm_weight.cpp: a run is a row of pixels, the elements of a kernel's row with all their channels are
// the rows of a product where they lie together, and the pixels are cut into chunks, each with a dw of its own, at
// places that depend on the shape alone. A unit of work is a chunk, a group and a slice of the output channels.
#include "conv_cpu_bf16.h"
#include "conv_cpu_canvas.h"
#include "conv_cpu_space.h"

#include "vitrine/kernels/base/parallel.h"
#include "vitrine/kernels/matmul/matmul_bf16.h"

namespace vitrine::kernels {
namespace {

std::int64_t dw_elements(const ConvShape& s) { return s.U * s.V * s.Cg() * s.O; }

struct Plan {
    ConvAxis rows, columns;
    std::int64_t pairs, strip;  // of a block of pixels: pairs of images, and rows of each
    std::int64_t pair_blocks, strips;
    std::int64_t chunks;         // of blocks
    std::int64_t slice, slices;  // of a group's output channels
    bool joined_taps;            // the taps of a kernel's row are rows of one product
    ConvCanvas x_canvas, dy_canvas;
    int parts;
    std::size_t sums_bytes, part_bytes;  // the chunks' dw; what a thread needs

    std::int64_t blocks() const { return pair_blocks * strips; }
    std::int64_t units(const ConvShape& s) const { return s.G * chunks * slices; }
    std::size_t runs_bytes() const { return whole_lines(pairs * strip, sizeof(ConvRun)); }
    std::size_t x_bytes() const { return whole_lines(x_canvas.elements(), sizeof(float)); }
};

// dy's rows or columns.
ConvAxis as_they_are(std::int64_t n) { return {n, n, 1, 1, 0, 1}; }

// From the shape alone, but for the number of parts.
Plan plan_for(const ConvShape& s) {
    constexpr std::int64_t pixels_wanted = 512, units_wanted = 16;
    const std::int64_t slice_wanted = s.U * s.V == 1 ? 128 : 64;  // x is copied once for each slice
    constexpr std::int64_t sums_elements = (std::int64_t{16} << 20) / sizeof(float);
    Plan p{};
    p.rows = {s.P, s.H, s.stride_h, s.U, -s.pad_h, s.dilation_h};
    p.columns = {s.Q, s.W, s.stride_w, s.V, -s.pad_w, s.dilation_w};

    const std::int64_t all_pairs = conv_pairs(s.N);
    p.pairs = std::clamp<std::int64_t>(pixels_wanted / (s.P * s.Q), 1, all_pairs);
    p.pair_blocks = divided_up(all_pairs, p.pairs);
    p.pairs = divided_up(all_pairs, p.pair_blocks);
    p.strips = divided_up(s.P, p.pairs > 1 ? s.P : std::max<std::int64_t>(1, pixels_wanted / s.Q));
    p.strip = divided_up(s.P, p.strips);
    p.strips = divided_up(s.P, p.strip);

    p.slices = std::max<std::int64_t>(1, s.Og() / slice_wanted);
    p.slice = divided_up(divided_up(s.Og(), p.slices), conv_panel) * conv_panel;
    p.slices = divided_up(s.Og(), p.slice);
    p.chunks = std::min({divided_up(units_wanted, s.G * p.slices), p.blocks(),
                         std::max<std::int64_t>(1, sums_elements / dw_elements(s))});

    p.joined_taps = s.dilation_w == 1 && s.stride_w == 1;
    p.x_canvas = conv_canvas_by_image(p.pairs, p.rows.span(p.strip), p.columns, s.Cg());
    p.dy_canvas = conv_canvas_by_image(p.pairs, p.strip, as_they_are(s.Q), p.slice);

    p.sums_bytes = p.chunks == 1 ? 0 : whole_lines(p.chunks * dw_elements(s), sizeof(float));
    p.part_bytes = p.runs_bytes() + p.x_bytes() + whole_lines(p.dy_canvas.elements(), sizeof(float));
    constexpr double products_a_step = 32;  // in the time of one elementary operation
    const double products = double(s.N) * double(s.P * s.Q) * double(dw_elements(s) / s.G);
    p.parts = parts_for(p.units(s), products * double(s.G) / double(p.units(s)) / products_a_step);
    return p;
}

// A block of pixels: pairs of images and rows of dy.
struct Block {
    std::int64_t m0, pairs, p0, rows;
};

Block block_of(const ConvShape& s, const Plan& p, std::int64_t b) {
    const std::int64_t m0 = b / p.strips * p.pairs, p0 = b % p.strips * p.strip;
    return {m0, std::min(p.pairs, conv_pairs(s.N) - m0), p0, std::min(p.strip, s.P - p0)};
}

// Columns [first, first + columns) of one row of two images, the second of which may be missing.
void fill_row(const ConvCanvas& c, const ConvAxis& columns, const float* one, const float* two, std::int64_t pitch,
              float* to) {
    const std::int64_t first = columns.first;
    const std::int64_t begin = std::clamp<std::int64_t>(-first, 0, c.columns);
    const std::int64_t end = std::clamp<std::int64_t>(columns.source - first, begin, c.columns);
    const auto pairs = [&](std::int64_t w, std::int64_t n) {
        const std::int64_t at = (first + w) * pitch;
        conv_pairs_of_two(one + at, two ? two + at : nullptr, n, to + c.column_at(w));
    };
    if (c.step == 1 && pitch == c.channels && pitch == c.pixel_step) {
        std::fill(to, to + begin * pitch, 0.0f);
        if (end > begin) pairs(begin, (end - begin) * pitch);
        std::fill(to + end * pitch, to + c.columns * pitch, 0.0f);
        return;
    }
    const bool all = columns.meets_all();
    for (std::int64_t w = 0; w < c.columns; ++w) {
        if (!all && !columns.meets(w)) continue;
        if (w < begin || w >= end)
            std::fill_n(to + c.column_at(w), c.channels, 0.0f);
        else
            pairs(w, c.channels);
    }
}

// x or dy: N images whose pixels are `pitch` apart, and how results meet them.
struct Source {
    const float* images;
    std::int64_t N, pitch;
    ConvAxis rows, columns;
};

// Rows [h0, h0 + c.rows) of pairs from m0 on; rows outside of an image are not written.
void fill_canvas(const ConvCanvas& c, const Source& s, std::int64_t m0, std::int64_t h0, float* canvas) {
    const std::int64_t H = s.rows.source, row = s.columns.source * s.pitch;
    for (std::int64_t m = 0; m < c.images; ++m) {
        for (std::int64_t r = std::max<std::int64_t>(0, -h0); r < std::min(c.rows, H - h0); ++r) {
            if (!s.rows.meets(r)) continue;
            const float* const one = s.images + (2 * (m0 + m) * H + h0 + r) * row;
            const float* const two = 2 * (m0 + m) + 1 < s.N ? one + H * row : nullptr;
            fill_row(c, s.columns, one, two, s.pitch, canvas + m * c.image_step + r * c.row_step);
        }
    }
}

// dw += x^T dy, or = in a chunk's first block, over one block of pixels for one slice of one group's output channels.
void add_block(const float* x, const float* dy, float* dw, const ConvShape& s, const Plan& p, const Block& b,
               std::int64_t columns, bool add, ConvRun* runs) {
    ConvTiles<float> t{};
    t.M = s.Cg() * (p.joined_taps ? s.V : 1), t.N = columns;
    t.runs = runs, t.run_length = s.Q;
    t.a_row = 1, t.a_col = p.x_canvas.pixel_step;
    t.b = dy, t.b_row = p.slice, t.b_panel = conv_panel;
    t.c_row = 0, t.c_block = s.O, t.block = 1;
    t.add = add;
    const std::int64_t x_image = p.rows.span(b.rows) * p.x_canvas.row_step, dy_image = b.rows * p.dy_canvas.row_step;
    for (std::int64_t u = 0; u < s.U; ++u) {
        t.run_count = 0;
        for (std::int64_t m = 0; m < b.pairs; ++m)
            for (std::int64_t r = 0; r < b.rows; ++r)
                if (p.rows.inside(b.p0 + r, u))
                    runs[t.run_count++] = {m * x_image + (r * s.stride_h + u * s.dilation_h) * p.x_canvas.row_step,
                                           m * dy_image + r * p.dy_canvas.row_step};
        for (std::int64_t v = 0; v < (p.joined_taps ? 1 : s.V); ++v) {
            t.a = x + p.x_canvas.column_at(v * s.dilation_w);
            t.c = dw + (u * s.V + v) * s.Cg() * s.O;
            conv_tiles_avx512bf16(t);
        }
    }
}

void weight_units(const float* x, const float* dy, float* sums, const ConvShape& s, const Plan& p, Range units,
                  char* workspace) {
    ConvRun* const runs = reinterpret_cast<ConvRun*>(workspace);
    float* const x_pairs = reinterpret_cast<float*>(workspace + p.runs_bytes());
    float* const dy_pairs = reinterpret_cast<float*>(workspace + p.runs_bytes() + p.x_bytes());
    for (std::int64_t unit = units.begin; unit < units.end; ++unit) {
        const std::int64_t chunk = unit / (s.G * p.slices), group = unit / p.slices % s.G,
                           o = unit % p.slices * p.slice;
        const std::int64_t columns = std::min(p.slice, s.Og() - o), first = group * s.Og() + o;
        const std::int64_t begin = p.blocks() * chunk / p.chunks, end = p.blocks() * (chunk + 1) / p.chunks;
        ConvCanvas xc = p.x_canvas, dyc = p.dy_canvas;
        dyc.channels = columns;
        for (std::int64_t b = begin; b < end; ++b) {
            const Block block = block_of(s, p, b);
            xc.images = dyc.images = block.pairs;
            xc.rows = p.rows.span(block.rows), dyc.rows = block.rows;
            xc.image_step = xc.rows * xc.row_step, dyc.image_step = dyc.rows * dyc.row_step;
            fill_canvas(xc, {x + group * s.Cg(), s.N, s.C, p.rows, p.columns}, block.m0, p.rows.at(block.p0, 0),
                        x_pairs);
            fill_canvas(dyc, {dy + first, s.N, s.O, as_they_are(s.P), as_they_are(s.Q)}, block.m0, block.p0, dy_pairs);
            add_block(x_pairs, dy_pairs, sums + chunk * dw_elements(s) + first, s, p, block, columns, b > begin, runs);
        }
    }
}

// dw = sum of the chunks' dw, in their order.
void add_chunks(const float* sums, float* dw, const ConvShape& s, const Plan& p, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) dw[i] = sums[i];
    for (std::int64_t chunk = 1; chunk < p.chunks; ++chunk)
        for (std::int64_t i = range.begin; i < range.end; ++i) dw[i] += sums[chunk * dw_elements(s) + i];
}

bool nothing_to_add(const ConvShape& s) { return s.N * s.P * s.Q * dw_elements(s) == 0; }

// Of a kernel of one element: dw (C, O) = x^T (C, pixels) dy (pixels, O).
MatmulShape product(const ConvShape& s) {
    MatmulShape m;
    m.M = s.C, m.K = s.N * s.P * s.Q, m.N = s.O;
    m.a_row = 1, m.a_col = s.C, m.b_row = s.O, m.b_col = 1;
    return m;
}

}  // namespace

std::size_t conv_backward_weight_pairs_bytes(const ConvShape& s) {
    if (nothing_to_add(s)) return 0;
    if (conv_is_product(s)) return matmul_bf16_workspace_bytes<float>(Cpu{}, product(s));
    const Plan p = plan_for(s);
    return p.sums_bytes + p.part_bytes * static_cast<std::size_t>(p.parts);
}

void conv_backward_weight_pairs(const float* x, const float* dy, float* dw, const ConvShape& s, ConvWorkspace ws) {
    if (nothing_to_add(s)) {
        std::fill_n(dw, dw_elements(s), 0.0f);
        return;
    }
    if (conv_is_product(s)) return matmul_bf16(Cpu{}, x, dy, dw, product(s), {ws.data, ws.bytes});
    const Plan p = plan_for(s);
    float* const sums = p.chunks == 1 ? dw : static_cast<float*>(ws.data);
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

}  // namespace vitrine::kernels
