// Backward for the weight as an implicit matrix product, cut as conv_cpu_weight.h says:
//
//     dw_uv (C, O) = sum over pixels (n, p, q) of x_nhw^T dy_npq
//
// A run is a row of pixels, the elements of a kernel's row with all their channels are the rows of a product where they
// lie together.
#include "conv_cpu.h"
#include "conv_cpu_weight.h"

namespace vitrine::kernels {
namespace {

template <class T>
ConvWeightPlan plan_for(const ConvShape& s) {
    constexpr std::int64_t chunks_most = 32, slice_wanted = 64, columns_in_place = 16;
    constexpr double products_a_step = 16;
    ConvWeightPlan p = conv_weight_blocks(s, s.N, slice_wanted);
    conv_weight_share<T>(s, chunks_most, products_a_step, p);
    p.x_in_place = p.rows.all_inside() && p.columns.all_inside();
    p.dy_in_place = p.slice % columns_in_place == 0 && s.Og() % columns_in_place == 0;
    p.joined_taps = s.dilation_w == 1 && (p.x_in_place ? s.G == 1 : s.stride_w == 1);
    const std::int64_t canvases =
        (p.x_in_place ? 0 : p.x_canvas.elements()) + (p.dy_in_place ? 0 : p.dy_canvas.elements());
    p.part_bytes = p.runs_bytes() + whole_lines(canvases, sizeof(T));
    return p;
}

// x or dy of one block: element (image n, row r of the block, column w) is at n * image + r * row + column(w).
template <class T>
struct Operand {
    const T* data;
    std::int64_t image, row, pixel;
};

template <class T>
Operand<T> x_of_block(const T* x, const ConvShape& s, const ConvWeightPlan& p, std::int64_t group,
                      const ConvWeightBlock& b, T* canvas) {
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
Operand<T> dy_of_block(const T* dy, const ConvShape& s, const ConvWeightPlan& p, std::int64_t o, std::int64_t columns,
                       const ConvWeightBlock& b, T* canvas) {
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
void add_block(const Operand<T>& x, const Operand<T>& dy, T* dw, const ConvShape& s, const ConvWeightPlan& p,
               const ConvWeightBlock& b, std::int64_t columns, bool add, ConvRun* runs) {
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
void weight_units(const T* x, const T* dy, T* sums, const ConvShape& s, const ConvWeightPlan& p, Range units,
                  char* workspace) {
    ConvRun* const runs = reinterpret_cast<ConvRun*>(workspace);
    T* const x_canvas = reinterpret_cast<T*>(workspace + p.runs_bytes());
    T* const dy_canvas = x_canvas + (p.x_in_place ? 0 : p.x_canvas.elements());
    for (std::int64_t i = units.begin; i < units.end; ++i) {
        const ConvWeightUnit unit = conv_weight_unit(s, p, i);
        T* const dw = sums + unit.chunk * conv_dw_elements(s) + unit.first;
        for (std::int64_t b = unit.blocks.begin; b < unit.blocks.end; ++b) {
            const ConvWeightBlock block = conv_weight_block(s, p, b);
            const Operand<T> xb = x_of_block(x, s, p, unit.group, block, x_canvas);
            const Operand<T> dyb = dy_of_block(dy, s, p, unit.first, unit.columns, block, dy_canvas);
            add_block(xb, dyb, dw, s, p, block, unit.columns, b > unit.blocks.begin, runs);
        }
    }
}

}  // namespace

template <class T>
std::size_t conv_backward_weight_gemm_bytes(const ConvShape& s) {
    return conv_dw_has_no_products(s) ? 0 : plan_for<T>(s).bytes();
}

template <class T>
void conv_backward_weight_gemm(const T* x, const T* dy, T* dw, const ConvShape& s, ConvWorkspace ws) {
    if (conv_dw_has_no_products(s)) {
        std::fill_n(dw, conv_dw_elements(s), T(0));
        return;
    }
    conv_weight_by_chunks<T>(weight_units<T>, x, dy, dw, s, plan_for<T>(s), ws);
}

template std::size_t conv_backward_weight_gemm_bytes<float>(const ConvShape&);
template std::size_t conv_backward_weight_gemm_bytes<double>(const ConvShape&);
template void conv_backward_weight_gemm(const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_backward_weight_gemm(const double*, const double*, double*, const ConvShape&, ConvWorkspace);

}  // namespace vitrine::kernels
