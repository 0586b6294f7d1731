// CUDA's nvcuda::wmma: matrices spread over the lanes of a warp. Which element lies where is the
// device's secret; here it is scrambled on purpose, so that a kernel that counts on the order of
// some GPU fails.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "atomic_operations.h"
#include "collectives.h"
#include "half_types.h"
#include "site.h"
#include "tensor_core.h"

namespace nvcuda::wmma {

namespace simt = vitrine::kernels::simt;

struct matrix_a;
struct matrix_b;
struct accumulator;
struct row_major;
struct col_major;
enum layout_t { mem_row_major, mem_col_major };
namespace precision {
struct tf32;
}

/// What an element of a fragment is stored as.
template <class T>
struct StoredAs {
    using type = T;
};
template <>
struct StoredAs<precision::tf32> {
    using type = float;
};

/// matrix_a is M x K, matrix_b K x N, accumulator M x N. x[] may be read and written element by
/// element where the same is done to all.
template <class Use, int M, int N, int K, class T, class Layout = void>
struct fragment {
    static_assert((M == 16 && N == 16 && (K == 16 || K == 8)) || (M == 32 && N == 8 && K == 16) ||
                      (M == 8 && N == 32 && K == 16),
                  "vitrine emulates wmma of 16x16x16, 32x8x16, 8x32x16 and 16x16x8");
    static constexpr int rows = std::is_same_v<Use, matrix_b> ? K : M;
    static constexpr int columns = std::is_same_v<Use, matrix_a> ? K : N;
    static constexpr int num_elements = rows * columns / 32;
    using element_type = T;
    using storage_element_type = typename StoredAs<T>::type;

