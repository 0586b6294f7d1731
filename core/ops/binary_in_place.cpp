#include "binary.h"
#include "binary_compute.h"

namespace vitrine {
namespace {

// x = f(x, w). `instead` is what to write where x cannot be changed.
template <class F>
void change(const char* op, F fn, const Tensor& x, const Operand& w, const char* instead) {
    const Call call(op, w);
    call.tensor(x);
    const DType dtype = promote(call, Operand(x), w);
    const DType y_dtype = for_floats_only<F> && !is_floating(dtype) ? DType::f32 : dtype;
    check_in_place(call, x, tensor_or_none(w).requires_grad(), instead);
    call.check(y_dtype == x.dtype(), "the result is ", y_dtype, " and x ", x.dtype(), "; write ", instead);
    call.check(!std::is_same_v<F, kernels::Sub> || dtype != DType::boolean, "x is bool; cast it with to()");
    if (w.is_number()) {
        if constexpr (!std::is_same_v<F, kernels::AddScaled>) run_binary(call, fn, x, w.number(), x);
    } else {
        call.check(x.device() == w.tensor().device(), "x is on ", x.device(), " and w on ", w.tensor().device(),
                   "; both must be on one device: copy one with to()");
        call.check(broadcast_shape(call, x, w.tensor()) == x.shape(), "w ", w.tensor().shape(),
                   " does not broadcast to x ", x.shape());
        Tensor held;
        run_binary(call, fn, x, apart_from(converted(w.tensor(), dtype, call.site(), held), x), x);
    }
    changed_in_place(x);
}

}  // namespace

Tensor& operator+=(Tensor& x, Operand w) { return change("+=", kernels::Add{}, x, w, "x = x + w"), x; }
Tensor& operator-=(Tensor& x, Operand w) { return change("-=", kernels::Sub{}, x, w, "x = x - w"), x; }
Tensor& operator*=(Tensor& x, Operand w) { return change("*=", kernels::Mul{}, x, w, "x = x * w"), x; }
Tensor& operator/=(Tensor& x, Operand w) { return change("/=", kernels::Div{}, x, w, "x = x / w"), x; }

Tensor& Tensor::add_(const Tensor& w, double alpha, Site site) {
    if (alpha == 1)
        change("add_", kernels::Add{}, *this, {w, site}, "x = x + w");
    else
        change("add_", kernels::AddScaled{alpha}, *this, {w, site}, "x = x + alpha * w");
    return *this;
}

Tensor& Tensor::mul_(const Tensor& w, Site site) {
    change("mul_", kernels::Mul{}, *this, {w, site}, "x = x * w");
    return *this;
}

}  // namespace vitrine
