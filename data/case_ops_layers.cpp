// Products, convolutions, normalisations, attention, recurrence and pooling, called from a file.
#include "case_call.h"
#include "vitrine/core/ops/attention.h"
#include "vitrine/core/ops/batch_norm.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/conv.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/group_norm.h"
#include "vitrine/core/ops/layer_norm.h"
#include "vitrine/core/ops/linear_relu.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/pool.h"
#include "vitrine/core/ops/recurrent.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine::data {
namespace {

using Made = std::vector<Tensor>;
using C = CaseCall;

ConvOptions conv_options(const C& c) {
    return {.stride = c.pair("stride"),
            .padding = c.pair("padding"),
            .dilation = c.pair("dilation"),
            .groups = c.whole("groups")};
}
Made transposed(const C& c) {
    const ConvTransposeOptions options{.stride = c.pair("stride"),
                                       .padding = c.pair("padding"),
                                       .output_padding = c.pair("output_padding"),
                                       .dilation = c.pair("dilation"),
                                       .groups = c.whole("groups")};
    return {conv_transpose2d(c.in(0), c.in(1), c.in(2), options)};
}

BatchNormOptions batch_norm_options(const C& c) {
    return {.training = c.yes("training"), .momentum = c.number("momentum"), .eps = c.number("eps")};
}
/// What inference used, from what the node kept.
struct Running {
    Tensor mean, var;
    explicit Running(const C& c) {
        if (c.yes("training")) return;
        const NoGrad no_grad;
        mean = c.kept("mean"), var = reciprocal(square(c.kept("rstd"))) - c.number("eps");
    }
};
Made normed(const C& c) {
    const Running r(c);
    return {batch_norm(c.in(0), c.in(1), c.in(2), r.mean, r.var, batch_norm_options(c))};
}
Made normed_relu(const C& c) {
    const Running r(c);
    return {batch_norm_relu(c.in(0), c.in(1), c.in(2), r.mean, r.var, batch_norm_options(c))};
}
Made normed_add_relu(const C& c) {
    const Running r(c);
    return {batch_norm_add_relu(c.in(0), c.in(3), c.in(1), c.in(2), r.mean, r.var, batch_norm_options(c))};
}

Made normed_backward(const C& c) {
    const BatchNormGrads d =
        batch_norm_backward(c.in(0), c.in(1), c.kept("mean"), c.kept("rstd"), c.in(2), batch_norm_options(c));
    return {d.dx, d.dw, d.db};
}
Made normed_relu_backward(const C& c) {
    const BatchNormGrads d = batch_norm_relu_backward(c.in(0), c.in(1), c.kept("mean"), c.kept("rstd"), c.kept("y"),
                                                      c.in(2), batch_norm_options(c));
    return {d.dx, d.dw, d.db};
}
Made normed_add_relu_backward(const C& c) {
    const BatchNormGrads d = batch_norm_add_relu_backward(c.in(0), c.in(1), c.kept("mean"), c.kept("rstd"), c.kept("y"),
                                                          c.in(2), batch_norm_options(c));
    return {d.dx, d.dw, d.db, d.dr};
}

CrossEntropyOptions cross_entropy_options(const C& c) {
    return {.reduction = c.choice<Reduction>("reduction", 3),
            .ignore_index = c.whole("ignore_index"),
            .label_smoothing = c.number("label_smoothing"),
            .weight = c.kept_or_none("w")};
}

Made attention(const C& c) {
    Generator generator;
    generator.set_state({static_cast<std::uint64_t>(c.whole("seed")), static_cast<std::uint64_t>(c.whole("offset"))});
    const AttentionOptions options{.mask = c.in(3).defined() ? c.in(3) : c.kept_or_none("mask"),
                                   .causal = c.yes("causal"),
                                   .dropout_p = c.number("dropout_p"),
                                   .scale = c.number("scale")};
    return {scaled_dot_product_attention(c.in(0), c.in(1), c.in(2), options, generator)};
}

RecurrentWeights weights(const C& c) { return {c.in(1), c.in(2), c.in(3), c.in(4)}; }
Made of_rnn(const C& c) {
    const RnnOptions options{c.choice<RnnNonlinearity>("nonlinearity", 2), c.yes("reverse")};
    const Tensor ids = c.kept_or_none("ids");
    const RnnResult r = ids.defined() ? rnn(c.in(0), ids, c.in(5), weights(c), options) : rnn(c.in(0), c.in(5), weights(c), options);
    return {r.y, r.h};
}
Made of_gru(const C& c) {
    const RecurrentOptions options{c.yes("reverse")};
    const Tensor ids = c.kept_or_none("ids");
    const RnnResult r = ids.defined() ? gru(c.in(0), ids, c.in(5), weights(c), options) : gru(c.in(0), c.in(5), weights(c), options);
    return {r.y, r.h};
}
Made of_lstm(const C& c) {
    const RecurrentOptions options{c.yes("reverse")};
    const Tensor ids = c.kept_or_none("ids");
    const LstmResult r = ids.defined() ? lstm(c.in(0), ids, c.in(5), c.in(6), weights(c), options)
                                       : lstm(c.in(0), c.in(5), c.in(6), weights(c), options);
    return {r.y, r.h, r.c};
}

/// How far the last window that is whole may begin behind the first.
std::int64_t last_start(const kernels::PoolAxis& a) { return a.in + 2 * a.padding - a.dilation * (a.kernel - 1) - 1; }
/// Whether y has a window that hangs over the end of x.
bool rounded_up(const kernels::PoolAxis& a) { return a.out > last_start(a) / a.stride + 1; }

/// Whether such windows make a y of that size, in one of both ways to round.
bool makes_y(const kernels::PoolAxis& a) {
    constexpr std::int64_t limit = std::int64_t{1} << 30;
    for (const std::int64_t n : {a.in, a.out, a.kernel, a.stride, a.dilation})
        if (n < 1 || n > limit) return false;
    if (a.padding < 0 || a.padding > limit) return false;
    return a.adaptive || (last_start(a) >= 0 && a.out == last_start(a) / a.stride + 1 + rounded_up(a));
}

/// The windows of an op whose x and y are images of these shapes.
kernels::PoolShape windows(const C& c, const Shape& given_x, const Shape& given_y) {
    const Shape &x = c.images(given_x), &y = c.images(given_y);
    const Pair2 kernel = c.pair("kernel"), stride = c.pair("stride"), padding = c.pair("padding"),
                dilation = c.pair("dilation");
    const bool adaptive = c.yes("adaptive"), counted = c.yes("count_include_pad");
    const kernels::PoolShape n{
        x[0], x[1], {x[2], y[2], kernel.h, stride.h, padding.h, dilation.h, adaptive, counted},
        {x[3], y[3], kernel.w, stride.w, padding.w, dilation.w, adaptive, counted}};
    VITRINE_CHECK(makes_y(n.h) && makes_y(n.w), "run_case: the case of ", c.op(), " has windows that make no ", y,
                  " of ", x);
    return n;
}
bool ceil_mode(const C& c) {
    const kernels::PoolShape n = windows(c, c.in(0).shape(), c.output_shape());
    return rounded_up(n.h) || rounded_up(n.w);
}
Made largest(const C& c) {
    return {
        max_pool2d(c.in(0), c.pair("kernel"), {c.pair("stride"), c.pair("padding"), c.pair("dilation"), ceil_mode(c)})};
}
Made average(const C& c) {
    return {avg_pool2d(c.in(0), c.pair("kernel"),
                       {c.pair("stride"), c.pair("padding"), ceil_mode(c), c.yes("count_include_pad")})};
}
Made even_average(const C& c) {
    const Shape& y = c.images(c.output_shape());
    return {adaptive_avg_pool2d(c.in(0), {y[2], y[3]})};
}

}  // namespace

