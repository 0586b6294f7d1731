// What the ops of the binary family share: kernels on checked operands, the forward pass. Private to
// core/ops/binary*.cpp.
#pragma once

#include <type_traits>
#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/node.h"
#include "vitrine/kernels/binary/binary.h"

namespace vitrine {

template <class F>
inline constexpr bool for_floats_only = std::is_same_v<F, kernels::Div> || std::is_same_v<F, kernels::ReverseDiv>;

/// x itself if it has that dtype, else a copy that `held` keeps: outside the graph, as integers have no gradient and a
/// floating tensor is never converted here.
inline const Tensor& converted(const Tensor& x, DType dtype, Site site, Tensor& held) {
    if (x.dtype() == dtype) return x;
    return held = x.to(dtype, site);
}

/// The operand's tensor; an undefined one for a number, which has no edge in the graph.
inline const Tensor& tensor_or_none(const Operand& x) {
    static const Tensor none;
    return x.is_number() ? none : x.tensor();
}

/// The dtype in which f(x, w) is computed.
template <class F>
DType binary_dtype(const Call& call, const Operand& x, const Operand& w) {
    const DType dtype = promote(call, x, w);
    call.check(!std::is_same_v<F, kernels::Sub> || dtype != DType::boolean, "x and w are bool; use x != w, or cast them with to()");
    return for_floats_only<F> && !is_floating(dtype) ? DType::f32 : dtype;
}

/// A checked call of y = f(x, w). Dispatched, it runs the kernel and gives the result, recorded as a node of type N, or
/// not at all for void. `Reversed` is f with its operands exchanged.
template <class F, class Reversed, class N = void>
struct Binary {
    Call call;
    const Operand &x, &w;
    DType dtype;
    Tensor held_x, held_w, none;
    const Tensor &a, &b;  // the operands as kernels read them; undefined for a number
    Tensor y;

    Binary(const char* op, const Operand& left, const Operand& right)
        : call(op, left), x(left), w(right), dtype(binary_dtype<F>(call, x, w)),
          a(x.is_number() ? none : converted(x.tensor(), dtype, call.site(), held_x)),
          b(w.is_number() ? none : converted(w.tensor(), dtype, call.site(), held_w)) {
        const DType y_dtype = std::is_same_v<decltype(F{}.f(1.0f, 1.0f)), bool> ? DType::boolean : dtype;
        if (x.is_number() || w.is_number()) {
            y = make_result(like().shape(), like(), y_dtype);
            return;
        }
        call.check(a.device() == b.device(), "x is on ", a.device(), " and w on ", b.device(), "; both must be on one device: copy one with to()");
        const Shape shape = broadcast_shape(call, a, b);
        y = make_result(shape, a.shape() == shape ? a : b, y_dtype);
    }

    const Tensor& like() const { return x.is_number() ? b : a; }  ///< says device and dtype

    template <class T>
    Tensor operator()(auto on) {
        using R = decltype(F{}.f(T{}, T{}));
        // A line for each form: one step in a debugger.
        if (a.defined() && b.defined()) kernels::binary_forward(on, F{}, raw<T>(a), raw<T>(b), raw<R>(y), walk(y.shape(), y, a, b));
        else if (w.is_number()) kernels::binary_scalar_forward(on, F{}, raw<T>(a), element_from<T>(w.number()), raw<R>(y), walk(y.shape(), y, a));
        else kernels::binary_scalar_forward(on, Reversed{}, raw<T>(b), element_from<T>(x.number()), raw<R>(y), walk(y.shape(), y, b));
        return recorded();
    }

    Tensor recorded() {
        if constexpr (!std::is_void_v<N>)
            if (recording(tensor_or_none(x), tensor_or_none(w))) record<N>(call, y, tensor_or_none(x), tensor_or_none(w))->keep(x, w, y);
        return std::move(y);
    }
};

}  // namespace vitrine
