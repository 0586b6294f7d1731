#include "copy.h"

#include <cmath>
#include <utility>

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
    NodeArguments arguments() const override { return {{"dtype", y_dtype}}; }
    void forward(const NodeValues& v) override { v.out[0] = to(v.in[0], y_dtype); }
    void backward(const Grads& g) override { g.in[0] = to(g.out[0], x_dtype); }
};

struct MoveNode final : Node {
    Device x_device = Device::cpu;  // a replay has one device: nothing moves
    const char* name() const override { return "to"; }
    void forward(const NodeValues& v) override { v.out[0] = v.in[0]; }
    void backward(const Grads& g) override { g.in[0] = to(g.out[0], x_device); }
};

// y = x, broadcast and converted; both on one device. Dispatched, it runs the kernel.
struct CopyCall {
    Call call;
    const Tensor& x;
    Tensor y;
    kernels::Strided<2> n;

    CopyCall(const Call& c, const Tensor& from) : CopyCall(c, from, make_result(from.shape(), from, from.dtype())) {}
    CopyCall(const Call& c, const Operand& operand) : CopyCall(c, c.tensor(operand)) {}
    CopyCall(const Call& c, const Tensor& from, Tensor to) : call(c), x(from), y(std::move(to)), n(walk(y.shape(), y, x)) {}
    CopyCall(const Call& c, const Tensor& from, Tensor to, const kernels::Strided<2>& shape) : call(c), x(from), y(std::move(to)), n(shape) {}

    template <class T>
    void operator()(auto on) const {
        if (y.dtype() == DType::f32) return kernels::copy(on, raw<T>(x), raw<float>(y), n);  // first: one step in a debugger
        switch (y.dtype()) {
            case DType::f32: break;
            case DType::f64: return kernels::copy(on, raw<T>(x), raw<double>(y), n);
            case DType::i32: return kernels::copy(on, raw<T>(x), raw<std::int32_t>(y), n);
            case DType::i64: return kernels::copy(on, raw<T>(x), raw<std::int64_t>(y), n);
            case DType::u8: return kernels::copy(on, raw<T>(x), raw<std::uint8_t>(y), n);
            case DType::boolean: return kernels::copy(on, raw<T>(x), raw<bool>(y), n);
            case DType::bf16: return kernels::copy(on, raw<T>(x), raw<bf16>(y), n);
            case DType::f16: return kernels::copy(on, raw<T>(x), raw<f16>(y), n);
        }
    }
};

// The same to another dtype; without a y where x has it already.
struct CastCall : CopyCall {
    CastCall(const Call& c, const Operand& operand, DType dtype) : CopyCall(c, c.tensor(operand), Tensor(), {}) {
        if (x.dtype() == dtype) return;
        y = make_result(x.shape(), x, dtype);
        n = walk(y.shape(), y, x);
    }

    Tensor recorded() {
        if (!y.defined()) return x;
        if (recording(x) && (is_floating(y.dtype()) || is_half(y.dtype()))) {
            auto* node = record<CastNode>(call, y, x);
            node->x_dtype = x.dtype(), node->y_dtype = y.dtype();
        }
        return std::move(y);
    }
};

const Tensor& check_fill(const Call& call, const Tensor& x, double value) {
    check_in_place(call, call.tensor(x), false, "x = full_like(x, value)");
    call.check(is_floating(x.dtype()) || is_half(x.dtype()) || std::fabs(value) < 0x1p63, "x is ", x.dtype(), ", which cannot hold ", value);
    return x;
}

}  // namespace

Tensor clone(Operand operand) {
    CopyCall op({"clone", operand}, operand);
    dispatch_all<with_halves>(op.call, op.x, op);
    if (recording(op.x)) record<CloneNode>(op.call, op.y, op.x);
    return std::move(op.y);
}

Tensor contiguous(Operand operand) {
    const Tensor& x = Call("contiguous", operand).tensor(operand);
    if (x.is_contiguous()) return x;
    CopyCall op({"contiguous", operand}, x, make_tensor(x.shape(), contiguous_strides(x.shape()), x.dtype(), x.device()));
    dispatch_all<with_halves>(op.call, x, op);
    if (recording(x)) record<ContiguousNode>(op.call, op.y, x);
    return std::move(op.y);
}

Tensor to(Operand operand, DType dtype) {
    CastCall op({"to", operand}, operand, dtype);
    if (op.y.defined()) dispatch_all<with_halves>(op.call, op.x, op);
    return op.recorded();
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
    const Tensor& x = check_fill({"fill_", site}, *this, value);
    const kernels::Strided<1> n = walk(x.shape(), x);
    dispatch_all<with_halves>({"fill_", site}, x, [&]<class T>(auto on) { kernels::fill(on, raw<T>(x), element_from<T>(value), n); });
    changed_in_place(x);
    return *this;
}

Tensor& Tensor::zero_(Site site) { return fill_(0, site); }

Tensor& Tensor::copy_(const Tensor& from, Site site) {
    const Call call("copy_", site);
    const Tensor &x = call.tensor(*this), &w = call.tensor(from, "w");
    check_in_place(call, x, w.requires_grad(), "x = w");
    call.check(broadcast_shape(call, x, w) == x.shape(), "w ", w.shape(), " does not broadcast to x ", x.shape());
    const Tensor apart = apart_from(vitrine::to({w.detach(), site}, x.device()), x);
    const CopyCall op(call, apart, x);
    dispatch_all<with_halves>(call, op.x, op);
    changed_in_place(x);
    return *this;
}

}  // namespace vitrine
