#include "index.h"

#include <algorithm>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

template <class T>
void gather_range(const T* x, const std::int64_t* t, T* y, const GatherShape& shape, Range range) {
    const Strided<3>& n = shape.n;
    const std::int64_t ys = n.strides[0][0], ts = n.strides[1][0], xs = n.strides[2][0], step = shape.x_step;
    for (Runs<3> run(n, range); run.length > 0; run.next()) {
        T* yr = y + run.offset(0);
        const std::int64_t* tr = t + run.offset(1);
        const T* xr = x + run.offset(2);
        if (ts == 0 && xs == 1 && ys == 1)
            std::copy_n(xr + *tr * step, run.length, yr);  // one index for a row
        else if (ts == 1 && xs == 0 && ys == 1 && step == 1)
            for (std::int64_t i = 0; i < run.length; ++i) yr[i] = xr[tr[i]];
        else
            for (std::int64_t i = 0; i < run.length; ++i) yr[i * ys] = xr[i * xs + tr[i * ts] * step];
    }
}

/// `count` lines that lie ys, ts, ss apart, at one k.
template <class T>
void scatter_row(T* y, std::int64_t ys, const std::int64_t* t, std::int64_t ts, const T* src, std::int64_t ss,
                 std::int64_t count, std::int64_t y_step) {
    if (ts == 0 && ys == 1 && ss == 1) {
        T* row = y + *t * y_step;
        for (std::int64_t i = 0; i < count; ++i) row[i] += src[i];
    } else {
        for (std::int64_t i = 0; i < count; ++i) y[i * ys + t[i * ts] * y_step] += src[i * ss];
    }
}

template <class T>
void scatter_lines(const std::int64_t* t, const T* src, T* y, const ScatterShape& shape, Range range) {
    const Strided<3>& n = shape.lines;
    const std::int64_t ys = n.strides[0][0], ts = n.strides[1][0], ss = n.strides[2][0];
    const bool lines_first = n.count == 1 || shape.src_step < ss;  // src lies along the axis
    for (Runs<3> run(n, range, 4096); run.length > 0; run.next()) {
        T* yr = y + run.offset(0);
        const std::int64_t* tr = t + run.offset(1);
        const T* sr = src + run.offset(2);
        if (lines_first) {
            for (std::int64_t i = 0; i < run.length; ++i)
                for (std::int64_t k = 0; k < shape.count; ++k)
                    yr[i * ys + tr[i * ts + k * shape.t_step] * shape.y_step] += sr[i * ss + k * shape.src_step];
        } else {
            for (std::int64_t k = 0; k < shape.count; ++k)
                scatter_row(yr, ys, tr + k * shape.t_step, ts, sr + k * shape.src_step, ss, run.length, shape.y_step);
        }
    }
}

}  // namespace

void index_check(Cpu, const std::int64_t* t, std::int64_t* bad, std::int64_t n, std::int64_t size) {
    for (std::int64_t i = 0; i < n && *bad == n; ++i)
        if (t[i] < 0 || t[i] >= size) *bad = i;
}

template <class T>
void index_gather(Cpu, const T* x, const std::int64_t* t, T* y, const GatherShape& shape) {
    const std::int64_t count = shape.n.count;
    const int parts = parts_for(count, 4);
    if (parts == 1) return gather_range(x, t, y, shape, {0, count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) gather_range(x, t, y, shape, share(count, p, parts, 64));
}

template <class T>
void index_scatter(Cpu, const std::int64_t* t, const T* src, T* y, const ScatterShape& shape) {
    const std::int64_t count = shape.lines.count;
    const int parts = parts_for(count, 4.0 * static_cast<double>(shape.count));
    if (parts == 1) return scatter_lines(t, src, y, shape, {0, count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) scatter_lines(t, src, y, shape, share(count, p, parts));
}

template void index_gather(Cpu, const float*, const std::int64_t*, float*, const GatherShape&);
template void index_gather(Cpu, const double*, const std::int64_t*, double*, const GatherShape&);
template void index_gather(Cpu, const std::int32_t*, const std::int64_t*, std::int32_t*, const GatherShape&);
template void index_gather(Cpu, const std::int64_t*, const std::int64_t*, std::int64_t*, const GatherShape&);
template void index_gather(Cpu, const std::uint8_t*, const std::int64_t*, std::uint8_t*, const GatherShape&);
template void index_gather(Cpu, const bool*, const std::int64_t*, bool*, const GatherShape&);
template void index_gather(Cpu, const bf16*, const std::int64_t*, bf16*, const GatherShape&);
template void index_gather(Cpu, const f16*, const std::int64_t*, f16*, const GatherShape&);

template void index_scatter(Cpu, const std::int64_t*, const float*, float*, const ScatterShape&);
template void index_scatter(Cpu, const std::int64_t*, const double*, double*, const ScatterShape&);
template void index_scatter(Cpu, const std::int64_t*, const std::int32_t*, std::int32_t*, const ScatterShape&);
template void index_scatter(Cpu, const std::int64_t*, const std::int64_t*, std::int64_t*, const ScatterShape&);

}  // namespace vitrine::kernels