const std::vector<NamedCaseOp>& layer_case_ops() {
    static const std::vector<NamedCaseOp> ops{
        {"matmul", [](const C& c) -> Made { return {matmul(c.in(0), c.in(1))}; }},
        {"linear", [](const C& c) -> Made { return {linear(c.in(0), c.in(1), c.in(2))}; }},
        {"linear_relu", [](const C& c) -> Made { return {linear_relu(c.in(0), c.in(1), c.in(2))}; }},
        {"conv2d", [](const C& c) -> Made { return {conv2d(c.in(0), c.in(1), c.in(2), conv_options(c))}; }},
        {"conv_transpose2d", transposed},
        {"conv2d_backward_data",
         [](const C& c) -> Made {
             return {conv2d_backward_data(c.in(0), c.in(1), c.output_shape(), conv_options(c))};
         }},
        {"conv2d_backward_weight",
         [](const C& c) -> Made {
             return {conv2d_backward_weight(c.in(0), c.in(1), c.output_shape(), conv_options(c))};
         }},
        {"batch_norm", normed},
        {"batch_norm_relu", normed_relu},
        {"batch_norm_add_relu", normed_add_relu},
        {"batch_norm_backward", normed_backward},
        {"batch_norm_relu_backward", normed_relu_backward},
        {"batch_norm_add_relu_backward", normed_add_relu_backward},
        {"layer_norm",
         [](const C& c) -> Made { return {layer_norm(c.in(0), c.shape("shape"), c.in(1), c.in(2), c.number("eps"))}; }},
        {"group_norm",
         [](const C& c) -> Made {
             return {group_norm(c.in(0), c.whole("groups"), c.in(1), c.in(2), c.number("eps"))};
         }},
        {"scaled_dot_product_attention", attention},
        {"rnn", of_rnn},
        {"gru", of_gru},
        {"lstm", of_lstm},
        {"cross_entropy",
         [](const C& c) -> Made { return {cross_entropy(c.in(0), c.kept("t"), cross_entropy_options(c))}; }},
        {"nll_loss", [](const C& c) -> Made { return {nll_loss(c.in(0), c.kept("t"), cross_entropy_options(c))}; }},
        {"max_pool2d", largest},
        {"avg_pool2d", average},
        {"avg_pool1d", average},
        {"adaptive_avg_pool2d", even_average},
        {"adaptive_avg_pool1d", even_average},
        {"max_pool2d_backward",
         [](const C& c) -> Made {
             return {max_pool2d_backward(c.in(0), c.kept("index"), windows(c, c.output_shape(), c.in(0).shape()))};
         }},
        {"avg_pool2d_backward",
         [](const C& c) -> Made {
             return {avg_pool2d_backward(c.in(0), windows(c, c.output_shape(), c.in(0).shape()))};
         }},
    };
    return ops;
}

}  // namespace vitrine::data
