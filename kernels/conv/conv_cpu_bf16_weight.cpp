// Backward for the weight in bf16 as an implicit matrix product over pairs of images, cut as conv_cpu_weight.h says:
//
//     dw_uv (C, O) = sum over pixels (n, p, q) of x_nhw^T dy_npq
//
// Images 2m and 2m + 1 lie on the canvases as one whose elements are pairs; an odd last image has zeros beside it. Else
// it is conv_cpu_gemm_weight.cpp: a run is a row of pixels, the elements of a kernel's row with all their channels are
// the rows of a product where they lie together.
#include "conv_cpu_bf16.h"
#include "conv_cpu_weight.h"

#include "vitrine/kernels/matmul/matmul_bf16.h"

namespace vitrine::kernels {
namespace {

// dy's rows or columns.
ConvAxis as_they_are(std::int64_t n) { return {n, n, 1, 1, 0, 1}; }

std::size_t x_bytes(const ConvWeightPlan& p) { return whole_lines(p.x_canvas.elements(), sizeof(float)); }

ConvWeightPlan plan_for(const ConvShape& s) {
    constexpr std::int64_t units_wanted = 16;
    const std::int64_t slice_wanted = s.U * s.V == 1 ? 128 : 64;  // x is copied once for each slice
    constexpr double products_a_step = 32;
    ConvWeightPlan p = conv_weight_blocks(s, conv_pairs(s.N), slice_wanted);
    conv_weight_share<float>(s, divided_up(units_wanted, s.G * p.slices), products_a_step, p);
    p.joined_taps = s.dilation_w == 1 && s.stride_w == 1;
    p.part_bytes = p.runs_bytes() + x_bytes(p) + whole_lines(p.dy_canvas.elements(), sizeof(float));
    return p;
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
void add_block(const float* x, const float* dy, float* dw, const ConvShape& s, const ConvWeightPlan& p,
               const ConvWeightBlock& b, std::int64_t columns, bool add, ConvRun* runs) {
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
        for (std::int64_t m = 0; m < b.images; ++m)
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

void weight_units(const float* x, const float* dy, float* sums, const ConvShape& s, const ConvWeightPlan& p,
                  Range units, char* workspace) {
    ConvRun* const runs = reinterpret_cast<ConvRun*>(workspace);
    float* const x_pairs = reinterpret_cast<float*>(workspace + p.runs_bytes());
    float* const dy_pairs = reinterpret_cast<float*>(workspace + p.runs_bytes() + x_bytes(p));
    for (std::int64_t i = units.begin; i < units.end; ++i) {
        const ConvWeightUnit unit = conv_weight_unit(s, p, i);
        float* const dw = sums + unit.chunk * conv_dw_elements(s) + unit.first;
        ConvCanvas xc = p.x_canvas, dyc = p.dy_canvas;
        dyc.channels = unit.columns;
        for (std::int64_t b = unit.blocks.begin; b < unit.blocks.end; ++b) {
            const ConvWeightBlock block = conv_weight_block(s, p, b);
            xc.images = dyc.images = block.images;
            xc.rows = p.rows.span(block.rows), dyc.rows = block.rows;
            xc.image_step = xc.rows * xc.row_step, dyc.image_step = dyc.rows * dyc.row_step;
            fill_canvas(xc, {x + unit.group * s.Cg(), s.N, s.C, p.rows, p.columns}, block.n0, p.rows.at(block.p0, 0),
                        x_pairs);
            fill_canvas(dyc, {dy + unit.first, s.N, s.O, as_they_are(s.P), as_they_are(s.Q)}, block.n0, block.p0,
                        dy_pairs);
            add_block(x_pairs, dy_pairs, dw, s, p, block, unit.columns, b > unit.blocks.begin, runs);
        }
    }
}

// Of a kernel of one element: dw (C, O) = x^T (C, pixels) dy (pixels, O).
MatmulShape product(const ConvShape& s) {
    MatmulShape m;
    m.M = s.C, m.K = s.N * s.P * s.Q, m.N = s.O;
    m.a_row = 1, m.a_col = s.C, m.b_row = s.O, m.b_col = 1;
    return m;
}

}  // namespace

std::size_t conv_backward_weight_pairs_bytes(const ConvShape& s) {
    if (conv_dw_has_no_products(s)) return 0;
    if (conv_is_product(s)) return matmul_bf16_workspace_bytes<float>(Cpu{}, product(s));
    return plan_for(s).bytes();
}

void conv_backward_weight_pairs(const float* x, const float* dy, float* dw, const ConvShape& s, ConvWorkspace ws) {
    if (conv_dw_has_no_products(s)) {
        std::fill_n(dw, conv_dw_elements(s), 0.0f);
        return;
    }
    if (conv_is_product(s)) return matmul_bf16(Cpu{}, x, dy, dw, product(s), {ws.data, ws.bytes});
    conv_weight_by_chunks<float>(weight_units, x, dy, dw, s, plan_for(s), ws);
}

}  // namespace vitrine::kernels
