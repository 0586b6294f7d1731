// y = x^3 over n elements; backward dx = 3 x^2 dy. Outputs may be the same buffer as an input.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"

namespace consumer {

template <class T>
void cube_forward(vitrine::kernels::Cpu, const T* x, T* y, std::int64_t n);
template <class T>
void cube_backward(vitrine::kernels::Cpu, const T* x, const T* dy, T* dx, std::int64_t n);

template <class T>
void cube_forward(vitrine::kernels::Simt, const T* x, T* y, std::int64_t n);
template <class T>
void cube_backward(vitrine::kernels::Simt, const T* x, const T* dy, T* dx, std::int64_t n);

template <class T>
void cube_forward(vitrine::kernels::Cuda, const T* x, T* y, std::int64_t n);
template <class T>
void cube_backward(vitrine::kernels::Cuda, const T* x, const T* dy, T* dx, std::int64_t n);

}  // namespace consumer
