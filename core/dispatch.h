// From a tensor's device and dtype to a tag and a type: the only switch of the library.
//
//     dispatch_floats(call, x, [&]<class T>(auto on) {
//         kernels::softmax_forward(on, raw<T>(x), raw<T>(y), n);
//     });
#pragma once

#include "operand.h"
#include "tensor_impl.h"
#include "vitrine/config.h"
#include "vitrine/kernels/base/device.h"

namespace vitrine {

/// The elements on whatever device x is, for kernels alone: no check.
template <class T>
T* raw(const Tensor& x) {
    return static_cast<T*>(x.impl()->data());
}

/// The tag of the cuda device with the calling thread's stream.
kernels::Cuda current_cuda();

/// How many kernels this thread has dispatched to a device: how a test knows that an op ran where it should.
std::uint64_t dispatch_count(Device device);
void count_dispatch(Device device);

/// Calls f<T>(device tag) for x's device and floating dtype. Throws Error for other dtypes.
template <class F>
void dispatch_floats(const Call& call, const Tensor& x, F&& f) {
    const bool f64 = x.dtype() == DType::f64;
    if (!is_floating(x.dtype())) call.fail(join("no kernels for ", x.dtype(), "; allowed are f32 and f64", cast_hint(x.dtype())));
    count_dispatch(x.device());
    switch (x.device()) {
        case Device::cpu:
            return f64 ? f.template operator()<double>(kernels::Cpu{}) : f.template operator()<float>(kernels::Cpu{});
        case Device::simt:
            if constexpr (VITRINE_HAS_SIMT)
                return f64 ? f.template operator()<double>(kernels::Simt{}) : f.template operator()<float>(kernels::Simt{});
            break;
        case Device::cuda:
            if constexpr (VITRINE_HAS_CUDA)
                return f64 ? f.template operator()<double>(current_cuda()) : f.template operator()<float>(current_cuda());
            break;
    }
    call.fail(join("no kernels for ", x.device(), " in this build"));
}

/// Calls f<T>() for x's dtype.
template <class F>
void dispatch_dtype(const Tensor& x, F&& f) {
    switch (x.dtype()) {
        case DType::f32: return f.template operator()<float>();
        case DType::f64: return f.template operator()<double>();
        case DType::i32: return f.template operator()<std::int32_t>();
        case DType::i64: return f.template operator()<std::int64_t>();
        case DType::u8: return f.template operator()<std::uint8_t>();
        case DType::boolean: return f.template operator()<bool>();
        case DType::bf16: return f.template operator()<bf16>();
        case DType::f16: return f.template operator()<f16>();
    }
}

/// Calls f<T>(device tag) for x's device and any dtype but the 16-bit floats, for which it throws Error.
template <class F>
void dispatch_all(const Call& call, const Tensor& x, F&& f) {
    count_dispatch(x.device());
    // One switch over both, written out: a nested lambda would be one more frame to step through.
    const auto both = [](Device device, DType dtype) constexpr { return static_cast<int>(device) * 16 + static_cast<int>(dtype); };
    switch (both(x.device(), x.dtype())) {
        case both(Device::cpu, DType::f32): return f.template operator()<float>(kernels::Cpu{});
        case both(Device::cpu, DType::f64): return f.template operator()<double>(kernels::Cpu{});
        case both(Device::cpu, DType::i32): return f.template operator()<std::int32_t>(kernels::Cpu{});
        case both(Device::cpu, DType::i64): return f.template operator()<std::int64_t>(kernels::Cpu{});
        case both(Device::cpu, DType::u8): return f.template operator()<std::uint8_t>(kernels::Cpu{});
        case both(Device::cpu, DType::boolean): return f.template operator()<bool>(kernels::Cpu{});
        default: break;
    }
    if constexpr (VITRINE_HAS_SIMT) {
        switch (both(x.device(), x.dtype())) {
            case both(Device::simt, DType::f32): return f.template operator()<float>(kernels::Simt{});
            case both(Device::simt, DType::f64): return f.template operator()<double>(kernels::Simt{});
            case both(Device::simt, DType::i32): return f.template operator()<std::int32_t>(kernels::Simt{});
            case both(Device::simt, DType::i64): return f.template operator()<std::int64_t>(kernels::Simt{});
            case both(Device::simt, DType::u8): return f.template operator()<std::uint8_t>(kernels::Simt{});
            case both(Device::simt, DType::boolean): return f.template operator()<bool>(kernels::Simt{});
            default: break;
        }
    }
    if constexpr (VITRINE_HAS_CUDA) {
        switch (both(x.device(), x.dtype())) {
            case both(Device::cuda, DType::f32): return f.template operator()<float>(current_cuda());
            case both(Device::cuda, DType::f64): return f.template operator()<double>(current_cuda());
            case both(Device::cuda, DType::i32): return f.template operator()<std::int32_t>(current_cuda());
            case both(Device::cuda, DType::i64): return f.template operator()<std::int64_t>(current_cuda());
            case both(Device::cuda, DType::u8): return f.template operator()<std::uint8_t>(current_cuda());
            case both(Device::cuda, DType::boolean): return f.template operator()<bool>(current_cuda());
            default: break;
        }
    }
    if (is_half(x.dtype())) call.fail(join("no kernels for ", x.dtype(), cast_hint(x.dtype())));
    call.fail(join("no kernels for ", x.device(), " in this build"));
}

/// Calls f<T>(device tag) for a device and a known type.
template <class T, class F>
void dispatch_device(const Call& call, Device device, F&& f) {
    count_dispatch(device);
    switch (device) {
        case Device::cpu: return f.template operator()<T>(kernels::Cpu{});
        case Device::simt:
            if constexpr (VITRINE_HAS_SIMT) return f.template operator()<T>(kernels::Simt{});
            break;
        case Device::cuda:
            if constexpr (VITRINE_HAS_CUDA) return f.template operator()<T>(current_cuda());
            break;
    }
    call.fail(join("no kernels for ", device, " in this build"));
}

/// Calls f<T>(device tag) for x's device and any dtype, the 16-bit floats too: for what moves elements and computes
/// nothing.
template <class F>
void dispatch_stored(const Call& call, const Tensor& x, F&& f) {
    if (x.dtype() == DType::bf16) return dispatch_device<bf16>(call, x.device(), f);
    if (x.dtype() == DType::f16) return dispatch_device<f16>(call, x.device(), f);
    dispatch_all(call, x, f);
}

}  // namespace vitrine
