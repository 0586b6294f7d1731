#include "sgd.h"

#include <cmath>

#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/optimizer.h"

namespace vitrine::optim {

SGD::SGD(const std::vector<Tensor>& parameters, SGDOptions options, Site site)
    : OptimizerWith("SGD", parameters, options, site) {}

void visit_options(OptionVisitor& visit, SGDOptions& options) {
    visit("lr", options.lr);
    visit("momentum", options.momentum);
    visit("dampening", options.dampening);
    visit("weight_decay", options.weight_decay);
    visit("nesterov", options.nesterov);
}

void check_options(const Call& call, const SGDOptions& o) {
    call.check(o.lr >= 0 && std::isfinite(o.lr), "lr ", o.lr, "; allowed is 0 or more");
    call.check(o.momentum >= 0 && std::isfinite(o.momentum), "momentum ", o.momentum, "; allowed is 0 or more");
    call.check(std::isfinite(o.dampening), "dampening ", o.dampening, "; allowed is a finite number");
    call.check(o.weight_decay >= 0 && std::isfinite(o.weight_decay), "weight_decay ", o.weight_decay,
               "; allowed is 0 or more");
    call.check(!o.nesterov || (o.momentum > 0 && o.dampening == 0), "nesterov with momentum ", o.momentum,
               " and dampening ", o.dampening, "; it needs momentum above 0 and no dampening");
}

void SGD::step_parameter(std::size_t group, Tensor& w, const Tensor& g, State& state, double grad_scale, Site site) {
    const SGDOptions& o = options(group);
    const bool first = !state.first.defined();
    if (o.momentum != 0 && first) state.first = empty_like(w);
    sgd_step(w, g, state.first,
             {.lr = o.lr,
              .momentum = o.momentum,
              .dampening = o.dampening,
              .weight_decay = o.weight_decay,
              .nesterov = o.nesterov,
              .first = first,
              .grad_scale = grad_scale},
             site);
}

}  // namespace vitrine::optim
