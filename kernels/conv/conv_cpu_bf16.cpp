// Forward and backward for data in bf16 as implicit matrix products: the gather of conv_cpu_gemm.cpp over pairs of
// channels. The canvas is always written, since that is where x is rounded, and holds
//
//     one image:       rows of pixels as they come; the taps of a kernel's row are one run
//     several images:  the same pixel of all images side by side, columns of one rest by the stride together
//
// B lies in panels [group][panel][tap][pair of channels][32 columns]. A kernel of one element with stride 1 is a plain
// product and goes to matmul_bf16().
#include "conv_cpu_bf16.h"
#include "conv_cpu_gather.h"
#include "conv_cpu_space.h"

#include "vitrine/kernels/base/parallel.h"
#include "vitrine/kernels/matmul/matmul_bf16.h"
#include "vitrine/kernels/matmul/matmul_cpu_bf16.h"

namespace vitrine::kernels {
namespace {

struct Plan {
    std::int64_t images, blocks;  // side by side on a canvas, and how many such groups of images
    std::int64_t strip, strips;   // rows of results
    bool joined_taps;             // the taps of a kernel's row are one run
    int parts;
    std::size_t packed_bytes, part_bytes;

    std::size_t bytes() const { return packed_bytes + part_bytes * static_cast<std::size_t>(parts); }
    std::int64_t units(const ConvGather& g) const { return g.G * blocks * strips; }
};

std::int64_t panels_of(const ConvGather& g) { return divided_up(g.Kg(), conv_panel); }
std::int64_t tap_pairs(const ConvGather& g) { return conv_pairs(g.Cg()) * conv_panel; }
std::int64_t panel_pairs(const ConvGather& g) { return g.taps() * tap_pairs(g); }

std::size_t runs_bytes(const ConvGather& g) {
    return whole_lines(std::max<std::int64_t>(1, g.taps()), sizeof(ConvRun));
}

// Of `images` images; `as_they_come`: one image's pixels, otherwise sorted by the rest.
ConvCanvas canvas_for(const ConvGather& g, std::int64_t images, std::int64_t rows, bool as_they_come) {
    ConvCanvas c = conv_canvas_by_pixel(images, g.rows.span(rows), g.columns, conv_pairs(g.Cg()));
    if (as_they_come) c.step = 1, c.row_step = c.columns * c.pixel_step;
    return c;
}

// From the shape alone, but for the number of parts.
Plan plan_for(const ConvGather& g) {
    constexpr std::int64_t rows_wanted = 28, canvas_pairs = 64 * 1024, units_wanted = 16;
    Plan p{};
    const std::int64_t images = g.taps() == 0 ? 1 : std::min(g.N, divided_up(rows_wanted, g.columns.results));
    p.blocks = divided_up(g.N, images);
    p.images = divided_up(g.N, p.blocks);

    const std::int64_t row = canvas_for(g, p.images, 1, p.images == 1).row_step;
    const std::int64_t rows_that_fit = std::max<std::int64_t>(1, canvas_pairs / std::max<std::int64_t>(1, row));
    const std::int64_t beyond = g.rows.span(1) - 1;
    const std::int64_t strip = std::max<std::int64_t>(1, (rows_that_fit - beyond) / g.rows.step);
    p.strips = std::max(divided_up(g.rows.results, strip), divided_up(units_wanted, g.G * p.blocks));
    p.strip = divided_up(g.rows.results, std::min(p.strips, g.rows.results));
    p.strips = divided_up(g.rows.results, p.strip);

    p.joined_taps = g.columns.tap_step == 1 && p.images == 1;
    p.packed_bytes = whole_lines(g.G * panels_of(g) * panel_pairs(g), sizeof(float));
    p.part_bytes =
        runs_bytes(g) + whole_lines(canvas_for(g, p.images, p.strip, p.images == 1).elements(), sizeof(float));
    constexpr double products_a_step = 32;  // in the time of one elementary operation
    const double products =
        double(g.N) * double(g.rows.results * g.columns.results) * double(g.Kg()) * double(g.C * g.taps());
    p.parts = parts_for(p.units(g), products / double(std::max<std::int64_t>(1, p.units(g))) / products_a_step);
    return p;
}

void pack_panels(const float* w, const ConvGather& g, float* packed, Range panels) {
    const std::int64_t Cg = g.Cg(), Kg = g.Kg();
    const std::int64_t tap_elements = g.transposed ? Kg * g.C : Cg * g.K;
    for (std::int64_t panel = panels.begin; panel < panels.end; ++panel) {
        const std::int64_t group = panel / panels_of(g), k0 = panel % panels_of(g) * conv_panel;
        MatmulPartBf16<float> b{};
        b.K = Cg, b.k_step = 2 * conv_pairs(Cg);
        b.N = std::min(conv_panel, Kg - k0);
        b.b_row = g.transposed ? 1 : g.K, b.b_col = g.transposed ? g.C : 1;
        float* to = packed + panel * panel_pairs(g);
        for (std::int64_t u = 0; u < g.rows.taps; ++u) {
            for (std::int64_t v = 0; v < g.columns.taps; ++v, to += tap_pairs(g)) {
                b.b = w + g.element(u, v) * tap_elements + (g.transposed ? group * Cg : group * Kg) + k0 * b.b_col;
#if defined(__x86_64__)
                matmul_avx512bf16_pack(b, reinterpret_cast<std::uint32_t*>(to));
#endif
            }
        }
    }
}

// ---- the canvas

void fill_row(const ConvCanvas& c, const ConvAxis& columns, const float* row, std::int64_t pitch, std::int64_t Cg,
              float* to) {
    const std::int64_t first = columns.first;
    const std::int64_t begin = std::clamp<std::int64_t>(-first, 0, c.columns);
    const std::int64_t end = std::clamp<std::int64_t>(columns.source - first, begin, c.columns);
    const bool all = columns.meets_all();
    if (all && c.step == 1 && c.images == 1 && pitch == Cg && Cg % 2 == 0) {
        std::fill(to, to + begin * c.channels, 0.0f);
        conv_pairs_of_neighbours(row + (first + begin) * pitch, (end - begin) * pitch, to + begin * c.channels);
        std::fill(to + end * c.channels, to + c.columns * c.channels, 0.0f);
        return;
    }
    for (std::int64_t w = 0; w < c.columns; ++w) {
        if (!all && !columns.meets(w)) continue;
        float* const pixel = to + c.column_at(w);
        if (w < begin || w >= end)
            std::fill(pixel, pixel + c.channels, 0.0f);
        else
            conv_pairs_of_neighbours(row + (first + w) * pitch, Cg, pixel);
    }
}

// Rows from h0 on; those outside of the source are not written.
void fill_canvas(const ConvCanvas& c, const ConvGather& g, const float* source, std::int64_t h0, float* canvas) {
    for (std::int64_t n = 0; n < c.images; ++n) {
        for (std::int64_t r = std::max<std::int64_t>(0, -h0); r < std::min(c.rows, g.rows.source - h0); ++r) {
            if (!g.rows.meets(r)) continue;
            const float* const row = source + (n * g.rows.source + h0 + r) * g.columns.source * g.C;
            fill_row(c, g.columns, row, g.C, g.Cg(), canvas + n * c.image_step + r * c.row_step);
        }
    }
}

// ---- one strip of one block of images

// The runs of result row i, whose first pixel's tap (0, 0) is at the beginning of a row of the canvas; rows of taps in
// the padding are left out.
std::int64_t find_runs(const ConvGather& g, const Plan& p, const ConvCanvas& canvas, std::int64_t i, ConvRun* runs) {
    std::int64_t count = 0;
    for (std::int64_t u = 0; u < g.rows.taps; ++u) {
        if (!g.rows.inside(i, u)) continue;
        for (std::int64_t v = 0; v < (p.joined_taps ? 1 : g.columns.taps); ++v)
            runs[count++] = {u * g.rows.tap_step * canvas.row_step + canvas.column_at(v * g.columns.tap_step),
                             (u * g.columns.taps + v) * tap_pairs(g)};
    }
    return count;
}

void gather_units(const float* in, const float* packed, const float* bias, float* out, const ConvGather& g,
                  const Plan& p, Range units, ConvRun* runs, float* canvas) {
    for (std::int64_t unit = units.begin; unit < units.end; ++unit) {
        const std::int64_t group = unit / (p.blocks * p.strips), n0 = unit / p.strips % p.blocks * p.images;
        const std::int64_t i0 = unit % p.strips * p.strip, i1 = std::min(i0 + p.strip, g.rows.results);
        const std::int64_t images = std::min(p.images, g.N - n0), Cg = g.Cg(), Kg = g.Kg();
        const std::int64_t h0 = g.rows.at(i0, 0);
        const ConvCanvas shape = canvas_for(g, images, i1 - i0, p.images == 1);
        fill_canvas(shape, g, in + n0 * g.rows.source * g.columns.source * g.C + group * Cg, h0, canvas);

        ConvTiles<float> x{};
        x.runs = runs;
        x.run_length = shape.channels * (p.joined_taps ? g.columns.taps : 1);
        x.a_row = shape.channels * (p.images == 1 ? g.columns.step : 1);
        x.a_col = 1;
        x.b_row = conv_panel;
        x.c_row = g.out_image, x.c_block = g.out_column;
        for (std::int64_t k0 = 0; k0 < Kg; k0 += conv_panel) {
            const std::int64_t k = group * Kg + k0;
            x.N = std::min(conv_panel, Kg - k0);
            x.b = packed + (group * panels_of(g) + k0 / conv_panel) * panel_pairs(g);
            x.bias = bias ? bias + k : nullptr;
            for (std::int64_t i = i0; i < i1; ++i) {
                x.a = canvas + (g.rows.at(i, 0) - h0) * shape.row_step;
                x.run_count = find_runs(g, p, shape, i, runs);
                x.c = out + n0 * g.out_image + g.out_first + i * g.out_row + k;
                x.block = images;
                x.M = g.columns.results * images;
                conv_tiles_avx512bf16(x);
            }
        }
    }
}

bool nothing_to_do(const ConvGather& g) { return g.N * g.rows.results * g.columns.results * g.K == 0; }

void gather(const float* in, const float* w, const float* bias, float* out, const ConvGather& g, ConvWorkspace ws) {
    if (nothing_to_do(g)) return;
    const Plan p = plan_for(g);
    float* const packed = static_cast<float*>(ws.data);
    char* const parts_begin = static_cast<char*>(ws.data) + p.packed_bytes;
    const int parts = parts_with_space(p.parts, ws, p.packed_bytes, p.part_bytes);
    const auto units_of_part = [&](Range units, int i) {
        char* const own = parts_begin + static_cast<std::size_t>(i) * p.part_bytes;
        gather_units(in, packed, bias, out, g, p, units, reinterpret_cast<ConvRun*>(own),
                     reinterpret_cast<float*>(own + runs_bytes(g)));
    };
    const std::int64_t panels = g.G * panels_of(g), units = p.units(g);
    if (parts == 1) {
        pack_panels(w, g, packed, {0, panels});
        return units_of_part({0, units}, 0);
    }
#pragma omp parallel num_threads(parts)
    {
#pragma omp for
        for (int i = 0; i < parts; ++i) pack_panels(w, g, packed, share(panels, i, parts));
#pragma omp for
        for (int i = 0; i < parts; ++i) units_of_part(share(units, i, parts), i);
    }
}

// ---- a kernel of one element

// y (pixels, O) = x (pixels, C) w (C, O)
MatmulShape product_forward(const ConvShape& s) {
    MatmulShape m;
    m.M = s.N * s.P * s.Q, m.K = s.C, m.N = s.O;
    m.a_row = s.C, m.a_col = 1, m.b_row = s.O, m.b_col = 1;
    return m;
}

// dx (pixels, C) = dy (pixels, O) w^T
MatmulShape product_backward_data(const ConvShape& s) {
    MatmulShape m;
    m.M = s.N * s.P * s.Q, m.K = s.O, m.N = s.C;
    m.a_row = s.O, m.a_col = 1, m.b_row = 1, m.b_col = s.O;
    return m;
}

}  // namespace

std::size_t conv_forward_pairs_bytes(const ConvShape& s) {
    if (conv_is_product(s)) return matmul_bf16_workspace_bytes<float>(Cpu{}, product_forward(s));
    const ConvGather g = conv_gather_forward(s);
    return nothing_to_do(g) ? 0 : plan_for(g).bytes();
}

std::size_t conv_backward_data_pairs_bytes(const ConvShape& s) {
    if (conv_is_product(s)) return matmul_bf16_workspace_bytes<float>(Cpu{}, product_backward_data(s));
    std::size_t most = 0;
    for (std::int64_t h = 0; h < std::min(s.stride_h, s.H); ++h) {
        for (std::int64_t w = 0; w < std::min(s.stride_w, s.W); ++w) {
            const ConvGather g = conv_gather_backward_data(s, h, w);
            if (!nothing_to_do(g)) most = std::max(most, plan_for(g).bytes());
        }
    }
    return most;
}

void conv_forward_pairs(const float* x, const float* w, const float* bias, float* y, const ConvShape& s,
                        ConvWorkspace ws) {
    if (conv_is_product(s)) return matmul_bf16(Cpu{}, x, w, y, product_forward(s), {ws.data, ws.bytes}, {.bias = bias});
    gather(x, w, bias, y, conv_gather_forward(s), ws);
}

void conv_backward_data_pairs(const float* dy, const float* w, const float* bias, float* dx, const ConvShape& s,
                              ConvWorkspace ws) {
    if (conv_is_product(s))
        return matmul_bf16(Cpu{}, dy, w, dx, product_backward_data(s), {ws.data, ws.bytes}, {.bias = bias});
    for (std::int64_t rest_h = 0; rest_h < std::min(s.stride_h, s.H); ++rest_h)
        for (std::int64_t rest_w = 0; rest_w < std::min(s.stride_w, s.W); ++rest_w)
            gather(dy, w, bias, dx, conv_gather_backward_data(s, rest_h, rest_w), ws);
}

}  // namespace vitrine::kernels
