// What the ops of the binary family share: kernels on checked operands, the forward pass. Private to
// core/ops/binary*.cpp.
#pragma once

#include <type_traits>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/node.h"
#include "vitrine/kernels/binary/binary.h"

namespace vitrine {

template <class F>
inline constexpr bool for_floats_only = std::is_same_v<F, kernels::Div> || std::is_same_v<F, kernels::ReverseDiv>;

/// y = f(x, w): one dtype, one device, y of the broadcast shape.
template <class F>
void run_binary(const Call& call, F fn, const Tensor& x, const Tensor& w, const Tensor& y) {
    const kernels::Strided<3> n = walk(y.shape(), y, x, w);
    const auto kernel = [&]<class T>(auto on) {
        using R = decltype(fn.f(T{}, T{}));
        kernels::binary_forward(on, fn, raw<T>(x), raw<T>(w), raw<R>(y), n);
    };
    if constexpr (for_floats_only<F>)
        dispatch_floats(call, x, kernel);
    else
        dispatch_all(call, x, kernel);
}

/// y = f(x, number).
template <class F>
void run_binary(const Call& call, F fn, const Tensor& x, double number, const Tensor& y) {
    const kernels::Strided<2> n = walk(y.shape(), y, x);
    const auto kernel = [&]<class T>(auto on) {
        using R = decltype(fn.f(T{}, T{}));
        kernels::binary_scalar_forward(on, fn, raw<T>(x), element_from<T>(number), raw<R>(y), n);
    };
    if constexpr (for_floats_only<F>)
        dispatch_floats(call, x, kernel);
    else
        dispatch_all(call, x, kernel);
}

/// x itself if it has that dtype, else a copy that `held` keeps: outside the graph, as integers have no gradient and a
/// floating tensor is never converted here.
inline const Tensor& converted(const Tensor& x, DType dtype, Site site, Tensor& held) {
    if (x.dtype() == dtype) return x;
    return held = x.to(dtype, site);
}

/// The result of f(x, w), computed in `dtype`; `reversed` is f with its operands exchanged. Nothing is recorded.
template <class F, class Reversed>
Tensor compute_binary(const Call& call, F fn, Reversed reversed, const Operand& x, const Operand& w, DType dtype) {
    const DType y_dtype = std::is_same_v<decltype(fn.f(1.0f, 1.0f)), bool> ? DType::boolean : dtype;
    if (x.is_number() || w.is_number()) {
        Tensor held;
        const Tensor& t = converted(x.is_number() ? w.tensor() : x.tensor(), dtype, call.site(), held);
        Tensor y = make_result(t.shape(), t, y_dtype);
        if (w.is_number())
            run_binary(call, fn, t, w.number(), y);
        else
            run_binary(call, reversed, t, x.number(), y);
        return y;
    }
    call.check(x.tensor().device() == w.tensor().device(), "x is on ", x.tensor().device(), " and w on ",
               w.tensor().device(), "; both must be on one device: copy one with to()");
    Tensor held_x, held_w;
    const Tensor& a = converted(x.tensor(), dtype, call.site(), held_x);
    const Tensor& b = converted(w.tensor(), dtype, call.site(), held_w);
    const Shape shape = broadcast_shape(call, a, b);
    Tensor y = make_result(shape, a.shape() == shape ? a : b, y_dtype);
    run_binary(call, fn, a, b, y);
    return y;
}

/// The operand's tensor; an undefined one for a number, which has no edge in the graph.
inline const Tensor& tensor_or_none(const Operand& x) {
    static const Tensor none;
    return x.is_number() ? none : x.tensor();
}

}  // namespace vitrine
