#include "elementwise.h"

#include <algorithm>

#include "grad_mode.h"

namespace vitrine {

Shape broadcast_sizes(const Call& call, const Shape& a, const Shape& b) {
    const int dims = std::max(a.dims(), b.dims());
    Shape shape = Shape::filled(dims, 1);
    for (int i = 1; i <= dims; ++i) {
        const std::int64_t an = i <= a.dims() ? a[a.dims() - i] : 1, bn = i <= b.dims() ? b[b.dims() - i] : 1;
        call.check(an == bn || an == 1 || bn == 1, "x ", a, " and w ", b,
                   " do not broadcast; counted from the last, sizes must be equal or one of them 1");
        shape[dims - i] = an == 1 ? bn : an;
    }
    return shape;
}

Strides broadcast_strides(const Tensor& x, const Shape& shape) {
    if (x.shape() == shape) return x.strides();
    Strides strides = Strides::filled(shape.dims(), 0);
    const int added = shape.dims() - x.dim();
    for (int i = 0; i < x.dim(); ++i)
        if (x.shape()[i] == shape[added + i]) strides[added + i] = x.strides()[i];
    return strides;
}

Tensor make_result(const Shape& shape, const Tensor& like, DType dtype) {
    const bool same = &like.shape() == &shape || like.shape() == shape;
    return make_tensor(shape, same ? dense_strides(shape, like.strides()) : contiguous_strides(shape), dtype,
                       like.device());
}

namespace {

int rank(DType dtype) {
    switch (dtype) {
        case DType::boolean: return 0;
        case DType::u8: return 1;
        case DType::i32: return 2;
        case DType::i64: return 3;
        case DType::f32: return 4;
        case DType::f64: return 5;
        default: return 6;  // the 16-bit floats, which meet nothing
    }
}

// No arithmetic on 16-bit floats.
void check_computable(const Call& call, const Tensor& x, const char* letter) {
    call.check(!is_half(x.dtype()), letter, " is ", x.dtype(), ", which is stored and not computed with",
               cast_hint(x.dtype()));
}

DType promote_number(const Call& call, const Tensor& x, const char* letter, const Operand& number) {
    check_computable(call, x, letter);
    if (is_floating(x.dtype())) return x.dtype();
    if (!number.is_integer()) return DType::f32;
    return x.dtype() == DType::boolean ? DType::i64 : x.dtype();
}

}  // namespace

DType promote_mixed(const Call& call, const Operand& x, const Operand& w) {
    call.check(!x.is_number() || !w.is_number(), "x and w are numbers; one must be a tensor");
    if (w.is_number()) return promote_number(call, call.tensor(x, "x"), "x", w);
    if (x.is_number()) return promote_number(call, call.tensor(w, "w"), "w", x);
    const DType a = call.tensor(x, "x").dtype(), b = call.tensor(w, "w").dtype();
    check_computable(call, x.tensor(), "x");
    check_computable(call, w.tensor(), "w");
    call.check(a == b || !is_floating(a) || !is_floating(b), "x is ", a, " and w ", b,
               "; both must have one dtype: cast one with to(vt::float32) or to(vt::float64)");
    return rank(a) >= rank(b) ? a : b;
}

void check_in_place(const Call& call, const Tensor& x, bool other_requires_grad, const char* instead) {
    if (is_grad_enabled()) {
        call.check(!x.requires_grad() && !other_requires_grad, x.requires_grad() ? "x" : "w",
                   " requires grad, and a change in place cannot be recorded; write ", instead,
                   ", or change x under no_grad");
    }
    const bool empty = x.numel() == 0;  // has no elements that could share memory
    for (int i = 0; i < x.dim(); ++i)
        call.check(empty || x.shape()[i] <= 1 || x.strides()[i] != 0, "x ", x.shape(),
                   " is an expanded view, whose elements share memory; clone() it first");
}

Tensor apart_from(const Tensor& w, const Tensor& x) {
    const TensorImpl &a = *w.impl(), &b = *x.impl();
    const bool same_places = a.offset == b.offset && a.shape == b.shape && same_layout(a.shape, a.strides, b.strides);
    return a.storage.get() != b.storage.get() || same_places ? w : w.detach().clone();
}

}  // namespace vitrine
