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
// Here: the transforms, which each instruction set has with vectors of channels, and who computes them.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {

constexpr int winograd_tile = 4;  // results of a tile, along each side
constexpr int winograd_points = 36;

/// Each for a number of neighbouring channels. Pixels, taps and points of a tile come row by row. What lies in points is
/// read and written in whole vectors: a point's row of channels has room for a multiple of 16.
template <class T>
struct WinogradTransforms {
    void (*patch)(const T* const* d, std::int64_t channels, T* v, std::int64_t v_point);       ///< V = B^T d B
    void (*slope)(const T* const* dy, std::int64_t channels, T* z, std::int64_t z_point);      ///< Z = A dy A^T
    void (*kernel)(const T* g, std::int64_t g_tap, std::int64_t channels, T* u, std::int64_t u_point);  ///< U = G g G^T
    /// y = A^T M A + bias; null: no bias.
    void (*result)(const T* m, std::int64_t m_point, std::int64_t channels, const T* bias, T* const* y);
    /// dg = G^T dU G for the sum of `pieces` dU.
    void (*kernel_slope)(const T* du, std::int64_t du_point, std::int64_t pieces, std::int64_t du_piece,
                         std::int64_t channels, T* dg, std::int64_t dg_tap);
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

/// The size x size pixels of each tile of `range` to points, tile after tile. Those that the next tile adds are asked for
/// meanwhile: they come from far, in pieces too small for the processor to see it by itself.
template <int size, class T>
void winograd_to_points(const WinogradImages<T>& images, const WinogradTiles& tiles, Range range,
                        void (*transform)(const T* const*, std::int64_t, T*, std::int64_t), const T* zeros, T* points,
                        std::int64_t tile, std::int64_t point) {
    const T* pixels[2][size * size];
    const auto find = [&](std::int64_t t) {
        const T* const image = images.x + tiles.image(t) * images.H * images.W * images.pitch;
        const T** const found = pixels[(t - range.begin) % 2];
        winograd_pixels<size>(image, images.H, images.W, images.pitch, tiles.p0(t) + images.first_h,
                              tiles.q0(t) + images.first_w, zeros, found);
        return found;
    };
    constexpr int old_columns = size - winograd_tile, line = 64 / sizeof(T);
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
