// Forward and backward for data as implicit matrix products. Both gather:
//
//     out_nij = bias + sum over taps (u, v) of in_nhw B_uv,      h, w: where the taps meet (i, j)
//
// a row of A (M, K) being one result's pixels of x for all taps, which is never written out: a tile walks over runs of
// neighbouring elements. Backward for data is one such gather for each rest of (h, w) by the strides: results with the
// same rest meet the same taps, and their sources are neighbours.
//
// B lies in panels of 32 columns. A unit of work is a strip of rows of a few images, copied to a canvas; the images are
// so many that a row of them fills the tiles. Each element of the result is one tile's, whoever computes it.
#include "conv_cpu_gemm.h"
#include "conv_cpu.h"
#include "conv_cpu_gather.h"
#include "conv_cpu_space.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

// All rows of the image as one where that changes nothing: long rows fill the tiles best.
ConvShape joined(ConvShape s) {
    const bool plain =
        s.N >= 16 && s.U == 1 && s.V == 1 && s.stride_h == 1 && s.stride_w == 1 && s.pad_h == 0 && s.pad_w == 0;
    if (plain) s.W = s.Q = s.H * s.W, s.H = s.P = 1;
    return s;
}

struct Plan {
    std::int64_t images, blocks;  // side by side on a canvas, and how many such groups of images
    std::int64_t strip, strips;   // rows of results
    bool in_place;                // the source needs no canvas
    bool w_in_place;              // B is read from w as it lies
    bool joined_taps;             // the taps of a kernel's row are one run
    int parts;
    std::size_t packed_bytes, part_bytes;

    std::size_t bytes() const { return packed_bytes + part_bytes * static_cast<std::size_t>(parts); }
    std::int64_t units(const ConvGather& g) const { return g.G * blocks * strips; }
};

std::int64_t panels_of(const ConvGather& g) { return (g.Kg() + conv_panel - 1) / conv_panel; }
std::int64_t panel_elements(const ConvGather& g) { return g.taps() * g.Cg() * conv_panel; }

std::size_t runs_bytes(const ConvGather& g) {
    return whole_lines(std::max<std::int64_t>(1, g.taps()), sizeof(ConvRun));
}

// From the shape alone, but for the number of parts.
template <class T>
Plan plan_for(const ConvGather& g) {
    constexpr std::int64_t rows_wanted = 28, canvas_elements = 256 * 1024 / sizeof(T), units_wanted = 16;
    Plan p{};
    const std::int64_t images = std::min(g.N, divided_up(rows_wanted, g.columns.results));
    p.blocks = divided_up(g.N, images);
    p.images = divided_up(g.N, p.blocks);
    p.in_place = p.images == 1 && g.rows.all_inside() && g.columns.all_inside();

    const std::int64_t row = conv_canvas_by_pixel(p.images, 1, g.columns, g.Cg()).elements();
    const std::int64_t rows_that_fit = std::max<std::int64_t>(1, canvas_elements / std::max<std::int64_t>(1, row));
    const std::int64_t beyond = g.rows.span(1) - 1;
    const std::int64_t strip = std::max<std::int64_t>(1, (rows_that_fit - beyond) / g.rows.step);
    p.strips = std::max(divided_up(g.rows.results, strip), divided_up(units_wanted, g.G * p.blocks));
    p.strip = divided_up(g.rows.results, std::min(p.strips, g.rows.results));
    p.strips = divided_up(g.rows.results, p.strip);

    p.joined_taps = g.columns.tap_step == 1 && p.images == 1 && (p.in_place ? g.G == 1 : g.columns.step == 1);
    const ConvCanvas canvas = conv_canvas_by_pixel(p.images, g.rows.span(p.strip), g.columns, g.Cg());
    // For a few pixels packing would cost more than it saves; whole vectors must lie in a row of w.
    p.w_in_place = !g.transposed && g.Kg() % 16 == 0 && g.N * g.rows.results * g.columns.results <= 128;
    p.packed_bytes = p.w_in_place ? 0 : whole_lines(g.G * panels_of(g) * panel_elements(g), sizeof(T));
    p.part_bytes = runs_bytes(g) + whole_lines(p.in_place ? 0 : canvas.elements(), sizeof(T));
    constexpr double products_a_step = 16;  // in the time of one elementary operation
    const double products =
        double(g.N) * double(g.rows.results * g.columns.results) * double(g.Kg()) * double(g.C * g.taps());
    p.parts = parts_for(p.units(g), products / double(std::max<std::int64_t>(1, p.units(g))) / products_a_step);
    return p;
}

// ---- B in panels: [group][panel][tap][channel of the source][32 columns], zeros beyond the last column; or as w lies

template <class T>
struct Panels {
    const T* data;
    std::int64_t group, panel, tap, row;  // elements between two of them
};

template <class T>
Panels<T> where_b_is(const T* w, const T* packed, const ConvGather& g, const Plan& p) {
    if (p.w_in_place) return {w, g.Kg(), conv_panel, g.Cg() * g.K, g.K};
    return {packed, panels_of(g) * panel_elements(g), panel_elements(g), g.Cg() * conv_panel, conv_panel};
}

