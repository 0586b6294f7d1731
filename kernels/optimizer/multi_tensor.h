// One pass over all parameters of a model: a list of arrays goes to the kernel by value, so that a hundred tensors cost
// one launch. All arrays of a list have one element type and are read and written as they lie in memory.
//
//   square_sum  partials_p = sum of y_i^2 over part p         norm = sqrt(sum_p partials_p)
//   scale       y = factor y
//   clamp       y = min(max(y, -limit), limit)                NaN stays NaN
//   lerp        y = y + rest (x - y)                          a running mean with decay 1 - rest
//
// An array of n elements is cut into part_count(n) equal parts, which depends on n alone: sums have the same bits at
// any thread count. Partial sums are doubles; the caller adds them up in order. Parts are numbered through the list.
// Bytes an element of T: 1, 2, 2, 3 times sizeof(T).
#pragma once

#include <algorithm>
#include <cstdint>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/hd.h"

namespace vitrine::kernels {

/// Parts of an array of n elements: 0 for n = 0.
constexpr std::int64_t part_count(std::int64_t n) { return std::min<std::int64_t>((n + 4095) / 4096, 1024); }

/// Elements [begin, end) of one array of a list.
struct ListPart {
    int array;
    std::int64_t begin, end;
};

template <class T>
struct TensorList {
    static constexpr int most = 64;  // the list must fit into the 4 KB of a kernel's arguments
    int count = 0;
    T* y[most];
    const T* x[most];  ///< for lerp, else null
    std::int64_t n[most];
    std::int64_t first[most + 1] = {};  ///< number of an array's first part

    std::int64_t parts() const { return first[count]; }
    /// Elements of a part, on average.
    double part_size() const {
        double all = 0;
        for (int i = 0; i < count; ++i) all += static_cast<double>(n[i]);
        return parts() ? all / static_cast<double>(parts()) : 0;
    }
    void add(T* to, const T* from, std::int64_t elements) {
        y[count] = to, x[count] = from, n[count] = elements;
        first[count + 1] = first[count] + part_count(elements);
        ++count;
    }

    VITRINE_HD ListPart part(std::int64_t p) const {
        int low = 0, high = count;  // first[low] <= p < first[high]
        while (high - low > 1) {
            const int middle = (low + high) / 2;
            if (first[middle] <= p)
                low = middle;
            else
                high = middle;
        }
        const std::int64_t parts = first[low + 1] - first[low], k = p - first[low];
        return {low, n[low] * k / parts, n[low] * (k + 1) / parts};
    }
};

/// Fills partials[0 .. list.parts()) from y.
template <class T>
void square_sum(Cpu, const TensorList<T>& list, double* partials);
template <class T>
void square_sum(Simt, const TensorList<T>& list, double* partials);
template <class T>
void square_sum(Cuda, const TensorList<T>& list, double* partials);

/// What scale, clamp and lerp do to one element; x is y itself for the first two.
template <class T>
struct ScaleBy {
    T factor;
    static constexpr bool reads_x = false;
    VITRINE_HD T operator()(T y, T) const { return factor * y; }
};
template <class T>
struct ClampTo {
    T limit;
    static constexpr bool reads_x = false;
    VITRINE_HD T operator()(T y, T) const { return y < -limit ? -limit : y > limit ? limit : y; }
};
template <class T>
struct LerpBy {
    T rest;
    static constexpr bool reads_x = true;
    VITRINE_HD T operator()(T y, T x) const { return y + rest * (x - y); }
};

/// y = f(y, x) for every element of the list; F is ScaleBy, ClampTo or LerpBy.
template <class T, template <class> class F>
void update_list(Cpu, const TensorList<T>& list, F<T> f);
template <class T, template <class> class F>
void update_list(Simt, const TensorList<T>& list, F<T> f);
template <class T, template <class> class F>
void update_list(Cuda, const TensorList<T>& list, F<T> f);

}  // namespace vitrine::kernels
