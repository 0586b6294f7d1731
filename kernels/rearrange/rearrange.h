// Elements in another order along some dimensions.
//
//   y_j = x_{s(j)}      s(j) = n - 1 - j              of a dimension that is flipped
//                       s(j) = (j - shift) mod n      of one that is rolled, 0 <= shift < n
//
// The backward is the same with the inverse order: a flip, or a roll by n - shift. Every dtype. y is written in the order
// of its memory, x may have any strides.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/half.h"
#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

/// Dimensions in the order of y's memory, innermost first; y has no gaps. At least two are set, the second may have size 1.
struct RearrangeShape {
    static constexpr int max_dims = 8;
    int dims;  // at least 2
    std::int64_t sizes[max_dims], x_strides[max_dims], shifts[max_dims];
    bool flipped[max_dims];
    std::int64_t count;

    /// s(j) of dimension d.
    VITRINE_HD std::int64_t source_along(int d, std::int64_t j) const {
        return flipped[d] ? sizes[d] - 1 - j : j < shifts[d] ? j - shifts[d] + sizes[d] : j - shifts[d];
    }
    /// Where the element of x for element i of y stands, dimensions below `first` left out.
    VITRINE_HD std::int64_t source(std::int64_t i, int first = 0) const {
        std::int64_t offset = 0;
        for (int d = first; d < dims; ++d) {
            const std::int64_t rest = i / sizes[d];
            offset += source_along(d, i - rest * sizes[d]) * x_strides[d];
            i = rest;
        }
        return offset;
    }
};

template <class T>
void rearrange(Cpu, const T* x, T* y, const RearrangeShape& shape);
template <class T>
void rearrange(Simt, const T* x, T* y, const RearrangeShape& shape);
template <class T>
void rearrange(Cuda, const T* x, T* y, const RearrangeShape& shape);

}  // namespace vitrine::kernels
