#include <cmath>

#include "group_norm_naive.h"

namespace vitrine::kernels {
namespace {

/// The elements of group k, which is group k % groups of its image: number i lies at x[at(i)] and belongs to channel(i).
struct Group {
    GroupNormShape n;
    std::int64_t k;

    std::int64_t size() const { return n.pixels * n.width; }
    std::int64_t channel(std::int64_t i) const { return k % n.groups * n.width + i % n.width; }
    std::int64_t at(std::int64_t i) const { return (k / n.groups * n.pixels + i / n.width) * n.channels() + channel(i); }
};

}  // namespace

template <class T>
void group_norm_forward_naive(const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, double eps, GroupNormShape n) {
    for (Group g{n, 0}; g.k < n.images * n.groups; ++g.k) {
        const auto m = double(g.size());
        double sum = 0, squares = 0;
        for (std::int64_t i = 0; i < g.size(); ++i) sum += double(x[g.at(i)]);
        const double mu = sum / m;
        for (std::int64_t i = 0; i < g.size(); ++i) squares += (double(x[g.at(i)]) - mu) * (double(x[g.at(i)]) - mu);
        const double r = 1 / std::sqrt(squares / m + eps);
        mean[g.k] = static_cast<T>(mu), rstd[g.k] = static_cast<T>(r);
        for (std::int64_t i = 0; i < g.size(); ++i) {
            const double xhat = (double(x[g.at(i)]) - mu) * r;
            y[g.at(i)] = static_cast<T>((w ? double(w[g.channel(i)]) : 1.0) * xhat + (b ? double(b[g.channel(i)]) : 0.0));
        }
    }
}

template <class T>
void group_norm_backward_naive(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db, GroupNormShape n) {
    for (Group g{n, 0}; g.k < n.images * n.groups; ++g.k) {
        const auto xhat = [&](std::int64_t i) { return (double(x[g.at(i)]) - double(mean[g.k])) * double(rstd[g.k]); };
        const auto q = [&](std::int64_t i) { return (w ? double(w[g.channel(i)]) : 1.0) * double(dy[g.at(i)]); };
        const auto m = double(g.size());
        double sum_q = 0, sum_qx = 0;
        for (std::int64_t i = 0; i < g.size(); ++i) sum_q += q(i), sum_qx += q(i) * xhat(i);
        for (std::int64_t i = 0; i < g.size(); ++i) dx[g.at(i)] = static_cast<T>(double(rstd[g.k]) * (q(i) - sum_q / m - xhat(i) * sum_qx / m));
    }
    for (std::int64_t c = 0; c < n.channels(); ++c) {
        double sum_dy = 0, sum_dyx = 0;
        for (std::int64_t row = 0; row < n.rows(); ++row) {
            const std::int64_t k = row / n.pixels * n.groups + c / n.width, at = row * n.channels() + c;
            sum_dy += double(dy[at]), sum_dyx += double(dy[at]) * (double(x[at]) - double(mean[k])) * double(rstd[k]);
        }
        db[c] = static_cast<T>(sum_dy), dw[c] = static_cast<T>(sum_dyx);
    }
}

template void group_norm_forward_naive(const float*, const float*, const float*, float*, float*, float*, double, GroupNormShape);
template void group_norm_forward_naive(const double*, const double*, const double*, double*, double*, double*, double, GroupNormShape);
template void group_norm_backward_naive(const float*, const float*, const float*, const float*, const float*, float*, float*, float*, GroupNormShape);
template void group_norm_backward_naive(const double*, const double*, const double*, const double*, const double*, double*, double*, double*,
                                        GroupNormShape);

}  // namespace vitrine::kernels
