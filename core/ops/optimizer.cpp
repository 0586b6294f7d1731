#include "optimizer.h"

#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/layout.h"

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

void rmsprop_step(Tensor& w, const Tensor& g, Tensor& v, Tensor& a, Tensor& b, const kernels::RmspropStep& step,
                  Site site) {
    const Call call("rmsprop_step", site);
    call.floating(w, "w");
    call.check_same(w, g, "w", "g");
    const bool momentum = step.momentum != 0;
    const Strides order = step_order(w);
    const auto check_state = [&](const Tensor& state, const char* letter) {
        call.check_same(w, state, "w", letter);
        call.check(same_layout(w.shape(), state.strides(), order), letter, " has strides ", state.strides(),
                   "; allowed are ", order);
    };
    check_state(v, "v");
    if (step.centered) check_state(a, "a");
    if (momentum) check_state(b, "b");

    const Tensor wd = with_strides(w, order), gd = with_strides(g, order);
    const std::int64_t n = w.numel();
    dispatch_floats(call, w, [&]<class T>(auto on) {
        T* ad = step.centered ? raw<T>(a) : nullptr;
        T* bd = momentum ? raw<T>(b) : nullptr;
        kernels::rmsprop_step(on, raw<T>(wd), raw<T>(gd), raw<T>(v), ad, bd, n, step);
    });
    changed_in_place(v);
    if (step.centered) changed_in_place(a);
    if (momentum) changed_in_place(b);
    finish(w, wd);
}

}  // namespace vitrine
