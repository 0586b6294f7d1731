#include "binary.h"
#include "binary_compute.h"
#include "binary_sum.h"

namespace vitrine {
namespace {

// A checked call of x = f(x, w). `instead` is what to write where x cannot be changed. Dispatched, it runs the kernel.
template <class F>
struct InPlace {
    Call call;
    F fn;
    const Tensor& x;
    const Operand& w;
    Tensor held, b;  // w as the kernel reads it; undefined for a number

    InPlace(const char* op, const Tensor& left, const Operand& right, const char* instead, F f = {}) : call(op, right), fn(f), x(left), w(right) {
        call.tensor(x);
        const DType dtype = promote(call, Operand(x), w);
        const DType y_dtype = for_floats_only<F> && !is_floating(dtype) ? DType::f32 : dtype;
        check_in_place(call, x, tensor_or_none(w).requires_grad(), instead);
        call.check(y_dtype == x.dtype(), "the result is ", y_dtype, " and x ", x.dtype(), "; write ", instead);
        call.check(!std::is_same_v<F, kernels::Sub> || dtype != DType::boolean, "x is bool; cast it with to()");
        if (w.is_number()) return;
        call.check(x.device() == w.tensor().device(), "x is on ", x.device(), " and w on ", w.tensor().device(),
                   "; both must be on one device: copy one with to()");
        call.check(broadcast_shape(call, x, w.tensor()) == x.shape(), "w ", w.tensor().shape(), " does not broadcast to x ", x.shape());
        b = apart_from(converted(w.tensor(), dtype, call.site(), held), x);
    }

    template <class T>
    void operator()(auto on) const {
        if (b.defined())
            kernels::binary_forward(on, fn, raw<T>(x), raw<T>(b), raw<T>(x), walk(x.shape(), x, x, b));
        else if constexpr (!std::is_same_v<F, kernels::AddScaled>)
            kernels::binary_scalar_forward(on, fn, raw<T>(x), element_from<T>(w.number()), raw<T>(x), walk(x.shape(), x, x));
        changed_in_place(x);
    }
};

}  // namespace

Tensor& operator+=(Tensor& x, Operand w) {
    const InPlace<kernels::Add> op("+=", x, w, "x = x + w");
    return dispatch_all(op.call, x, op), x;
}
Tensor& operator-=(Tensor& x, Operand w) {
    const InPlace<kernels::Sub> op("-=", x, w, "x = x - w");
    return dispatch_all(op.call, x, op), x;
}
Tensor& operator*=(Tensor& x, Operand w) {
    const InPlace<kernels::Mul> op("*=", x, w, "x = x * w");
    return dispatch_all(op.call, x, op), x;
}
Tensor& operator/=(Tensor& x, Operand w) {
    const InPlace<kernels::Div> op("/=", x, w, "x = x / w");
    return dispatch_floats(op.call, x, op), x;
}

void add_in_place(const Tensor& sum, const Tensor& g) {
    const Call call("add_", Site::here());
    dispatch_floats(call, sum, [&]<class T>(auto on) {
        kernels::binary_forward(on, kernels::Add{}, raw<T>(sum), raw<T>(g), raw<T>(sum), walk(sum.shape(), sum, sum, g));
    });
}

Tensor& Tensor::add_(const Tensor& w, double alpha, Site site) {
    const Operand operand(w, site);
    if (alpha == 1) {
        const InPlace<kernels::Add> op("add_", *this, operand, "x = x + w");
        dispatch_all(op.call, *this, op);
    } else {
        const InPlace<kernels::AddScaled> op("add_", *this, operand, "x = x + alpha * w", {alpha});
        dispatch_all(op.call, *this, op);
    }
    return *this;
}

Tensor& Tensor::mul_(const Tensor& w, Site site) {
    const Operand operand(w, site);
    const InPlace<kernels::Mul> op("mul_", *this, operand, "x = x * w");
    dispatch_all(op.call, *this, op);
    return *this;
}

}  // namespace vitrine
