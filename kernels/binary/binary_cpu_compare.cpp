#include "binary_cpu.h"

namespace vitrine::kernels {

template void binary_forward(Cpu, Equal, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Equal, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Equal, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Equal, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Equal, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Equal, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Equal, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Equal, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Equal, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Equal, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Equal, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Equal, const bool*, bool, bool*, const Strided<2>&);
template void binary_forward(Cpu, NotEqual, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Cpu, NotEqual, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Cpu, NotEqual, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, NotEqual, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, NotEqual, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, NotEqual, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, NotEqual, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, NotEqual, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, NotEqual, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, NotEqual, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, NotEqual, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, NotEqual, const bool*, bool, bool*, const Strided<2>&);
template void binary_forward(Cpu, Less, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Less, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Less, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Less, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Less, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Less, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Less, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Less, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Less, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Less, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Less, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Less, const bool*, bool, bool*, const Strided<2>&);
template void binary_forward(Cpu, LessEqual, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Cpu, LessEqual, const double*, const double*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, LessEqual, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, LessEqual, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, LessEqual, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, LessEqual, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, LessEqual, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, LessEqual, const double*, double, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, LessEqual, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, LessEqual, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, LessEqual, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, LessEqual, const bool*, bool, bool*, const Strided<2>&);
template void binary_forward(Cpu, Greater, const float*, const float*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Greater, const double*, const double*, bool*, const Strided<3>&);
template void binary_forward(Cpu, Greater, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Greater, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Greater, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, Greater, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, Greater, const float*, float, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Greater, const double*, double, bool*, const Strided<2>&);
template void binary_scalar_forward(Cpu, Greater, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Greater, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Greater, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, Greater, const bool*, bool, bool*, const Strided<2>&);
template void binary_forward(Cpu, GreaterEqual, const float*, const float*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, GreaterEqual, const double*, const double*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, GreaterEqual, const std::int32_t*, const std::int32_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, GreaterEqual, const std::int64_t*, const std::int64_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, GreaterEqual, const std::uint8_t*, const std::uint8_t*, bool*,
                             const Strided<3>&);
template void binary_forward(Cpu, GreaterEqual, const bool*, const bool*, bool*, const Strided<3>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const float*, float, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const double*, double, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const std::int32_t*, std::int32_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const std::int64_t*, std::int64_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const std::uint8_t*, std::uint8_t, bool*,
                                    const Strided<2>&);
template void binary_scalar_forward(Cpu, GreaterEqual, const bool*, bool, bool*, const Strided<2>&);
}  // namespace vitrine::kernels
