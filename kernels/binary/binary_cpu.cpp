#include "binary_cpu.h"

namespace vitrine::kernels {

template void binary_forward(Cpu, Add, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Add, const double*, const double*, double*, const Strided<3>&);
template void binary_forward(Cpu, Add, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Add, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Add, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Add, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Add, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Add, const double*, double, double*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Add, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Add, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Add, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Add, const bool*, bool, bool*, const Strided<2>&);

template void binary_forward(Cpu, AddScaled, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, AddScaled, const double*, const double*, double*,
                             const Strided<3>&);
template void binary_forward(Cpu, AddScaled, const std::int32_t*, const std::int32_t*,
                             std::int32_t*, const Strided<3>&);
template void binary_forward(Cpu, AddScaled, const std::int64_t*, const std::int64_t*,
                             std::int64_t*, const Strided<3>&);
template void binary_forward(Cpu, AddScaled, const std::uint8_t*, const std::uint8_t*,
                             std::uint8_t*, const Strided<3>&);
template void binary_forward(Cpu, AddScaled, const bool*, const bool*, bool*, const Strided<3>&);

template void binary_forward(Cpu, Sub, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Sub, const double*, const double*, double*, const Strided<3>&);
template void binary_forward(Cpu, Sub, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Sub, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Sub, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Sub, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Sub, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Sub, const double*, double, double*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Sub, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Sub, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Sub, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Sub, const bool*, bool, bool*, const Strided<2>&);

template void binary_scalar_forward(Cpu, ReverseSub, const float*, float, float*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, ReverseSub, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, ReverseSub, const std::int32_t*, std::int32_t,
                                    std::int32_t*, const Strided<2>&);
template void binary_scalar_forward(Cpu, ReverseSub, const std::int64_t*, std::int64_t,
                                    std::int64_t*, const Strided<2>&);
template void binary_scalar_forward(Cpu, ReverseSub, const std::uint8_t*, std::uint8_t,
                                    std::uint8_t*, const Strided<2>&);
template void binary_scalar_forward(Cpu, ReverseSub, const bool*, bool, bool*, const Strided<2>&);

template void binary_forward(Cpu, Mul, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Mul, const double*, const double*, double*, const Strided<3>&);
template void binary_forward(Cpu, Mul, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Mul, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Mul, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Mul, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Mul, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Mul, const double*, double, double*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Mul, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Mul, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Mul, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Mul, const bool*, bool, bool*, const Strided<2>&);
template void binary_backward(Cpu, Mul, const float*, const float*, const float*, float*, float*,
                              const Strided<5>&);
template void binary_backward(Cpu, Mul, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);

template void binary_forward(Cpu, Div, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Div, const double*, const double*, double*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Div, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Div, const double*, double, double*, const Strided<2>&);
template void binary_backward(Cpu, Div, const float*, const float*, const float*, float*, float*,
                              const Strided<5>&);
template void binary_backward(Cpu, Div, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);

template void binary_scalar_forward(Cpu, ReverseDiv, const float*, float, float*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, ReverseDiv, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_backward(Cpu, ReverseDiv, const float*, float, const float*, float*,
                                     const Strided<3>&);
template void binary_scalar_backward(Cpu, ReverseDiv, const double*, double, const double*, double*,
                                     const Strided<3>&);

template void binary_forward(Cpu, Maximum, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Maximum, const double*, const double*, double*,
                             const Strided<3>&);
template void binary_forward(Cpu, Maximum, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Maximum, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Maximum, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Maximum, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Maximum, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Maximum, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Maximum, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Maximum, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Maximum, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Maximum, const bool*, bool, bool*, const Strided<2>&);
template void binary_backward(Cpu, Maximum, const float*, const float*, const float*, float*,
                              float*, const Strided<5>&);
template void binary_backward(Cpu, Maximum, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);
template void binary_scalar_backward(Cpu, Maximum, const float*, float, const float*, float*,
                                     const Strided<3>&);
template void binary_scalar_backward(Cpu, Maximum, const double*, double, const double*, double*,
                                     const Strided<3>&);

template void binary_forward(Cpu, Minimum, const float*, const float*, float*, const Strided<3>&);
template void binary_forward(Cpu, Minimum, const double*, const double*, double*,
                             const Strided<3>&);
template void binary_forward(Cpu, Minimum, const std::int32_t*, const std::int32_t*, std::int32_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Minimum, const std::int64_t*, const std::int64_t*, std::int64_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Minimum, const std::uint8_t*, const std::uint8_t*, std::uint8_t*,
                             const Strided<3>&);
template void binary_forward(Cpu, Minimum, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Minimum, const float*, float, float*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Minimum, const double*, double, double*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Minimum, const std::int32_t*, std::int32_t, std::int32_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Minimum, const std::int64_t*, std::int64_t, std::int64_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Minimum, const std::uint8_t*, std::uint8_t, std::uint8_t*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Minimum, const bool*, bool, bool*, const Strided<2>&);
template void binary_backward(Cpu, Minimum, const float*, const float*, const float*, float*,
                              float*, const Strided<5>&);
template void binary_backward(Cpu, Minimum, const double*, const double*, const double*, double*,
                              double*, const Strided<5>&);
template void binary_scalar_backward(Cpu, Minimum, const float*, float, const float*, float*,
                                     const Strided<3>&);
template void binary_scalar_backward(Cpu, Minimum, const double*, double, const double*, double*,
                                     const Strided<3>&);

}  // namespace vitrine::kernels
