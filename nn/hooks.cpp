#include "hooks.h"

#include <utility>

#include "any_module.h"
#include "vitrine/core/node.h"

namespace vitrine::nn {

void HookHandle::remove() {
    const auto hooks = hooks_.lock();
    if (!hooks) return;
    const auto mine = [&](const auto& entry) { return entry.first == id_; };
    std::erase_if(hooks->before, mine);
    std::erase_if(hooks->after, mine);
    std::erase_if(hooks->backward, mine);
}

struct HookedCall::Backward {
    std::shared_ptr<Hooks> hooks;
    Tensor dy;
    bool has_input = false;  // a node waits for dx

    /// dx, or what the hooks put in its place.
    Tensor run(Tensor dx) {
        const auto list = hooks->backward;  // a hook may remove itself
        for (const auto& [id, hook] : list)
            if (Tensor replaced = hook(dx, dy); replaced.defined() && dx.defined()) dx = std::move(replaced);
        dy = Tensor();  // it may lead back to the node that holds this
        return dx;
    }
};

namespace {

// Both nodes hand the gradient on; the one behind the module's input also shows it to the hooks.
template <class Shared>
struct ModuleOutputNode final : Node {
    std::shared_ptr<Shared> shared;
    const char* name() const override { return "module output"; }
    void forward(const NodeValues& v) override { v.out[0] = v.in[0]; }
    void backward(const Grads& g) override {
        shared->dy = g.out[0];
        if (!shared->has_input) shared->run(Tensor());
        g.in[0] = g.out[0];
    }
};

template <class Shared>
struct ModuleInputNode final : Node {
    std::shared_ptr<Shared> shared;
    const char* name() const override { return "module input"; }
    void forward(const NodeValues& v) override { v.out[0] = v.in[0]; }
    void backward(const Grads& g) override { g.in[0] = shared->run(g.out[0]); }
};

}  // namespace

HookedCall::HookedCall(const AnyModule& module, std::shared_ptr<Hooks> hooks, const Tensor& x)
    : module_(module), hooks_(std::move(hooks)), x_(x) {
    const auto before = hooks_->before;
    for (const auto& [id, hook] : before)
        if (Tensor replaced = hook(module_, x_); replaced.defined()) x_ = std::move(replaced);
    if (hooks_->backward.empty() || !is_grad_enabled()) return;
    backward_ = std::make_shared<Backward>();
    backward_->hooks = hooks_;
    if (!recording(x_)) return;
    backward_->has_input = true;
    Tensor inside = x_.detach();
    record<ModuleInputNode<Backward>>(Call("module input", Site::here()), inside, x_)->shared = backward_;
    x_ = inside;
}

Tensor HookedCall::call_after(const Tensor& y) {
    Tensor result = y;
    const auto after = hooks_->after;
    for (const auto& [id, hook] : after)
        if (Tensor replaced = hook(module_, x_, result); replaced.defined() && y.defined())
            result = std::move(replaced);
    return result;
}

Tensor HookedCall::result(const Tensor& y) {
    const Tensor result = call_after(y);
    if (!backward_ || !recording(result)) return result;
    Tensor outside = result.detach();
    record<ModuleOutputNode<Backward>>(Call("module output", Site::here()), outside, result)->shared = backward_;
    return outside;
}

void HookedCall::show(const Tensor& y) {
    VITRINE_CHECK(!backward_, module_.describe(), ": it has a backward hook, and its forward does not make one tensor");
    call_after(y);
}

}  // namespace vitrine::nn
