// Ops that work on each element, and sums and extremes of them, called from a file.
#include "case_call.h"
#include "vitrine/core/axes.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/loss.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/scan.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/core/ops/where.h"

namespace vitrine::data {
namespace {

using Made = std::vector<Tensor>;
using C = CaseCall;

template <Tensor (*f)(Operand)>
Made unary(const C& c) {
    return {f(c.in(0))};
}
template <Tensor (*f)(Operand, Operand)>
Made binary(const C& c) {
    return {f(c.side(0), c.side(1))};
}

/// Along the axes whose size becomes 1: with keepdim, then in the shape of the output.
Axes summed_axes(const C& c) {
    Shape axes;
    const Shape kept = c.shape("shape");
    for (int d = 0; d < kept.dims(); ++d)
        if (kept[d] == 1) axes.push_back(d);
    return axes;
}

template <Tensor (*f)(Operand, Axes, bool)>
Made reduce(const C& c) {
    return {reshape(f(c.in(0), c.shape("axes"), true), c.output_shape())};
}

Made variance(const C& c) {
    const Shape axes = c.shape("axes"), &sizes = c.in(0).shape();
    std::int64_t count = axes.empty() ? sizes.numel() : 1;
    for (const std::int64_t axis : axes) count *= c.in(0).size(axis);
    const VarOptions options{.correction = static_cast<double>(count) - c.number("divisor"), .keepdim = true};
    return {reshape(var(c.in(0), axes, options), c.output_shape())};
}

template <Tensor (*f)(Operand, const Tensor&, LossOptions)>
Made loss(const C& c) {
    return {f(c.in(0), c.in(1), {c.choice<Reduction>("reduction", 3)})};
}

DropoutMask mask_of(const C& c) {
    const Shape order = c.shape("order"), &x = c.in(0).shape();
    VITRINE_CHECK(order.dims() == x.dims() && (x.numel() == 0 || is_dense(x, order)),
                  "run_case: the case of dropout has strides ", order, " for x ", x);
    return {.p = c.number("p"),
            .from = {static_cast<std::uint64_t>(c.whole("seed")), static_cast<std::uint64_t>(c.whole("offset"))},
            .order = order};
}

Made clamped(const C& c) { return {clamp(c.in(0), c.number("lo"), c.number("hi"))}; }
Made power(const C& c) { return {pow(c.in(0), c.number("exponent"))}; }
Made gelu_of(const C& c) {
    return {gelu(c.in(0), c.has("approximation") ? GeluApproximation::tanh : GeluApproximation::none)};
}
Made huber(const C& c) {
    return {huber_loss(c.in(0), c.in(1), {c.number("delta"), c.choice<Reduction>("reduction", 3)})};
}
Made smooth_l1(const C& c) {
    return {smooth_l1_loss(c.in(0), c.in(1),
                           {c.has("delta") ? c.number("delta") : 0, c.choice<Reduction>("reduction", 3)})};
}
Made divergence(const C& c) {
    return {kl_div(c.in(0), c.in(1), {c.has("log_target"), c.choice<Reduction>("reduction", 3)})};
}

}  // namespace

const std::vector<NamedCaseOp>& elementwise_case_ops() {
    static const std::vector<NamedCaseOp> ops{
        {"exp", unary<exp>},
        {"log", unary<log>},
        {"sqrt", unary<sqrt>},
        {"rsqrt", unary<rsqrt>},
        {"square", unary<square>},
        {"abs", unary<abs>},
        {"neg", unary<neg>},
        {"reciprocal", unary<reciprocal>},
        {"erf", unary<erf>},
        {"sin", unary<sin>},
        {"cos", unary<cos>},
        {"sigmoid", unary<sigmoid>},
        {"tanh", unary<tanh>},
        {"relu", unary<relu>},
        {"silu", unary<silu>},
        {"pow", power},
        {"clamp", clamped},
        {"gelu", gelu_of},
        {"leaky_relu", [](const C& c) -> Made { return {leaky_relu(c.in(0), c.number("negative_slope"))}; }},
        {"softplus", [](const C& c) -> Made { return {softplus(c.in(0), c.number("beta"), c.number("threshold"))}; }},
        {"add", binary<add>},
        {"sub", binary<sub>},
        {"mul", binary<mul>},
        {"div", binary<div>},
        {"maximum", binary<maximum>},
        {"minimum", binary<minimum>},
        {"where", [](const C& c) -> Made { return {where(c.kept("condition"), c.in(0), c.in(1))}; }},
        {"masked_fill", [](const C& c) -> Made { return {masked_fill(c.in(0), c.kept("mask"), c.number("value"))}; }},
        {"masked_select", [](const C& c) -> Made { return {masked_select(c.in(0), c.kept("mask"))}; }},
        {"dropout", [](const C& c) -> Made { return {dropout_backward(c.in(0), mask_of(c))}; }},
        {"dropout_backward", [](const C& c) -> Made { return {dropout_backward(c.in(0), mask_of(c))}; }},
        {"dropout_add", [](const C& c) -> Made { return {c.in(1) + dropout_backward(c.in(0), mask_of(c))}; }},
        {"sum", [](const C& c) -> Made { return {reshape(sum(c.in(0), summed_axes(c), true), c.output_shape())}; }},
        {"mean", [](const C& c) -> Made { return {reshape(mean(c.in(0), summed_axes(c), true), c.output_shape())}; }},
        {"sum_to", [](const C& c) -> Made { return {reshape(sum_to(c.in(0), c.shape("shape")), c.output_shape())}; }},
        {"max", reduce<max>},
        {"min", reduce<min>},
        {"logsumexp", reduce<logsumexp>},
        {"var", variance},
        {"max_backward", [](const C& c) -> Made { return {max_backward(c.kept("x"), c.kept("y"), c.in(0))}; }},
        {"logsumexp_backward", [](const C& c) -> Made { return {logsumexp_backward(c.in(0), c.in(1), c.in(2))}; }},
        {"cumsum", [](const C& c) -> Made { return {cumsum(c.in(0), c.whole("axis"))}; }},
        {"softmax", [](const C& c) -> Made { return {softmax(c.in(0), c.whole("axis"))}; }},
        {"log_softmax", [](const C& c) -> Made { return {log_softmax(c.in(0), c.whole("axis"))}; }},
        {"softmax_backward", [](const C& c) -> Made { return {softmax_backward(c.in(0), c.in(1), c.whole("axis"))}; }},
        {"log_softmax_backward",
         [](const C& c) -> Made { return {log_softmax_backward(c.in(0), c.in(1), c.whole("axis"))}; }},
        {"mse_loss", loss<mse_loss>},
        {"l1_loss", loss<l1_loss>},
        {"binary_cross_entropy", loss<binary_cross_entropy>},
        {"binary_cross_entropy_with_logits", loss<binary_cross_entropy_with_logits>},
        {"huber_loss", huber},
        {"smooth_l1_loss", smooth_l1},
        {"kl_div", divergence},
    };
    return ops;
}

}  // namespace vitrine::data
