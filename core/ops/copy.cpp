#include "copy.h"

#include <cmath>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/kernels/copy/copy.h"

namespace vitrine {
namespace {

struct CloneNode final : Node {
    const char* name() const override { return "clone"; }
    void forward(const NodeValues& v) override { v.out[0] = clone(v.in[0]); }
    void backward(const Grads& g) override { g.in[0] = g.out[0]; }
};

struct ContiguousNode final : Node {
    const char* name() const override { return "contiguous"; }
    void forward(const NodeValues& v) override { v.out[0] = contiguous(v.in[0]); }
    void backward(const Grads& g) override { g.in[0] = g.out[0]; }
};

struct CastNode final : Node {
    DType x_dtype = DType::f32, y_dtype = DType::f32;
    const char* name() const override { return "to"; }
    void forward(const NodeValues& v) override { v.out[0] = to(v.in[0], y_dtype); }
    void backward(const Grads& g) override { g.in[0] = to(g.out[0], x_dtype); }
};

struct MoveNode final : Node {
    Device x_device = Device::cpu;  // a replay has one device: nothing moves
    const char* name() const override { return "to"; }
    void forward(const NodeValues& v) override { v.out[0] = v.in[0]; }
    void backward(const Grads& g) override { g.in[0] = to(g.out[0], x_device); }
};

// y = x, broadcast and converted; both on one device.
void copy_elements(const Call& call, const Tensor& x, const Tensor& y) {
    const kernels::Strided<2> n = walk(y.shape(), y, x);
    if (x.dtype() == y.dtype()) {
        dispatch_all<with_halves>(call, x, [&]<class T>(auto on) { kernels::copy(on, raw<T>(x), raw<T>(y), n); });
        return;
    }
    dispatch_all<with_halves>(call, x, [&]<class From>(auto on) {
        dispatch_dtype(y, [&]<class To>() { kernels::copy(on, raw<From>(x), raw<To>(y), n); });
    });
}

}  // namespace

Tensor clone(Operand operand) {
    const Call call("clone", operand);
    const Tensor& x = call.tensor(operand);
    Tensor y = make_result(x.shape(), x, x.dtype());
    copy_elements(call, x, y);
    if (recording(x)) record<CloneNode>(call, y, x);
    return y;
}

Tensor contiguous(Operand operand) {
    const Call call("contiguous", operand);
    const Tensor& x = call.tensor(operand);
    if (x.is_contiguous()) return x;
    Tensor y = make_tensor(x.shape(), contiguous_strides(x.shape()), x.dtype(), x.device());
    copy_elements(call, x, y);
    if (recording(x)) record<ContiguousNode>(call, y, x);
    return y;
}

Tensor to(Operand operand, DType dtype) {
    const Call call("to", operand);
    const Tensor& x = call.tensor(operand);
    if (x.dtype() == dtype) return x;
    Tensor y = make_result(x.shape(), x, dtype);
    copy_elements(call, x, y);
    if (recording(x) && (is_floating(dtype) || is_half(dtype))) {
        auto* node = record<CastNode>(call, y, x);
        node->x_dtype = x.dtype(), node->y_dtype = dtype;
    }
    return y;
}

Tensor to(Operand operand, Device device) {
    const Call call("to", operand);
    const Tensor& x = call.tensor(operand);
    if (x.device() == device) return x;
    require_available(device);
    const Tensor xd = dense(x.detach(), call.site());
    Tensor y = make_tensor(xd.shape(), xd.strides(), xd.dtype(), device);
    copy_bytes(raw<void>(y), device, raw<void>(xd), x.device(),
               static_cast<std::size_t>(x.numel()) * element_size(x.dtype()));
    if (recording(x)) record<MoveNode>(call, y, x)->x_device = x.device();
    return y;
}

Tensor Tensor::clone(Site site) const { return vitrine::clone({*this, site}); }
Tensor Tensor::contiguous(Site site) const { return vitrine::contiguous({*this, site}); }
Tensor Tensor::to(DType dtype, Site site) const { return vitrine::to({*this, site}, dtype); }
Tensor Tensor::to(Device device, Site site) const { return vitrine::to({*this, site}, device); }

Tensor& Tensor::fill_(double value, Site site) {
    const Call call("fill_", site);
    const Tensor& x = call.tensor(*this);
    check_in_place(call, x, false, "x = full_like(x, value)");
    call.check(is_floating(x.dtype()) || is_half(x.dtype()) || std::fabs(value) < 0x1p63, "x is ", x.dtype(), ", which cannot hold ", value);
    const kernels::Strided<1> n = walk(x.shape(), x);
    dispatch_all<with_halves>(call, x, [&]<class T>(auto on) { kernels::fill(on, raw<T>(x), element_from<T>(value), n); });
    changed_in_place(x);
    return *this;
}

Tensor& Tensor::zero_(Site site) { return fill_(0, site); }

Tensor& Tensor::copy_(const Tensor& from, Site site) {
    const Call call("copy_", site);
    const Tensor &x = call.tensor(*this), &w = call.tensor(from, "w");
    check_in_place(call, x, w.requires_grad(), "x = w");
    call.check(broadcast_shape(call, x, w) == x.shape(), "w ", w.shape(), " does not broadcast to x ", x.shape());
    copy_elements(call, apart_from(vitrine::to({w.detach(), site}, x.device()), x), x);
    changed_in_place(x);
    return *this;
}

}  // namespace vitrine
