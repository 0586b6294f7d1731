// Winograd's convolution F(4x4, 3x3), after Lavin and Gray 2016 (https://arxiv.org/abs/1509.09308): for a tile of 4 x 4
// results y, the 6 x 6 pixels d that it meets, and a kernel g,
//
//     y = A^T [ (G g G^T) . (B^T d B) ] A          . multiplies 36 pairs of numbers instead of 16 x 9 = 144
//
//           4  0 -5  0 1 0            1/4     0    0           1 1  1 1  1 0
//           0 -4 -4  1 1 0           -1/6  -1/6 -1/6           0 1 -1 2 -2 0
//     B^T = 0  4 -4 -1 1 0     G  =  -1/6   1/6 -1/6     A^T = 0 1  1 4  4 0
//           0 -2 -1  2 1 0           1/24  1/12  1/6           0 1 -1 8 -8 1
//           0  2 -1 -2 1 0           1/24 -1/12  1/6
//           0  4  0 -5 0 1              0     0    1
//
// Over many tiles and channels each of the 36 points is a matrix product: (tiles, channels of d) by (channels of d,
// channels of y), which the register tiles of the implicit GEMM compute (conv_cpu_gemm.h). The gradient for the data is
// the same with the kernel turned round; the gradient for the kernel is the transpose of the whole,
//
//     dg = G^T [ sum over tiles (A dy A^T) . (B^T d B) ] G
//
// With stride 2 a line of the kernel is two: the first and the last tap meet every second pixel, for which F(4, 2) has
// 5 products in place of 8, and the middle one meets the others, which stay as they are, with 4. A tile has 9 x 9
// points and pixels, 81 products instead of 144; the kernel has 6 x 6 points, the last of a line being the middle tap,
// which points 5 to 8 of the tile meet.
//
//           2 -1 -2  1 0            1/2    0                                B^T of pixels 0, 2, 4, 6, 8; 1, 3, 5, 7
//           0 -2 -1  1 0           -1/2 -1/2           1 1  1 1 0           G of taps 0 and 2; 1
//     B^T = 0  2 -3  1 0     G  =  -1/6  1/6     A^T = 0 1 -1 2 0           A^T of points 0 to 4, + points 5 to 8
//           0 -1  0  1 0            1/6  1/3           0 1  1 4 0
//           0  2 -1 -2 1              0    1           0 1 -1 8 1
//
// For the data, 8 x 8 pixels of dx, which begin at an even one, meet 5 x 5 of dy: the odd ones by F(4, 2) with the taps
// turned round, the even ones by the middle tap. That is so for padding 1, and only this is here.
//
// Here: the transforms, which each instruction set has with vectors of channels, and who computes them.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {

constexpr int winograd_tile = 4;  // results of a tile, along each side
constexpr int winograd_points = 36;
constexpr int winograd_kernel_lines = 6;   // points of a kernel, along each side
constexpr int winograd_strided_lines = 9;  // points of a tile with stride 2, along each side

/// Which point of the kernel meets point `i` of a tile with `lines` x `lines` points.
inline std::int64_t winograd_kernel_point(std::int64_t i, std::int64_t lines) {
    const std::int64_t last = winograd_kernel_lines - 1, row = i / lines, column = i % lines;
    return (row < last ? row : last) * winograd_kernel_lines + (column < last ? column : last);
}

/// Each for a number of neighbouring channels. Pixels, taps and points of a tile come row by row. What lies in points
/// is read and written in whole vectors: a point's row of channels has room for a multiple of 16.
template <class T>
struct WinogradTransforms {
    void (*patch)(const T* const* d, std::int64_t channels, T* v, std::int64_t v_point);   ///< V = B^T d B
    void (*slope)(const T* const* dy, std::int64_t channels, T* z, std::int64_t z_point);  ///< Z = A dy A^T
    void (*kernel)(const T* g, std::int64_t g_tap, std::int64_t channels, T* u, std::int64_t u_point);  ///< U = G g G^T
    /// y = A^T M A + bias; null: no bias.
    void (*result)(const T* m, std::int64_t m_point, std::int64_t channels, const T* bias, T* const* y);
    /// dg = G^T dU G for the sum of `pieces` dU.
    void (*kernel_slope)(const T* du, std::int64_t du_point, std::int64_t pieces, std::int64_t du_piece,
                         std::int64_t channels, T* dg, std::int64_t dg_tap);
    /// to_ji = from_ij for i < rows, j < columns; `to` has room for whole vectors.
    void (*turn)(const T* from, std::int64_t from_row, std::int64_t rows, std::int64_t columns, T* to,
                 std::int64_t to_row);

