#include "operand.h"

namespace vitrine {

void Call::fail(const std::string& text) const { throw Error(join(op_, ": ", text, " (", site_, ")")); }

int Call::axis(const Tensor& x, std::int64_t axis, const char* letter) const {
    const int dims = x.dim();
    check(dims > 0, "axis ", axis, " of ", letter, " ", x.shape(), "; a scalar has no axis");
    check(axis >= -dims && axis < dims, "axis ", axis, " of ", letter, " ", x.shape(), "; allowed are ", -dims, " to ", dims - 1);
    return static_cast<int>(axis < 0 ? axis + dims : axis);
}

const Tensor& Call::tensor(const Operand& x, const char* letter) const {
    check(!x.is_number(), letter, " is a number; allowed is a tensor");
    check(x.tensor().defined(), letter, " is undefined");
    return x.tensor();
}

const Tensor& Call::floating(const Operand& x, const char* letter) const {
    const Tensor& t = tensor(x, letter);
    check(is_floating(t.dtype()), letter, " is ", t.dtype(), "; allowed are f32 and f64", cast_hint(t.dtype()));
    return t;
}

void Call::check_alike(const Tensor& x, const Tensor& w, const char* x_letter, const char* w_letter) const {
    check(x.defined() && w.defined(), x.defined() ? w_letter : x_letter, " is undefined");
    check(x.device() == w.device(), x_letter, " is on ", x.device(), " and ", w_letter, " on ", w.device(),
          "; both must be on one device: copy one with to()");
    check(x.dtype() == w.dtype(), x_letter, " is ", x.dtype(), " and ", w_letter, " ", w.dtype(),
          "; both must have one dtype: cast one with to()");
}

void Call::check_same(const Tensor& x, const Tensor& w, const char* x_letter, const char* w_letter) const {
    check_alike(x, w, x_letter, w_letter);
    check(x.shape() == w.shape(), x_letter, " is ", x.shape(), " and ", w_letter, " ", w.shape(), "; both must have one shape");
}

}  // namespace vitrine
