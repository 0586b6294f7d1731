#include "optimizer.h"

#include <cmath>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/optimizer/square_sum.h"

namespace vitrine {
namespace {

// After a step on `stepped`, w's elements in the order of its state: nothing to do where that is w itself.
void finish(Tensor& w, const Tensor& stepped) {
    if (stepped.impl() == w.impl()) return changed_in_place(w);
    const NoGrad no_grad;
    w.copy_(stepped);
}

Strides step_order(const Tensor& w) { return dense_strides(w.shape(), w.strides()); }

}  // namespace

void sgd_step(Tensor& w, const Tensor& g, Tensor& b, const kernels::SgdStep& step, Site site) {
    const Call call("sgd_step", site);
    call.floating(w, "w");
    call.check_same(w, g, "w", "g");
    const bool momentum = step.momentum != 0;
    if (momentum) call.check_same(w, b, "w", "b");

    const Strides order = step_order(w);
    const Tensor wd = with_strides(w, order), gd = with_strides(g, order);
    if (momentum)
        call.check(same_layout(w.shape(), b.strides(), order), "b has strides ", b.strides(), "; allowed are ", order);
    const std::int64_t n = w.numel();
    dispatch_floats(call, w, [&]<class T>(auto on) {
        kernels::sgd_step(on, raw<T>(wd), raw<T>(gd), momentum ? raw<T>(b) : nullptr, n, step);
    });
    if (momentum) changed_in_place(b);
    finish(w, wd);
}

void adam_step(Tensor& w, const Tensor& g, Tensor& m, Tensor& v, const kernels::AdamStep& step, Site site) {
    const Call call("adam_step", site);
    call.floating(w, "w");
    call.check_same(w, g, "w", "g");
    call.check_same(w, m, "w", "m");
    call.check_same(w, v, "w", "v");
    call.check(step.t >= 1, "t ", step.t, "; steps are numbered from 1");

    const Strides order = step_order(w);
    const Tensor wd = with_strides(w, order), gd = with_strides(g, order);
    for (const Tensor* state : {&m, &v})
        call.check(same_layout(w.shape(), state->strides(), order), "a state has strides ", state->strides(),
                   "; allowed are ", order);
    const std::int64_t n = w.numel();
    dispatch_floats(call, w, [&]<class T>(auto on) {
        kernels::adam_step(on, raw<T>(wd), raw<T>(gd), raw<T>(m), raw<T>(v), n, step);
    });
    changed_in_place(m), changed_in_place(v);
    finish(w, wd);
}

double total_norm(std::span<const Tensor> tensors, Site site) {
    const Call call("total_norm", site);
    double total = 0;
    for (const Tensor& g : tensors) {
        if (!g.defined()) continue;
        const Tensor gd = dense(call.floating(g, "g"), call.site());
        const std::int64_t n = gd.numel();
        const Tensor partials =
            empty({kernels::square_sum_parts(n)}, {.dtype = DType::f64, .device = g.device()}, call.site());
        dispatch_floats(call, gd,
                        [&]<class T>(auto on) { kernels::square_sum(on, raw<T>(gd), raw<double>(partials), n); });
        for (double partial : partials.to_vector<double>()) total += partial;
    }
    return std::sqrt(total);
}

}  // namespace vitrine