template <class T>
void pack_panels(const T* w, const ConvGather& g, T* packed, Range panels) {
    const std::int64_t Cg = g.Cg(), Kg = g.Kg();
    const std::int64_t c_step = g.transposed ? 1 : g.K, k_step = g.transposed ? g.C : 1;
    const std::int64_t tap_elements = g.transposed ? Kg * g.C : Cg * g.K;
    for (std::int64_t panel = panels.begin; panel < panels.end; ++panel) {
        const std::int64_t group = panel / panels_of(g), k0 = panel % panels_of(g) * conv_panel;
        const std::int64_t columns = std::min(conv_panel, Kg - k0);
        T* to = packed + panel * panel_elements(g);
        for (std::int64_t u = 0; u < g.rows.taps; ++u) {
            for (std::int64_t v = 0; v < g.columns.taps; ++v) {
                const T* const from =
                    w + g.element(u, v) * tap_elements + (g.transposed ? group * Cg : group * Kg) + k0 * k_step;
                for (std::int64_t c = 0; c < Cg; ++c, to += conv_panel) {
                    for (std::int64_t k = 0; k < columns; ++k) to[k] = from[c * c_step + k * k_step];
                    for (std::int64_t k = columns; k < conv_panel; ++k) to[k] = 0;
                }
            }
        }
    }
}

// ---- one strip of one block of images

// The runs of result row i, whose first pixel's tap (0, 0) is at `origin`; rows of taps in the padding are left out.
std::int64_t find_runs(const ConvGather& g, const Plan& p, const ConvCanvas& canvas, std::int64_t i,
                       std::int64_t row_step, std::int64_t b_tap, ConvRun* runs) {
    std::int64_t count = 0;
    for (std::int64_t u = 0; u < g.rows.taps; ++u) {
        if (!g.rows.inside(i, u)) continue;
        for (std::int64_t v = 0; v < (p.joined_taps ? 1 : g.columns.taps); ++v) {
            const std::int64_t w = v * g.columns.tap_step;
            const std::int64_t column = p.in_place ? w * g.C : canvas.column_at(w);
            runs[count++] = {u * g.rows.tap_step * row_step + column, (u * g.columns.taps + v) * b_tap};
        }
    }
    return count;
}

template <class T>
void gather_units(const T* in, const Panels<T>& b, const T* bias, T* out, const ConvGather& g, const Plan& p,
                  Range units, ConvRun* runs, T* canvas) {
    static const ConvTilesFunction<T> multiply = conv_tiles<T>();
    for (std::int64_t unit = units.begin; unit < units.end; ++unit) {
        const std::int64_t group = unit / (p.blocks * p.strips), n0 = unit / p.strips % p.blocks * p.images;
        const std::int64_t i0 = unit % p.strips * p.strip, i1 = std::min(i0 + p.strip, g.rows.results);
        const std::int64_t images = std::min(p.images, g.N - n0), Cg = g.Cg(), Kg = g.Kg();

        const ConvSource<T> source{in + n0 * g.rows.source * g.columns.source * g.C + group * Cg, g.rows.source,
                                   g.columns.source, g.C};
        const std::int64_t h0 = g.rows.at(i0, 0);
        const ConvCanvas shape = conv_canvas_by_pixel(images, g.rows.span(i1 - i0), g.columns, Cg);
        if (!p.in_place) fill_canvas(shape, source, h0, g.columns.first, canvas);

        const std::int64_t row_step = p.in_place ? g.columns.source * g.C : shape.row_step;
        ConvTiles<T> x{};
        x.runs = runs;
        x.run_length = Cg * (p.joined_taps ? g.columns.taps : 1);
        x.a_row = p.in_place ? g.columns.step * g.C : Cg;
        x.a_col = 1;
        x.b_row = b.row;
        x.c_row = g.out_image, x.c_block = g.out_column;
        for (std::int64_t k0 = 0; k0 < Kg; k0 += conv_panel) {
            const std::int64_t k = group * Kg + k0;
            x.N = std::min(conv_panel, Kg - k0);
            x.b = b.data + group * b.group + k0 / conv_panel * b.panel;
            x.bias = bias ? bias + k : nullptr;
            for (std::int64_t i = i0; i < i1; ++i) {
                const std::int64_t first_row = g.rows.at(i, 0) - h0;
                x.a = p.in_place ? source.x + (h0 + first_row) * row_step + g.columns.first * g.C
                                 : canvas + first_row * row_step;
                x.run_count = find_runs(g, p, shape, i, row_step, b.tap, runs);
                x.c = out + n0 * g.out_image + g.out_first + i * g.out_row + k;
                x.block = images;
                x.M = g.columns.results * images;
                multiply(x);
            }
        }
    }
}

// Some rows of results, counted over all images, which no tap meets.
template <class T>
void fill_rows(const T* bias, T* out, const ConvGather& g, Range rows) {
    for (std::int64_t r = rows.begin; r < rows.end; ++r) {
        T* const row = out + g.out_first + r / g.rows.results * g.out_image + r % g.rows.results * g.out_row;
        for (std::int64_t j = 0; j < g.columns.results; ++j) {
            if (bias)
                std::copy(bias, bias + g.K, row + j * g.out_column);
            else
                std::fill_n(row + j * g.out_column, g.K, T(0));
        }
    }
}

