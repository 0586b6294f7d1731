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

// w and g in the order of w's state, in which a step is one row.
struct StepCall {
    Call call;
    Tensor& w;
    Strides order;
    Tensor wd, gd;
    std::int64_t n;

    StepCall(const char* op, Tensor& weight, const Tensor& g, Site site) : call(op, site), w(weight) {
        call.floating(w, "w");
        call.check_same(w, g, "w", "g");
        order = dense_strides(w.shape(), w.strides());
        wd = with_strides(w, order), gd = with_strides(g, order);
        n = w.numel();
    }

    // A state that the step uses; another one is undefined.
    Tensor check_state(const Tensor& state, bool used, const char* letter) const {
        if (!used) return {};
        call.check_same(w, state, "w", letter);
        call.check(same_layout(w.shape(), state.strides(), order), letter, " has strides ", state.strides(), "; allowed are ", order);
        return state;
    }

    void finished(std::initializer_list<const Tensor*> states) const {
        for (const Tensor* state : states)
            if (state->defined()) changed_in_place(*state);
        finish(w, wd);
    }
};

struct SgdCall : StepCall {
    const kernels::SgdStep& step;
    Tensor b;
    SgdCall(Tensor& weight, const Tensor& g, const Tensor& momentum, const kernels::SgdStep& s, Site site)
        : StepCall("sgd_step", weight, g, site), step(s), b(check_state(momentum, s.momentum != 0, "b")) {}
    template <class T>
    void operator()(auto on) const {
        kernels::sgd_step(on, raw<T>(wd), raw<T>(gd), raw_or_null<T>(b), n, step);
        finished({&b});
    }
};

struct AdamCall : StepCall {
    const kernels::AdamStep& step;
    Tensor m, v;
    AdamCall(Tensor& weight, const Tensor& g, const Tensor& first, const Tensor& second, const kernels::AdamStep& s, Site site)
        : StepCall("adam_step", weight, g, site), step(s) {
        call.check(step.t >= 1, "t ", step.t, "; steps are numbered from 1");
        m = check_state(first, true, "m"), v = check_state(second, true, "v");
    }
    template <class T>
    void operator()(auto on) const {
        kernels::adam_step(on, raw<T>(wd), raw<T>(gd), raw<T>(m), raw<T>(v), n, step);
        finished({&m, &v});
    }
};

struct RmspropCall : StepCall {
    const kernels::RmspropStep& step;
    Tensor v, a, b;
    RmspropCall(Tensor& weight, const Tensor& g, const Tensor& square, const Tensor& average, const Tensor& momentum, const kernels::RmspropStep& s,
                Site site)
        : StepCall("rmsprop_step", weight, g, site), step(s), v(check_state(square, true, "v")), a(check_state(average, s.centered, "a")),
          b(check_state(momentum, s.momentum != 0, "b")) {}
    template <class T>
    void operator()(auto on) const {
        kernels::rmsprop_step(on, raw<T>(wd), raw<T>(gd), raw<T>(v), raw_or_null<T>(a), raw_or_null<T>(b), n, step);
        finished({&v, &a, &b});
    }
};

}  // namespace

void sgd_step(Tensor& w, const Tensor& g, Tensor& b, const kernels::SgdStep& step, Site site) {
    const SgdCall op(w, g, b, step, site);
    dispatch_floats(op.call, w, op);
}

void adam_step(Tensor& w, const Tensor& g, Tensor& m, Tensor& v, const kernels::AdamStep& step, Site site) {
    const AdamCall op(w, g, m, v, step, site);
    dispatch_floats(op.call, w, op);
}

void rmsprop_step(Tensor& w, const Tensor& g, Tensor& v, Tensor& a, Tensor& b, const kernels::RmspropStep& step, Site site) {
    const RmspropCall op(w, g, v, a, b, step, site);
    dispatch_floats(op.call, w, op);
}

}  // namespace vitrine
