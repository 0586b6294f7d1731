// From a tensor's device and dtype to a tag and a type: the only switch of the library.
//
//     dispatch_floats(call, x, [&]<class T>(auto on) {
//         kernels::softmax_forward(on, raw<T>(x), raw<T>(y), n);
//     });
//
// A debugger steps through here on its way to a kernel, so f32 comes first and has a line of its own on each device.
#pragma once

#include "operand.h"
#include "place.h"
#include "tensor_impl.h"
#include "vitrine/config.h"
#include "vitrine/kernels/base/device.h"

namespace vitrine {

/// The tag of the cuda device with the calling thread's stream.
kernels::Cuda current_cuda();

/// f<T>(device tag) for x's device and floating dtype, and what it returns. Throws Error for other dtypes.
template <class F>
decltype(auto) dispatch_floats(const Call& call, const Tensor& x, F&& f) {
    if (place_of_floats(call, x) == cpu_f32) return f.template operator()<float>(kernels::Cpu{});
    if constexpr (VITRINE_HAS_SIMT) {
        if (place_of(x) == simt_f32) return f.template operator()<float>(kernels::Simt{});
        if (place_of(x) == simt_f64) return f.template operator()<double>(kernels::Simt{});
    }
    if constexpr (VITRINE_HAS_CUDA) {
        if (place_of(x) == cuda_f32) return f.template operator()<float>(current_cuda());
        if (place_of(x) == cuda_f64) return f.template operator()<double>(current_cuda());
    }
    return f.template operator()<double>(kernels::Cpu{});
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

inline constexpr bool with_halves = true;

/// f<T>(device tag) for x's device and any dtype but the 16-bit floats, for which it throws Error, and what it returns;
/// dispatch_all<with_halves> calls it for those too: for what moves elements and computes nothing.
template <bool halves = false, class F>
decltype(auto) dispatch_all(const Call& call, const Tensor& x, F&& f) {
    if (place_of_any(call, x, halves) == cpu_f32) return f.template operator()<float>(kernels::Cpu{});
    if constexpr (VITRINE_HAS_SIMT)
        if (place_of(x) == simt_f32) return f.template operator()<float>(kernels::Simt{});
    // Written out: a function for each device would be one more frame to step through.
    switch (place_of(x).number()) {
        case Place{Device::cpu, DType::f64}.number(): return f.template operator()<double>(kernels::Cpu{});
        case simt_f64.number():
            if constexpr (VITRINE_HAS_SIMT) return f.template operator()<double>(kernels::Simt{});
            else break;
        case Place{Device::cpu, DType::i32}.number(): return f.template operator()<std::int32_t>(kernels::Cpu{});
        case Place{Device::cpu, DType::i64}.number(): return f.template operator()<std::int64_t>(kernels::Cpu{});
        case Place{Device::cpu, DType::u8}.number(): return f.template operator()<std::uint8_t>(kernels::Cpu{});
        case Place{Device::cpu, DType::boolean}.number(): return f.template operator()<bool>(kernels::Cpu{});
        default: break;
    }
    if constexpr (halves) {
        if (place_of(x) == Place{Device::cpu, DType::bf16}) return f.template operator()<bf16>(kernels::Cpu{});
        if (place_of(x) == Place{Device::cpu, DType::f16}) return f.template operator()<f16>(kernels::Cpu{});
    }
    if constexpr (VITRINE_HAS_SIMT) {
        switch (place_of(x).number()) {
            case Place{Device::simt, DType::i32}.number(): return f.template operator()<std::int32_t>(kernels::Simt{});
            case Place{Device::simt, DType::i64}.number(): return f.template operator()<std::int64_t>(kernels::Simt{});
            case Place{Device::simt, DType::u8}.number(): return f.template operator()<std::uint8_t>(kernels::Simt{});
            case Place{Device::simt, DType::boolean}.number(): return f.template operator()<bool>(kernels::Simt{});
            default: break;
        }
        if constexpr (halves) {
            if (place_of(x) == Place{Device::simt, DType::bf16}) return f.template operator()<bf16>(kernels::Simt{});
            if (place_of(x) == Place{Device::simt, DType::f16}) return f.template operator()<f16>(kernels::Simt{});
        }
    }
    if constexpr (VITRINE_HAS_CUDA) {
        switch (place_of(x).number()) {
            case cuda_f32.number(): return f.template operator()<float>(current_cuda());
            case cuda_f64.number(): return f.template operator()<double>(current_cuda());
            case Place{Device::cuda, DType::i32}.number(): return f.template operator()<std::int32_t>(current_cuda());
            case Place{Device::cuda, DType::i64}.number(): return f.template operator()<std::int64_t>(current_cuda());
            case Place{Device::cuda, DType::u8}.number(): return f.template operator()<std::uint8_t>(current_cuda());
            case Place{Device::cuda, DType::boolean}.number(): return f.template operator()<bool>(current_cuda());
            default: break;
        }
        if constexpr (halves) {
            if (place_of(x) == Place{Device::cuda, DType::bf16}) return f.template operator()<bf16>(current_cuda());
            if (place_of(x) == Place{Device::cuda, DType::f16}) return f.template operator()<f16>(current_cuda());
        }
    }
    call.fail(join("no kernels for ", x.dtype(), " on ", x.device()));
}

/// f<T>(device tag) for a device and a known type, and what it returns.
template <class T, class F>
decltype(auto) dispatch_device(const Call& call, Device device, F&& f) {
    if (counted(call, device) == Device::cpu) return f.template operator()<T>(kernels::Cpu{});
    if constexpr (VITRINE_HAS_SIMT)
        if (device == Device::simt) return f.template operator()<T>(kernels::Simt{});
    if constexpr (VITRINE_HAS_CUDA)
        if (device == Device::cuda) return f.template operator()<T>(current_cuda());
    call.fail(join("no kernels for ", device, " in this build"));
}

}  // namespace vitrine
