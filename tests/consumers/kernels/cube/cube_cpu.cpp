#include "cube.h"
#include "vitrine/kernels/base/parallel.h"

namespace consumer {
namespace {

using vitrine::kernels::parts_for, vitrine::kernels::Range, vitrine::kernels::share;

constexpr double cost = 1;

template <class T>
void cube_forward_range(const T* x, T* y, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) y[i] = x[i] * x[i] * x[i];
}

template <class T>
void cube_backward_range(const T* x, const T* dy, T* dx, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) dx[i] = 3 * x[i] * x[i] * dy[i];
}

}  // namespace

template <class T>
void cube_forward(vitrine::kernels::Cpu, const T* x, T* y, std::int64_t n) {
    const int parts = parts_for(n, cost);
    if (parts == 1) return cube_forward_range(x, y, {0, n});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) cube_forward_range(x, y, share(n, p, parts));
}

template <class T>
void cube_backward(vitrine::kernels::Cpu, const T* x, const T* dy, T* dx, std::int64_t n) {
    const int parts = parts_for(n, cost);
    if (parts == 1) return cube_backward_range(x, dy, dx, {0, n});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) cube_backward_range(x, dy, dx, share(n, p, parts));
}

template void cube_forward(vitrine::kernels::Cpu, const float*, float*, std::int64_t);
template void cube_forward(vitrine::kernels::Cpu, const double*, double*, std::int64_t);
template void cube_backward(vitrine::kernels::Cpu, const float*, const float*, float*, std::int64_t);
template void cube_backward(vitrine::kernels::Cpu, const double*, const double*, double*, std::int64_t);

}  // namespace consumer