template <class T>
void fill(const T* bias, T* out, const ConvGather& g) {
    const std::int64_t rows = g.N * g.rows.results;
    const int parts = parts_for(rows, double(g.columns.results * g.K) / 4);
#pragma omp parallel for num_threads(parts) if (parts > 1)
    for (int i = 0; i < parts; ++i) fill_rows(bias, out, g, share(rows, i, parts));
}

template <class T>
void gather(const T* in, const T* w, const T* bias, T* out, const ConvGather& g, ConvWorkspace ws) {
    if (g.N * g.rows.results * g.columns.results * g.K == 0) return;
    if (g.taps() == 0) return fill(bias, out, g);
    const Plan p = plan_for<T>(g);
    T* const packed = static_cast<T*>(ws.data);
    char* const parts_begin = static_cast<char*>(ws.data) + p.packed_bytes;
    const int parts = parts_with_space(p.parts, ws, p.packed_bytes, p.part_bytes);
    const auto runs_of = [&](int i) {
        return reinterpret_cast<ConvRun*>(parts_begin + static_cast<std::size_t>(i) * p.part_bytes);
    };
    const auto canvas_of = [&](int i) {
        return reinterpret_cast<T*>(parts_begin + static_cast<std::size_t>(i) * p.part_bytes + runs_bytes(g));
    };

    const std::int64_t panels = p.w_in_place ? 0 : g.G * panels_of(g), units = p.units(g);
    const Panels<T> b = where_b_is(w, packed, g, p);
    if (parts == 1) {
        pack_panels(w, g, packed, {0, panels});
        return gather_units(in, b, bias, out, g, p, {0, units}, runs_of(0), canvas_of(0));
    }
#pragma omp parallel num_threads(parts)
    {
#pragma omp for
        for (int i = 0; i < parts; ++i) pack_panels(w, g, packed, share(panels, i, parts));
#pragma omp for
        for (int i = 0; i < parts; ++i)
            gather_units(in, b, bias, out, g, p, share(units, i, parts), runs_of(i), canvas_of(i));
    }
}

template <class T>
std::size_t workspace_bytes(const ConvGather& g) {
    return g.N * g.rows.results * g.columns.results * g.K * g.taps() == 0 ? 0 : plan_for<T>(g).bytes();
}

}  // namespace

template <class T>
ConvTilesFunction<T> conv_tiles() {
#if defined(__x86_64__)
    if (isa() == Isa::avx512) return conv_tiles_avx512;
    if (isa() == Isa::avx2) return conv_tiles_avx2;
#endif
    return conv_tiles_generic;
}

template <class T>
std::size_t conv_forward_gemm_bytes(const ConvShape& s) {
    return workspace_bytes<T>(conv_gather_forward(joined(s)));
}

template <class T>
std::size_t conv_backward_data_gemm_bytes(const ConvShape& given) {
    const ConvShape s = joined(given);
    std::size_t most = 0;
    for (std::int64_t h = 0; h < std::min(s.stride_h, s.H); ++h)
        for (std::int64_t w = 0; w < std::min(s.stride_w, s.W); ++w)
            most = std::max(most, workspace_bytes<T>(conv_gather_backward_data(s, h, w)));
    return most;
}

template <class T>
void conv_forward_gemm(const T* x, const T* w, const T* bias, T* y, const ConvShape& s, ConvWorkspace ws) {
    gather(x, w, bias, y, conv_gather_forward(joined(s)), ws);
}

template <class T>
void conv_backward_data_gemm(const T* dy, const T* w, const T* bias, T* dx, const ConvShape& given, ConvWorkspace ws) {
    const ConvShape s = joined(given);
    for (std::int64_t rest_h = 0; rest_h < std::min(s.stride_h, s.H); ++rest_h)
        for (std::int64_t rest_w = 0; rest_w < std::min(s.stride_w, s.W); ++rest_w)
            gather(dy, w, bias, dx, conv_gather_backward_data(s, rest_h, rest_w), ws);
}

template ConvTilesFunction<float> conv_tiles();
template ConvTilesFunction<double> conv_tiles();
template std::size_t conv_forward_gemm_bytes<float>(const ConvShape&);
template std::size_t conv_forward_gemm_bytes<double>(const ConvShape&);
template std::size_t conv_backward_data_gemm_bytes<float>(const ConvShape&);
template std::size_t conv_backward_data_gemm_bytes<double>(const ConvShape&);
template void conv_forward_gemm(const float*, const float*, const float*, float*, const ConvShape&, ConvWorkspace);
template void conv_forward_gemm(const double*, const double*, const double*, double*, const ConvShape&, ConvWorkspace);
template void conv_backward_data_gemm(const float*, const float*, const float*, float*, const ConvShape&,
                                      ConvWorkspace);
template void conv_backward_data_gemm(const double*, const double*, const double*, double*, const ConvShape&,
                                      ConvWorkspace);

}  // namespace vitrine::kernels
