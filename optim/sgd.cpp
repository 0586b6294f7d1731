#include "sgd.h"

#include <cmath>

#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/optimizer.h"

namespace vitrine::optim {

SGD::SGD(const std::vector<Tensor>& parameters, SGDOptions options, Site site)
    : Optimizer("SGD", parameters, site), options_(options) {
    check_options(site);
}

void SGD::visit_options(OptionVisitor& visit) {
    visit("lr", options_.lr);
    visit("momentum", options_.momentum);
    visit("dampening", options_.dampening);
    visit("weight_decay", options_.weight_decay);
    visit("nesterov", options_.nesterov);
}

void SGD::check_options(Site site) const {
    const Call call(name(), site);
    const SGDOptions& o = options_;
    call.check(o.lr >= 0 && std::isfinite(o.lr), "lr ", o.lr, "; allowed is 0 or more");
    call.check(o.momentum >= 0 && std::isfinite(o.momentum), "momentum ", o.momentum, "; allowed is 0 or more");
    call.check(std::isfinite(o.dampening), "dampening ", o.dampening, "; allowed is a finite number");
    call.check(o.weight_decay >= 0 && std::isfinite(o.weight_decay), "weight_decay ", o.weight_decay,
               "; allowed is 0 or more");
    call.check(!o.nesterov || (o.momentum > 0 && o.dampening == 0), "nesterov with momentum ", o.momentum,
               " and dampening ", o.dampening, "; it needs momentum above 0 and no dampening");
}

void SGD::step_parameter(Tensor& w, const Tensor& g, State& state, double grad_scale, Site site) {
    const bool first = !state.first.defined();
    if (options_.momentum != 0 && first) state.first = empty_like(w);
    sgd_step(w, g, state.first,
             {.lr = options_.lr,
              .momentum = options_.momentum,
              .dampening = options_.dampening,
              .weight_decay = options_.weight_decay,
              .nesterov = options_.nesterov,
              .first = first,
              .grad_scale = grad_scale},
             site);
}

}  // namespace vitrine::optim
