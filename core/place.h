// Where a kernel runs and on what: a device with a dtype. Private to core.
#pragma once

#include <cstdint>

#include "operand.h"
#include "tensor_impl.h"

namespace vitrine {

struct Place {
    Device device;
    DType dtype;
    bool operator==(const Place&) const = default;
    constexpr int number() const { return static_cast<int>(device) * 16 + static_cast<int>(dtype); }  ///< for a switch
};

inline constexpr Place cpu_f32{Device::cpu, DType::f32}, simt_f32{Device::simt, DType::f32}, simt_f64{Device::simt, DType::f64},
    cuda_f32{Device::cuda, DType::f32}, cuda_f64{Device::cuda, DType::f64};

inline Place place_of(const Tensor& x) { return {x.device(), x.dtype()}; }

/// The place of a kernel that is about to run, counted. Throw Error for a device that is not in this build, and for a
/// dtype other than f32 and f64; a 16-bit float, unless `halves`.
Place place_of_floats(const Call& call, const Tensor& x);
Place place_of_any(const Call& call, const Tensor& x, bool halves);
Device counted(const Call& call, Device device);

/// How many kernels this thread has dispatched to a device: how a test knows that an op ran where it should.
std::uint64_t dispatch_count(Device device);

/// The elements on whatever device x is, for kernels alone: no check.
template <class T>
T* raw(const Tensor& x) {
    if (profiling()) [[unlikely]]
        profile_touched(x);
    return static_cast<T*>(x.impl()->data());
}
template <class T>
T* raw_or_null(const Tensor& x) {
    return x.defined() ? raw<T>(x) : nullptr;
}

}  // namespace vitrine
