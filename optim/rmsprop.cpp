#include "rmsprop.h"

#include <cmath>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/optimizer.h"

namespace vitrine::optim {

void visit_options(OptionVisitor& visit, RMSpropOptions& options) {
    visit("lr", options.lr);
    visit("alpha", options.alpha);
    visit("eps", options.eps);
    visit("weight_decay", options.weight_decay);
    visit("momentum", options.momentum);
    visit("centered", options.centered);
}

void check_options(const Call& call, const RMSpropOptions& o) {
    call.check(o.lr >= 0 && std::isfinite(o.lr), "lr ", o.lr, "; allowed is 0 or more");
    call.check(o.alpha >= 0 && o.alpha < 1, "alpha ", o.alpha, "; allowed is 0 to below 1");
    call.check(o.eps >= 0 && std::isfinite(o.eps), "eps ", o.eps, "; allowed is 0 or more");
    call.check(o.weight_decay >= 0 && std::isfinite(o.weight_decay), "weight_decay ", o.weight_decay,
               "; allowed is 0 or more");
    call.check(o.momentum >= 0 && std::isfinite(o.momentum), "momentum ", o.momentum, "; allowed is 0 or more");
}

RMSprop::RMSprop(const std::vector<Tensor>& parameters, RMSpropOptions options, Site site)
    : OptimizerWith("RMSprop", parameters, options, site) {}

void RMSprop::step_parameter(std::size_t group, Tensor& w, const Tensor& g, State& state, double grad_scale,
                             Site site) {
    const RMSpropOptions& o = options(group);
    if (!state.first.defined()) state.first = zeros_like(w);
    if (o.centered && !state.second.defined()) state.second = zeros_like(w);
    if (o.momentum != 0 && !state.third.defined()) state.third = zeros_like(w);
    rmsprop_step(w, g, state.first, state.second, state.third,
                 {.lr = o.lr,
                  .alpha = o.alpha,
                  .eps = o.eps,
                  .weight_decay = o.weight_decay,
                  .momentum = o.momentum,
                  .centered = o.centered,
                  .grad_scale = grad_scale},
                 site);
    ++state.steps;
}

}  // namespace vitrine::optim