    /// The same for stride 2, and for its gradient for the data.
    void (*strided_patch)(const T* const* d, std::int64_t channels, T* v, std::int64_t v_point);
    void (*strided_slope)(const T* const* dy, std::int64_t channels, T* z, std::int64_t z_point);
    void (*strided_kernel)(const T* g, std::int64_t g_tap, std::int64_t channels, T* u, std::int64_t u_point);
    void (*strided_result)(const T* m, std::int64_t m_point, std::int64_t channels, const T* bias, T* const* y);
    void (*strided_kernel_slope)(const T* du, std::int64_t du_point, std::int64_t pieces, std::int64_t du_piece,
                                 std::int64_t channels, T* dg, std::int64_t dg_tap);
    void (*strided_data_patch)(const T* const* d, std::int64_t channels, T* v, std::int64_t v_point);
    void (*strided_data_result)(const T* m, std::int64_t m_point, std::int64_t channels, const T* bias, T* const* y);
};

void winograd_generic(WinogradTransforms<float>& t);
void winograd_generic(WinogradTransforms<double>& t);
void winograd_avx2(WinogradTransforms<float>& t);
void winograd_avx2(WinogradTransforms<double>& t);
void winograd_avx512(WinogradTransforms<float>& t);
void winograd_avx512(WinogradTransforms<double>& t);

/// Those of the instruction set in use.
template <class T>
const WinogradTransforms<T>& winograd_transforms();

/// Pointers to size x size pixels from (h0, w0) on of an image [H][W][C]; `outside` for those that are not on it.
template <int size, class Pixel>
void winograd_pixels(Pixel* image, std::int64_t H, std::int64_t W, std::int64_t C, std::int64_t h0, std::int64_t w0,
                     Pixel* outside, Pixel** pixels) {
    for (int i = 0; i < size; ++i) {
        const bool row_inside = h0 + i >= 0 && h0 + i < H;
        for (int j = 0; j < size; ++j) {
            const bool inside = row_inside && w0 + j >= 0 && w0 + j < W;
            pixels[i * size + j] = inside ? image + ((h0 + i) * W + w0 + j) * C : outside;
        }
    }
}

/// Which tile of which image number `t` is.
struct WinogradTiles {
    std::int64_t images = 0;
    std::int64_t rows = 0, columns = 0;  ///< of tiles in an image

    std::int64_t count() const { return images * rows * columns; }
    std::int64_t image(std::int64_t t) const { return t / (rows * columns); }
    std::int64_t p0(std::int64_t t) const { return t / columns % rows * winograd_tile; }
    std::int64_t q0(std::int64_t t) const { return t % columns * winograd_tile; }
};

inline WinogradTiles winograd_tiles(std::int64_t N, std::int64_t P, std::int64_t Q) {
    return {N, (P + winograd_tile - 1) / winograd_tile, (Q + winograd_tile - 1) / winograd_tile};
}

/// Pixels of images [N][H][W][pitch], of which `channels` are wanted; tile (p0, q0) begins at (p0, q0) + first.
template <class T>
struct WinogradImages {
    const T* x;
    std::int64_t H, W, pitch, channels;
    std::int64_t first_h = 0, first_w = 0;
};

/// The size x size pixels of each tile of `range`, `step` from tile to tile, to points, tile after tile. Those that the
/// next tile adds are asked for meanwhile: they come from far, in pieces too small for the processor to see it by
/// itself.
template <int size, int step, class T>
void winograd_to_points(const WinogradImages<T>& images, const WinogradTiles& tiles, Range range,
                        void (*transform)(const T* const*, std::int64_t, T*, std::int64_t), const T* zeros, T* points,
                        std::int64_t tile, std::int64_t point) {
    const T* pixels[2][size * size];
    const auto find = [&](std::int64_t t) {
        const T* const image = images.x + tiles.image(t) * images.H * images.W * images.pitch;
        const T** const found = pixels[(t - range.begin) % 2];
        winograd_pixels<size>(image, images.H, images.W, images.pitch,
                              tiles.p0(t) / winograd_tile * step + images.first_h,
                              tiles.q0(t) / winograd_tile * step + images.first_w, zeros, found);
        return found;
    };
    constexpr int old_columns = size - step, line = 64 / sizeof(T);
    const T** next = find(range.begin);
    for (std::int64_t t = range.begin; t < range.end; ++t) {
        const T** const now = next;
        if (t + 1 < range.end) {
            next = find(t + 1);
            for (int i = 0; i < size * size; ++i)
                for (std::int64_t c = 0; c < images.channels && i % size >= old_columns; c += line)
                    __builtin_prefetch(next[i] + c);
        }
        transform(now, images.channels, points + (t - range.begin) * tile, point);
    }
}

/// Room for `channels` numbers in whole vectors of any instruction set.
inline std::int64_t winograd_row(std::int64_t channels) { return (channels + 15) / 16 * 16; }

}  // namespace vitrine::kernels
