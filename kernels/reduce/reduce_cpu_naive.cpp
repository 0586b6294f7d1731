#include <cmath>

#include "reduce_naive.h"
#include "reduce_ops.h"

namespace vitrine::kernels {

template <class T>
void reduce_sum_naive(const T* x, T* y, double divisor, const ReduceShape& n) {
    for (std::int64_t k = 0; k < n.kept.elements(); ++k) {
        const T* xk = x + n.kept.offset(k);
        double sum = 0;
        for (std::int64_t r = 0; r < n.reduced.elements(); ++r) sum += double(xk[n.reduced.offset(r)]);
        y[k] = static_cast<T>(sum / divisor);
    }
}

template <class T>
void reduce_variance_naive(const T* x, T* mean, T* y, double divisor, const ReduceShape& n) {
    const std::int64_t count = n.reduced.elements();
    for (std::int64_t k = 0; k < n.kept.elements(); ++k) {
        const T* xk = x + n.kept.offset(k);
        double sum = 0, squares = 0;
        for (std::int64_t r = 0; r < count; ++r) sum += double(xk[n.reduced.offset(r)]);
        const double mu = sum / double(count);
        for (std::int64_t r = 0; r < count; ++r) {
            const double difference = double(xk[n.reduced.offset(r)]) - mu;
            squares += difference * difference;
        }
        mean[k] = static_cast<T>(mu);
        y[k] = static_cast<T>(squares / divisor);
    }
}

template <class T>
void reduce_max_naive(const T* x, T* y, const ReduceShape& n) {
    for (std::int64_t k = 0; k < n.kept.elements(); ++k) {
        const T* xk = x + n.kept.offset(k);
        T most = static_cast<T>(FoldMax::identity);
        for (std::int64_t r = 0; r < n.reduced.elements(); ++r) {
            const T value = xk[n.reduced.offset(r)];
            if (beats(value, most)) most = value;
        }
        y[k] = most;
    }
}

template <class T>
void reduce_min_naive(const T* x, T* y, const ReduceShape& n) {
    for (std::int64_t k = 0; k < n.kept.elements(); ++k) {
        const T* xk = x + n.kept.offset(k);
        T least = static_cast<T>(FoldMin::identity);
        for (std::int64_t r = 0; r < n.reduced.elements(); ++r) {
            const T value = xk[n.reduced.offset(r)];
            if (beats(-value, -least)) least = value;
        }
        y[k] = least;
    }
}

template <class T>
void reduce_logsumexp_naive(const T* x, T* y, const ReduceShape& n) {
    for (std::int64_t k = 0; k < n.kept.elements(); ++k) {
        const T* xk = x + n.kept.offset(k);
        double m = FoldMax::identity, sum = 0;
        for (std::int64_t r = 0; r < n.reduced.elements(); ++r) m = beats(double(xk[n.reduced.offset(r)]), m) ? double(xk[n.reduced.offset(r)]) : m;
        if (!std::isfinite(m)) m = 0;  // m - m would be no number
        for (std::int64_t r = 0; r < n.reduced.elements(); ++r) sum += std::exp(double(xk[n.reduced.offset(r)]) - m);
        y[k] = static_cast<T>(m + std::log(sum));
    }
}

template <class T>
void reduce_argmax_naive(const T* x, std::int64_t* index, const ReduceShape& n) {
    for (std::int64_t k = 0; k < n.kept.elements(); ++k) {
        const T* xk = x + n.kept.offset(k);
        std::int64_t best = 0;
        for (std::int64_t r = 1; r < n.reduced.elements(); ++r)
            if (beats(xk[n.reduced.offset(r)], xk[n.reduced.offset(best)])) best = r;
        index[k] = best;
    }
}

template <class T>
void reduce_extreme_backward_naive(const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n) {
    for (std::int64_t k = 0; k < n.kept.elements(); ++k) {
        const std::int64_t at = n.kept.offset(k);
        std::int64_t equal = 0;
        for (std::int64_t r = 0; r < n.reduced.elements(); ++r) equal += same(x[at + n.reduced.offset(r)], y[k]);
        for (std::int64_t r = 0; r < n.reduced.elements(); ++r) {
            const std::int64_t i = at + n.reduced.offset(r);
            dx[i] = same(x[i], y[k]) ? static_cast<T>(double(dy[k]) / double(equal)) : T(0);
        }
    }
}

template <class T>
void reduce_logsumexp_backward_naive(const T* x, const T* y, const T* dy, T* dx, const ReduceShape& n) {
    for (std::int64_t k = 0; k < n.kept.elements(); ++k) {
        for (std::int64_t r = 0; r < n.reduced.elements(); ++r) {
            const std::int64_t i = n.kept.offset(k) + n.reduced.offset(r);
            dx[i] = dy[k] * std::exp(x[i] - y[k]);
        }
    }
}

template void reduce_sum_naive(const float*, float*, double, const ReduceShape&);
template void reduce_sum_naive(const double*, double*, double, const ReduceShape&);
template void reduce_variance_naive(const float*, float*, float*, double, const ReduceShape&);
template void reduce_variance_naive(const double*, double*, double*, double, const ReduceShape&);
template void reduce_max_naive(const float*, float*, const ReduceShape&);
template void reduce_max_naive(const double*, double*, const ReduceShape&);
template void reduce_min_naive(const float*, float*, const ReduceShape&);
template void reduce_min_naive(const double*, double*, const ReduceShape&);
template void reduce_logsumexp_naive(const float*, float*, const ReduceShape&);
template void reduce_logsumexp_naive(const double*, double*, const ReduceShape&);
template void reduce_argmax_naive(const float*, std::int64_t*, const ReduceShape&);
template void reduce_argmax_naive(const double*, std::int64_t*, const ReduceShape&);
template void reduce_extreme_backward_naive(const float*, const float*, const float*, float*, const ReduceShape&);
template void reduce_extreme_backward_naive(const double*, const double*, const double*, double*, const ReduceShape&);
template void reduce_logsumexp_backward_naive(const float*, const float*, const float*, float*, const ReduceShape&);
template void reduce_logsumexp_backward_naive(const double*, const double*, const double*, double*, const ReduceShape&);

}  // namespace vitrine::kernels
