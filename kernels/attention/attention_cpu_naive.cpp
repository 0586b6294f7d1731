#include <algorithm>
#include <cmath>
#include <limits>

#include "attention_naive.h"
#include "vitrine/kernels/dropout/dropout.h"
#include "vitrine/kernels/random/distributions.h"

namespace vitrine::kernels {
namespace {

/// Query i and key j of head h of batch b.
struct Entry {
    std::int64_t b, h, i, j;
};

std::int64_t at(const HeadStrides& s, const Entry& p, std::int64_t row) { return p.b * s.batch + p.h * s.head + row * s.row; }

std::int64_t query_number(const AttentionShape& n, const Entry& p) { return (p.b * n.heads + p.h) * n.queries + p.i; }

template <class T>
double dot(const T* a, const T* b, std::int64_t size) {
    double sum = 0;
    for (std::int64_t c = 0; c < size; ++c) sum += double(a[c]) * double(b[c]);
    return sum;
}

/// s_ij; X is AttentionForward or AttentionBackward.
template <class X>
double score(const X& x, const AttentionShape& n, const Entry& p) {
    if (n.causal && p.j > p.i) return -std::numeric_limits<double>::infinity();
    const double s = n.scale * dot(x.q + at(n.q, p, p.i), x.k + at(n.k, p, p.j), n.head_dim);
    return x.mask ? s + double(x.mask[p.b * n.mask_batch + p.h * n.mask_head + p.i * n.mask_row + p.j * n.mask_col]) : s;
}

/// z_ij.
double dropout_factor(const AttentionShape& n, const Entry& p) {
    if (n.dropout_p == 0) return 1;
    const PhiloxWords w = philox_block(n.from, static_cast<std::uint64_t>(query_number(n, p) * attention_row_blocks(n.keys) + p.j / 4));
    const std::uint32_t word = p.j % 4 == 0 ? w.w0 : p.j % 4 == 1 ? w.w1 : p.j % 4 == 2 ? w.w2 : w.w3;
    return unit_below(word, unit_threshold(n.dropout_p)) ? 0 : dropout_scale(n.dropout_p);
}

/// f(pair) for every query, with j = 0.
template <class F>
void for_queries(const AttentionShape& n, F f) {
    for (std::int64_t b = 0; b < n.batch; ++b)
        for (std::int64_t h = 0; h < n.heads; ++h)
            for (std::int64_t i = 0; i < n.queries; ++i) f(Entry{b, h, i, 0});
}

}  // namespace

template <class T>
void attention_forward_naive(const AttentionForward<T>& x, const AttentionShape& n) {
    for_queries(n, [&](Entry p) {
        double m = -std::numeric_limits<double>::infinity(), l = 0;
        for (p.j = 0; p.j < n.keys; ++p.j) m = std::max(m, score(x, n, p));
        const bool seen = m > -std::numeric_limits<double>::infinity();
        if (seen)
            for (p.j = 0; p.j < n.keys; ++p.j) l += std::exp(score(x, n, p) - m);
        const double lse = seen ? m + std::log(l) : std::numeric_limits<double>::infinity();
        x.lse[query_number(n, p)] = static_cast<T>(lse);
        for (std::int64_t c = 0; c < n.value_dim; ++c) {
            double sum = 0;
            for (p.j = 0; p.j < n.keys; ++p.j) sum += std::exp(score(x, n, p) - lse) * dropout_factor(n, p) * double(x.v[at(n.v, p, p.j) + c]);
            x.o[at(n.o, p, p.i) + c] = static_cast<T>(sum);
        }
    });
}

template <class T>
void attention_backward_naive(const AttentionBackward<T>& x, const AttentionShape& n) {
    for (Entry p{0, 0, 0, 0}; p.b < n.batch; ++p.b)
        for (p.h = 0; p.h < n.heads; ++p.h) {
            for (p.i = 0; p.i < n.queries; ++p.i) std::fill_n(x.dq + at(n.dq, p, p.i), n.head_dim, T(0));
            for (p.j = 0; p.j < n.keys; ++p.j) std::fill_n(x.dk + at(n.dk, p, p.j), n.head_dim, T(0)), std::fill_n(x.dv + at(n.dv, p, p.j), n.value_dim, T(0));
        }
    for_queries(n, [&](Entry p) {
        const T *dy = x.dy + at(n.o, p, p.i), *q = x.q + at(n.q, p, p.i);
        const double lse = double(x.lse[query_number(n, p)]), delta = dot(dy, x.o + at(n.o, p, p.i), n.value_dim);
        for (p.j = 0; p.j < n.keys; ++p.j) {
            const double p_ij = std::exp(score(x, n, p) - lse), z = dropout_factor(n, p);
            const double ds = p_ij * (z * dot(dy, x.v + at(n.v, p, p.j), n.value_dim) - delta);
            const T* k = x.k + at(n.k, p, p.j);
            T *dq = x.dq + at(n.dq, p, p.i), *dk = x.dk + at(n.dk, p, p.j), *dv = x.dv + at(n.dv, p, p.j);
            for (std::int64_t c = 0; c < n.head_dim; ++c) dq[c] += static_cast<T>(n.scale * ds * double(k[c])), dk[c] += static_cast<T>(n.scale * ds * double(q[c]));
            for (std::int64_t c = 0; c < n.value_dim; ++c) dv[c] += static_cast<T>(p_ij * z * double(dy[c]));
        }
    });
}

template void attention_forward_naive(const AttentionForward<float>&, const AttentionShape&);
template void attention_forward_naive(const AttentionForward<double>&, const AttentionShape&);
template void attention_backward_naive(const AttentionBackward<float>&, const AttentionShape&);
template void attention_backward_naive(const AttentionBackward<double>&, const AttentionShape&);

}  // namespace vitrine::kernels
