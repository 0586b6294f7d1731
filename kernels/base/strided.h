// The elements that an elementwise kernel visits together: N tensors of one shape, each with
// strides of its own (0 where a tensor is broadcast). Operand 0 is the output.
//
// strided() brings the dimensions into the order of the output's memory and joins those that lie
// behind one another in every operand, so that contiguous tensors of any shape, channels-last ones
// too, become one dimension and the kernel's inner loop runs as far as it can. Element i in that
// order stands at at(i); a CPU kernel walks Runs.
#pragma once

#include <array>
#include <cstdint>

#include "hd.h"
#include "parallel.h"

namespace vitrine::kernels {

inline constexpr int max_dims = 8;

/// Offsets of one element, in elements from each operand's pointer.
template <int N>
struct Offsets {
    std::int64_t of[N];
    VITRINE_HD std::int64_t operator[](int operand) const { return of[operand]; }
};

template <int N>
struct Strided {
    std::int64_t count;                 // elements
    int dims;                           // 1 to max_dims; the arrays hold nothing beyond
    std::int64_t sizes[max_dims];       // innermost first
    std::int64_t strides[N][max_dims];  // of each operand, innermost first

    /// Where element i stands, 0 <= i < count.
    VITRINE_HD Offsets<N> at(std::int64_t i) const {
        return count <= 0x7fffffff ? locate(static_cast<std::uint32_t>(i)) : locate(i);
    }

private:
    // A GPU divides 32-bit numbers several times faster.
    template <class Index>
    VITRINE_HD Offsets<N> locate(Index i) const {
        Offsets<N> offsets{};
        for (int d = 0; d < dims - 1; ++d) {
            const Index size = static_cast<Index>(sizes[d]), rest = i / size;
            const auto index = static_cast<std::int64_t>(i - rest * size);
            for (int k = 0; k < N; ++k) offsets.of[k] += index * strides[k][d];
            i = rest;
        }
        const auto index = static_cast<std::int64_t>(i);
        for (int k = 0; k < N; ++k) offsets.of[k] += index * strides[k][dims - 1];
        return offsets;
    }
};

/// `count` elements that lie one after the other in every operand.
template <int N>
Strided<N> flat(std::int64_t count) {
    Strided<N> n;
    n.count = count;
    n.dims = 1;
    n.sizes[0] = count;
    for (int k = 0; k < N; ++k) n.strides[k][0] = 1;
    return n;
}

/// From a shape of `dims` (0 to max_dims) sizes and each operand's strides, outermost first, as
/// tensors hold them.
template <int N>
Strided<N> strided(int dims, const std::int64_t* sizes,
                   const std::array<const std::int64_t*, N>& strides) {
    int order[max_dims];  // dimensions of more than one element, the output's fastest first
    int used = 0;
    std::int64_t count = 1;
    for (int d = dims - 1; d >= 0; --d) {
        count *= sizes[d];
        if (sizes[d] == 1) continue;
        int place = used++;
        for (; place > 0 && strides[0][order[place - 1]] > strides[0][d]; --place)
            order[place] = order[place - 1];
        order[place] = d;
    }
    if (count <= 1 || used == 0) return flat<N>(count);

    Strided<N> n;
    n.count = count;
    n.dims = 0;
    for (int j = 0; j < used; ++j) {
        const int d = order[j], last = n.dims - 1;
        bool follows = j > 0;
        for (int k = 0; follows && k < N; ++k)
            follows = strides[k][d] == n.strides[k][last] * n.sizes[last];
        if (follows) {
            n.sizes[last] *= sizes[d];
        } else {
            n.sizes[n.dims] = sizes[d];
            for (int k = 0; k < N; ++k) n.strides[k][n.dims] = strides[k][d];
            ++n.dims;
        }
    }
    return n;
}

/// The elements of a range as runs along the innermost dimension, for a CPU kernel's outer loop:
///
///     for (Runs<2> run(n, range); run.length > 0; run.next())
///         square_row(x + run.offset(1), y + run.offset(0), run.length, n.strides[0][0], ...);
template <int N>
class Runs {
public:
    /// No run is longer than `longest`.
    Runs(const Strided<N>& n, Range range, std::int64_t longest = INT64_MAX)
        : n_(n), longest_(longest), left_(range.end - range.begin), offsets_{} {
        if (left_ <= 0) return;
        std::int64_t i = range.begin;
        for (int d = 0; d < n.dims; ++d) {
            const std::int64_t rest = d < n.dims - 1 ? i / n.sizes[d] : 0;
            index_[d] = 0;
            step(d, i - rest * n.sizes[d]);
            i = rest;
        }
        measure();
    }

    std::int64_t length = 0;  // 0: the range is done
    std::int64_t offset(int operand) const { return offsets_[operand]; }

    void next() {
        left_ -= length;
        if (left_ > 0) step(0, length);
        for (int d = 0; left_ > 0 && d < n_.dims - 1 && index_[d] == n_.sizes[d]; ++d) {
            step(d, -n_.sizes[d]);
            step(d + 1, 1);
        }
        measure();
    }

private:
    void step(int d, std::int64_t by) {
        index_[d] += by;
        for (int k = 0; k < N; ++k) offsets_.of[k] += by * n_.strides[k][d];
    }

    void measure() {
        length = n_.sizes[0] - index_[0];
        if (length > left_) length = left_;
        if (length > longest_) length = longest_;
    }

    const Strided<N>& n_;
    std::int64_t longest_, left_;
    std::int64_t index_[max_dims];
    Offsets<N> offsets_;
};

}  // namespace vitrine::kernels
