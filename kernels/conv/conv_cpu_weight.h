// What the backward for the weight as an implicit matrix product has in common in f32 (conv_cpu_gemm_weight.cpp) and in
// bf16 (conv_cpu_bf16_weight.cpp): how its pixels are cut, and what a thread gets.
//
//     dw_uv (C, O) = sum over pixels (n, p, q) of x_nhw^T dy_npq
//
// The pixels are cut into blocks, and these into chunks at places that depend on the shape alone; each chunk adds up a
// dw of its own and these are added in their order: the same bits at any number of threads. A unit of work is a chunk,
// a group and a slice of the output channels.
#pragma once

#include "conv_cpu_canvas.h"
#include "conv_cpu_gemm.h"
#include "conv_cpu_space.h"

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {

inline std::int64_t conv_dw_elements(const ConvShape& s) { return s.U * s.V * s.Cg() * s.O; }
/// Whether dw is empty or all zeros.
inline bool conv_dw_has_no_products(const ConvShape& s) { return s.N * s.P * s.Q * conv_dw_elements(s) == 0; }

/// "Images" are pairs of images in bf16.
struct ConvWeightPlan {
    ConvAxis rows, columns;
    std::int64_t all_images;
    std::int64_t images, strip;  ///< of a block of pixels: images, and rows of each
    std::int64_t image_blocks, strips;
    std::int64_t slice, slices;          ///< of a group's output channels
    std::int64_t chunks;                 ///< of blocks, each with a dw of its own
    bool x_in_place, dy_in_place;        ///< else copied to a canvas
    bool joined_taps;                    ///< the taps of a kernel's row are rows of one product
    ConvCanvas x_canvas, dy_canvas;      ///< of a whole block
    int parts;                           ///< the only number that does not come from the shape alone
    std::size_t sums_bytes, part_bytes;  ///< the chunks' dw; what a thread needs

    std::int64_t blocks() const { return image_blocks * strips; }
    std::int64_t units(const ConvShape& s) const { return s.G * chunks * slices; }
    std::size_t runs_bytes() const { return whole_lines(images * strip, sizeof(ConvRun)); }
    std::size_t bytes() const { return sums_bytes + part_bytes * static_cast<std::size_t>(parts); }
};

/// Cuts the pixels into blocks, and the output channels into slices of about `slice_wanted`.
inline ConvWeightPlan conv_weight_blocks(const ConvShape& s, std::int64_t all_images, std::int64_t slice_wanted) {
    constexpr std::int64_t pixels_wanted = 512;
    ConvWeightPlan p{};
    p.rows = {s.P, s.H, s.stride_h, s.U, -s.pad_h, s.dilation_h};
    p.columns = {s.Q, s.W, s.stride_w, s.V, -s.pad_w, s.dilation_w};

    p.all_images = all_images;
    p.images = std::clamp<std::int64_t>(pixels_wanted / (s.P * s.Q), 1, all_images);
    p.image_blocks = divided_up(all_images, p.images);
    p.images = divided_up(all_images, p.image_blocks);
    p.strips = divided_up(s.P, p.images > 1 ? s.P : std::max<std::int64_t>(1, pixels_wanted / s.Q));
    p.strip = divided_up(s.P, p.strips);
    p.strips = divided_up(s.P, p.strip);

    p.slices = std::max<std::int64_t>(1, s.Og() / slice_wanted);
    p.slice = divided_up(divided_up(s.Og(), p.slices), conv_panel) * conv_panel;
    p.slices = divided_up(s.Og(), p.slice);

    p.x_canvas = conv_canvas_by_image(p.images, p.rows.span(p.strip), p.columns, s.Cg());
    p.dy_canvas = conv_canvas_by_image(p.images, p.strip, {s.Q, s.Q, 1, 1, 0, 1}, p.slice);
    return p;
}

/// Then the blocks into at most `most` chunks, for as many threads as have work; `products_a_step`: products in the
/// time of one elementary operation.
template <class T>
void conv_weight_share(const ConvShape& s, std::int64_t most, double products_a_step, ConvWeightPlan& p) {
    constexpr std::int64_t sums_elements = (std::int64_t{16} << 20) / sizeof(T);
    p.chunks = std::min({most, p.blocks(), std::max<std::int64_t>(1, sums_elements / conv_dw_elements(s))});
    p.sums_bytes = p.chunks == 1 ? 0 : whole_lines(p.chunks * conv_dw_elements(s), sizeof(T));
    const double products = double(s.N) * double(s.P * s.Q) * double(conv_dw_elements(s) / s.G);
    p.parts = parts_for(p.units(s), products * double(s.G) / double(p.units(s)) / products_a_step);
}

/// A block of pixels: images and rows of dy.
struct ConvWeightBlock {
    std::int64_t n0, images, p0, rows;
};

inline ConvWeightBlock conv_weight_block(const ConvShape& s, const ConvWeightPlan& p, std::int64_t b) {
    const std::int64_t n0 = b / p.strips * p.images, p0 = b % p.strips * p.strip;
    return {n0, std::min(p.images, p.all_images - n0), p0, std::min(p.strip, s.P - p0)};
}

/// Output channels [first, first + columns), all of one group, of the blocks of one chunk.
struct ConvWeightUnit {
    std::int64_t chunk, group, first, columns;
    Range blocks;
};

inline ConvWeightUnit conv_weight_unit(const ConvShape& s, const ConvWeightPlan& p, std::int64_t unit) {
    const std::int64_t chunk = unit / (s.G * p.slices), group = unit / p.slices % s.G, o = unit % p.slices * p.slice;
    return {chunk,
            group,
            group * s.Og() + o,
            std::min(p.slice, s.Og() - o),
            {p.blocks() * chunk / p.chunks, p.blocks() * (chunk + 1) / p.chunks}};
}

/// The units' dw: [chunk] as dw lies.
template <class T>
using ConvWeightUnits = void (*)(const T* x, const T* dy, T* sums, const ConvShape& s, const ConvWeightPlan& p,
                                 Range units, char* workspace);

/// dw = sum of the chunks' dw, in their order.
template <class T>
void conv_add_chunks(const T* sums, T* dw, const ConvShape& s, const ConvWeightPlan& p, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) dw[i] = sums[i];
    for (std::int64_t chunk = 1; chunk < p.chunks; ++chunk)
        for (std::int64_t i = range.begin; i < range.end; ++i) dw[i] += sums[chunk * conv_dw_elements(s) + i];
}

/// All units, shared among the threads, then their sum.
template <class T>
void conv_weight_by_chunks(ConvWeightUnits<T> weight_units, const T* x, const T* dy, T* dw, const ConvShape& s,
                           const ConvWeightPlan& p, ConvWorkspace ws) {
    T* const sums = p.chunks == 1 ? dw : static_cast<T*>(ws.data);
    char* const parts_begin = static_cast<char*>(ws.data) + p.sums_bytes;
    const int parts = parts_with_space(p.parts, ws, p.sums_bytes, p.part_bytes);
    const std::int64_t units = p.units(s), elements = conv_dw_elements(s);
    if (parts == 1) {
        weight_units(x, dy, sums, s, p, {0, units}, parts_begin);
        if (p.chunks > 1) conv_add_chunks(sums, dw, s, p, {0, elements});
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
            if (p.chunks > 1) conv_add_chunks(sums, dw, s, p, share(elements, i, parts, 16));
    }
}

}  // namespace vitrine::kernels