    storage_element_type x[num_elements];
};

/// Where element i of a lane lies, row by row: an odd multiple permutes the powers of two that
/// there are.
inline int scrambled(int i, int lane, int elements) {
    return ((i * 32 + lane) * 37 + 11) & (elements - 1);
}

/// f(element, row, column) for the running lane's elements.
template <class Fragment, class F>
void for_each_element(Fragment& fragment, int lane, F f) {
    constexpr int elements = Fragment::rows * Fragment::columns;
    for (int i = 0; i < Fragment::num_elements; ++i) {
        const int at = scrambled(i, lane, elements);
        f(fragment.x[i], at / Fragment::columns, at % Fragment::columns);
    }
}

inline void complete_wmma(void* const* slots, unsigned lanes) {
    simt::for_each_lane<bool>(slots, lanes,
                              [&](bool& all_lanes, int) { all_lanes = lanes == ~0u; });
}
inline void meet_whole_warp(const simt::Site& site) {
    bool all_lanes = true;
    simt::meet_warp(~0u, &all_lanes, &complete_wmma, site);
    if (!all_lanes) simt::fail_incomplete_warp(site);
}
void check_stride(const void* memory, std::size_t stride, std::size_t element_bytes,
                  const simt::Site& site);

template <class Fragment, class T>
void load(Fragment& fragment, const T* from, std::size_t stride, bool by_rows,
          const simt::Site& site) {
    check_stride(from, stride, sizeof(T), site);
    meet_whole_warp(site);
    for_each_element(
        fragment, static_cast<int>(simt::lane_index()), [&](T& element, int row, int column) {
            const std::size_t at = by_rows ? row * stride + column : column * stride + row;
            element = simt::read_for(from + at, site);
        });
}

/// Rows (row_major) or columns of the matrix lie `stride` elements apart, a multiple of 16 bytes;
/// it starts at a multiple of 32 bytes.
template <class Use, int M, int N, int K, class T, class Layout>
void load_matrix_sync(fragment<Use, M, N, K, T, Layout>& a, const typename StoredAs<T>::type* from,
                      unsigned stride, VITRINE_SIMT_CALLER) {
    static_assert(!std::is_same_v<Use, accumulator>, "an accumulator is loaded with a layout");
    load(a, from, stride, std::is_same_v<Layout, row_major>,
         {"load_matrix_sync", caller_file, caller_line});
}
template <int M, int N, int K, class T>
void load_matrix_sync(fragment<accumulator, M, N, K, T>& c, const T* from, unsigned stride,
                      layout_t layout, VITRINE_SIMT_CALLER) {
    load(c, from, stride, layout == mem_row_major, {"load_matrix_sync", caller_file, caller_line});
}
template <int M, int N, int K, class T>
void store_matrix_sync(T* to, const fragment<accumulator, M, N, K, T>& c, unsigned stride,
                       layout_t layout, VITRINE_SIMT_CALLER) {
    const simt::Site site{"store_matrix_sync", caller_file, caller_line};
    check_stride(to, stride, sizeof(T), site);
    meet_whole_warp(site);
    for_each_element(
        c, static_cast<int>(simt::lane_index()), [&](const T& element, int row, int column) {
            const std::size_t at = layout == mem_row_major ? row * std::size_t(stride) + column
                                                           : column * std::size_t(stride) + row;
            simt::write_for(to + at, element, site);
        });
}
template <class Use, int M, int N, int K, class T, class Layout>
void fill_fragment(fragment<Use, M, N, K, T, Layout>& a, std::type_identity_t<T> value) {
    for (auto& element : a.x) element = value;
}

template <class D, class A, class B, class C>
struct WmmaSlot {
    D* d;
    const A* a;
    const B* b;
    const C* c;
    bool all_lanes;
};

/// Integers are summed as int, all others as float.
template <class D, class A, class B, class C>
void complete_wmma_mma(void* const* slots, unsigned lanes) {
    using Slot = WmmaSlot<D, A, B, C>;
    using Sum = std::conditional_t<std::is_same_v<typename C::element_type, int>, int, float>;
    Sum a[A::rows][A::columns], b[B::rows][B::columns], d[D::rows][D::columns];
    const auto gather = [](const auto& fragment, int lane, auto& matrix) {
        for_each_element(fragment, lane, [&](const auto& element, int row, int column) {
            matrix[row][column] = static_cast<Sum>(element);
        });
    };
    simt::for_each_lane<Slot>(slots, lanes, [&](Slot& slot, int lane) {
        slot.all_lanes = lanes == ~0u;
        gather(*slot.a, lane, a);
        gather(*slot.b, lane, b);
        gather(*slot.c, lane, d);
    });
    if (lanes != ~0u) return;
    for (int row = 0; row < D::rows; ++row)
        for (int k = 0; k < A::columns; ++k)
            for (int column = 0; column < D::columns; ++column)
                d[row][column] += a[row][k] * b[k][column];
    simt::for_each_lane<Slot>(slots, lanes, [&](Slot& slot, int lane) {
        for_each_element(*slot.d, lane, [&](auto& element, int row, int column) {
            element = static_cast<typename D::element_type>(d[row][column]);
        });
    });
}

/// d = a b + c; d may be c.
template <int M, int N, int K, class TD, class TA, class LayoutA, class TB, class LayoutB, class TC>
void mma_sync(fragment<accumulator, M, N, K, TD>& d,
              const fragment<matrix_a, M, N, K, TA, LayoutA>& a,
              const fragment<matrix_b, M, N, K, TB, LayoutB>& b,
              const fragment<accumulator, M, N, K, TC>& c, VITRINE_SIMT_CALLER) {
    using D = fragment<accumulator, M, N, K, TD>;
    using A = fragment<matrix_a, M, N, K, TA, LayoutA>;
    using B = fragment<matrix_b, M, N, K, TB, LayoutB>;
    using C = fragment<accumulator, M, N, K, TC>;
    const simt::Site site{"mma_sync", caller_file, caller_line};
    WmmaSlot<D, A, B, C> slot{&d, &a, &b, &c, true};
    simt::meet_warp(~0u, &slot, &complete_wmma_mma<D, A, B, C>, site);
    if (!slot.all_lanes) simt::fail_incomplete_warp(site);
}

/// A float with the 10 bits of fraction that tf32 has, rounded to nearest.
inline float __float_to_tf32(float x) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
    return std::bit_cast<float>((bits + 0xfffu + (bits >> 13 & 1u)) & ~0x1fffu);
}

}  // namespace nvcuda::wmma
