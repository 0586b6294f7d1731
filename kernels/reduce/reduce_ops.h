// What the reductions of reduce.h differ in, for the CPU and the GPU kernels: the value that is joined (value(x_kr,
// k)), how (Fold), and what becomes of the joined value of k (finish(k, joined)).
#pragma once

#include <cstdint>

#include "reduce.h"
#include "vitrine/kernels/base/folds.h"
#include "vitrine/kernels/base/math.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {

/// Equal, and NaN equals NaN.
template <class T>
VITRINE_INLINE bool same(T a, T b) { return (a == b) | ((a != a) & (b != b)); }

/// a > b, and NaN beats every number. An equal does not beat, so that the first stays.
template <class T>
VITRINE_INLINE bool beats(T a, T b) { return (a > b) | ((a != a) & (b == b)); }

/// k runs contiguously and r does not: neighbours (vector lanes, threads) take neighbouring k.
inline bool by_columns(const ReduceShape& n) {
    const ReduceDims &k = n.kept, &r = n.reduced;
    const bool rows = r.count > 0 && r.stride[r.count - 1] == 1 && r.size[r.count - 1] > 1;
    return !rows && k.count > 0 && k.stride[k.count - 1] == 1 && k.size[k.count - 1] > 1;
}

/// The r of piece p.
VITRINE_HD inline Range reduce_piece(std::int64_t reduced, std::int64_t p, std::int64_t pieces) {
    return {reduced * p / pieces, reduced * (p + 1) / pieces};
}

/// Where argmax stands.
struct Best {
    double value;
    std::int64_t index;
};

template <class Fold_>
struct Values {
    using Fold = Fold_;
    template <class T>
    VITRINE_INLINE T value(T x, std::int64_t) const { return x; }
};

template <class T>
struct ExpOfDifference {
    using Fold = FoldAdd;
    const T* shift;
    VITRINE_INLINE T value(T x, std::int64_t k) const { return math::exp(x - shift[k]); }
};

template <class T>
struct SquareOfDifference {
    using Fold = FoldAdd;
    const T* mean;
    VITRINE_INLINE T value(T x, std::int64_t k) const { return (x - mean[k]) * (x - mean[k]); }
};

template <class T>
struct CountEqual {
    using Fold = FoldAdd;
    const T* y;
    VITRINE_INLINE T value(T x, std::int64_t k) const { return same(x, y[k]) ? T(1) : T(0); }
};

template <class T>
struct Store {
    T* y;
    VITRINE_HD void operator()(std::int64_t k, double joined) const { y[k] = static_cast<T>(joined); }
};

template <class T>
struct StoreQuotient {
    T* y;
    double divisor;
    VITRINE_HD void operator()(std::int64_t k, double sum) const { y[k] = static_cast<T>(sum / divisor); }
};

/// The maximum where it is finite, else 0: x - shift is then never inf - inf, and the log of the sum is right.
template <class T>
struct StoreShift {
    T* y;
    VITRINE_HD void operator()(std::int64_t k, double maximum) const {
        const bool finite = maximum - maximum == 0;
        y[k] = finite ? static_cast<T>(maximum) : T(0);
    }
};

/// log of the sum, onto the shift.
template <class T>
struct AddLog {
    T* y;
    VITRINE_HD void operator()(std::int64_t k, double sum) const {
        y[k] = static_cast<T>(static_cast<double>(y[k]) + math::log(sum));
    }
};

/// What each of the equal extremes of k gets of dy.
template <class T>
struct StoreShare {
    const T* dy;
    double* g;
    VITRINE_HD void operator()(std::int64_t k, double equal) const { g[k] = static_cast<double>(dy[k]) / equal; }
};

/// dx_kr of max and min.
template <class T>
struct ExtremeGradient {
    const T* y;
    const double* g;
    VITRINE_INLINE T operator()(T x, std::int64_t k) const { return same(x, y[k]) ? static_cast<T>(g[k]) : T(0); }
};

/// dx_kr of logsumexp.
template <class T>
struct LogSumExpGradient {
    const T *y, *dy;
    VITRINE_INLINE T operator()(T x, std::int64_t k) const { return dy[k] * math::exp(x - y[k]); }
};

}  // namespace vitrine::kernels
