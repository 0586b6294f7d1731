// What the drivers of the implicit GEMM share: how results meet their source along an axis, and the canvas, a copy of
// some rows of some images in which a tile finds all it needs in equal steps.
//
//     source, padding 1, stride 2          canvas: every second column, then the others
//     . a b c d e .                        [ . b d . ] [ a c e ]
//
// Neighbouring results read neighbouring columns of the canvas whatever the stride is, and padding is written out as
// zeros. Rows that lie in the padding as a whole are left out by the callers. A canvas costs one read and one write of
// each element, which is then used for every output channel and several kernel elements.
#pragma once

#include <algorithm>
#include <cstdint>

namespace vitrine::kernels {

/// Tap t of the kernel meets, for result i, the source at i * step + first + t * tap_step.
struct ConvAxis {
    std::int64_t results, source;  ///< how many there are
    std::int64_t step, taps, first, tap_step;
    std::int64_t kernel_first = 0, kernel_step = 1;  ///< which element of the kernel tap t is

    std::int64_t at(std::int64_t i, std::int64_t t) const { return i * step + first + t * tap_step; }
    /// Source positions from the first to the last that `count` results meet.
    std::int64_t span(std::int64_t count) const { return (count - 1) * step + (taps - 1) * tap_step + 1; }
    bool inside(std::int64_t i, std::int64_t t) const { return at(i, t) >= 0 && at(i, t) < source; }
    /// The taps [begin, end) that meet the source for result i.
    struct Taps {
        std::int64_t begin, end;
    };
    Taps taps_inside(std::int64_t i) const {
        Taps t{0, taps};
        while (t.begin < t.end && !inside(i, t.begin)) ++t.begin;
        while (t.end > t.begin && !inside(i, t.end - 1)) --t.end;
        return t;
    }
    /// Whether a tap of any result meets the source `at` places behind the first.
    bool meets(std::int64_t at) const {
        for (std::int64_t t = 0; t < taps; ++t)
            if (at >= t * tap_step && (at - t * tap_step) % step == 0) return true;
        return false;
    }
    /// Whether they do so for each place.
    bool meets_all() const { return step == 1 || (taps >= step && tap_step == 1); }
    bool all_inside() const { return taps == 0 || (first >= 0 && at(results - 1, taps - 1) < source); }
};

/// Where things are on a canvas, in elements.
struct ConvCanvas {
    std::int64_t images, rows, columns;  ///< columns of the source that are on it
    std::int64_t channels;
    std::int64_t step;  ///< of the columns' axis
    std::int64_t image_step, row_step, pixel_step;

    std::int64_t columns_of_a_rest() const { return (columns + step - 1) / step; }
    /// Column `w` of those on the canvas, in elements.
    std::int64_t column_at(std::int64_t w) const { return (w % step * columns_of_a_rest() + w / step) * pixel_step; }
    std::int64_t elements() const { return images * rows * columns_of_a_rest() * step * channels; }
};

/// A canvas with the pixels of one row of one image side by side.
inline ConvCanvas conv_canvas_by_image(std::int64_t images, std::int64_t rows, const ConvAxis& columns,
                                       std::int64_t channels) {
    ConvCanvas c{images, rows, columns.span(columns.results), channels, columns.step, 0, 0, channels};
    c.row_step = c.columns_of_a_rest() * c.step * channels;
    c.image_step = rows * c.row_step;
    return c;
}

/// A canvas with the same pixel of all its images side by side.
inline ConvCanvas conv_canvas_by_pixel(std::int64_t images, std::int64_t rows, const ConvAxis& columns,
                                       std::int64_t channels) {
    ConvCanvas c{images, rows, columns.span(columns.results), channels, columns.step, channels, 0, images * channels};
    c.row_step = c.columns_of_a_rest() * c.step * c.pixel_step;
    return c;
}

/// The source of a canvas: images [H][W][pitch], of which `channels` are wanted.
template <class T>
struct ConvSource {
    const T* x;  ///< first wanted image, first wanted channel
    std::int64_t H, W, pitch;
};

// Columns [first, first + columns) of one row of the source.
template <class T>
void fill_canvas_row(const ConvCanvas& c, const T* row, std::int64_t W, std::int64_t pitch, std::int64_t first, T* to) {
    const std::int64_t begin = std::clamp<std::int64_t>(-first, 0, c.columns);
    const std::int64_t end = std::clamp<std::int64_t>(W - first, begin, c.columns);
    if (c.step == 1 && c.pixel_step == c.channels && pitch == c.channels) {
        std::fill(to, to + begin * pitch, T(0));
        std::copy(row + (first + begin) * pitch, row + (first + end) * pitch, to + begin * pitch);
        std::fill(to + end * pitch, to + c.columns * pitch, T(0));
        return;
    }
    for (std::int64_t w = 0; w < c.columns; ++w) {
        T* const pixel = to + c.column_at(w);
        const T* const from = row + (first + w) * pitch;
        if (w < begin || w >= end)
            std::fill(pixel, pixel + c.channels, T(0));
        else
            std::copy(from, from + c.channels, pixel);
    }
}

/// Copies rows [h0, h0 + c.rows) and columns from w0 on; rows outside of the source are not written.
template <class T>
void fill_canvas(const ConvCanvas& c, const ConvSource<T>& s, std::int64_t h0, std::int64_t w0, T* canvas) {
    for (std::int64_t n = 0; n < c.images; ++n) {
        for (std::int64_t r = std::max<std::int64_t>(0, -h0); r < std::min(c.rows, s.H - h0); ++r) {
            const T* const row = s.x + (n * s.H + h0 + r) * s.W * s.pitch;
            fill_canvas_row(c, row, s.W, s.pitch, w0, canvas + n * c.image_step + r * c.row_step);
        }
    }
}

}  // namespace vitrine::kernels
