#include "place.h"

#include "vitrine/config.h"

namespace vitrine {
namespace {
thread_local constinit std::uint64_t counts[3] = {};
}

std::uint64_t dispatch_count(Device device) { return counts[static_cast<int>(device)]; }

Device counted(const Call& call, Device device) {
    const bool here = device == Device::cpu || (device == Device::simt ? VITRINE_HAS_SIMT : VITRINE_HAS_CUDA);
    if (!here) call.fail(join("no kernels for ", device, " in this build"));
    ++counts[static_cast<int>(device)];
    return device;
}

Place place_of_floats(const Call& call, const Tensor& x) {
    if (!is_floating(x.dtype())) call.fail(join("no kernels for ", x.dtype(), "; allowed are f32 and f64", cast_hint(x.dtype())));
    return {counted(call, x.device()), x.dtype()};
}

Place place_of_any(const Call& call, const Tensor& x, bool halves) {
    if (!halves && is_half(x.dtype())) call.fail(join("no kernels for ", x.dtype(), cast_hint(x.dtype())));
    return {counted(call, x.device()), x.dtype()};
}

}  // namespace vitrine
