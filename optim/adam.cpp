#include "adam.h"

#include <cmath>

#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/optimizer.h"

namespace vitrine::optim {
namespace {

// Both option structs have the same fields and differ in a default.
template <class Options>
void visit_adam_options(OptionVisitor& visit, Options& o) {
    visit("lr", o.lr);
    visit("beta1", o.beta1);
    visit("beta2", o.beta2);
    visit("eps", o.eps);
    visit("weight_decay", o.weight_decay);
}

template <class Options>
void check_adam_options(const Call& call, const Options& o) {
    call.check(o.lr >= 0 && std::isfinite(o.lr), "lr ", o.lr, "; allowed is 0 or more");
    call.check(o.beta1 >= 0 && o.beta1 < 1, "beta1 ", o.beta1, "; allowed is 0 to below 1");
    call.check(o.beta2 >= 0 && o.beta2 < 1, "beta2 ", o.beta2, "; allowed is 0 to below 1");
    call.check(o.eps >= 0 && std::isfinite(o.eps), "eps ", o.eps, "; allowed is 0 or more");
    call.check(o.weight_decay >= 0 && std::isfinite(o.weight_decay), "weight_decay ", o.weight_decay,
               "; allowed is 0 or more");
}

template <class Options>
kernels::AdamStep adam_step_of(const Options& o, bool decoupled, std::int64_t t, double grad_scale) {
    return {.lr = o.lr,
            .beta1 = o.beta1,
            .beta2 = o.beta2,
            .eps = o.eps,
            .weight_decay = o.weight_decay,
            .decoupled = decoupled,
            .t = t,
            .grad_scale = grad_scale};
}

}  // namespace

Adam::Adam(const std::vector<Tensor>& parameters, AdamOptions options, Site site)
    : OptimizerWith("Adam", parameters, options, site) {}

void visit_options(OptionVisitor& visit, AdamOptions& options) { visit_adam_options(visit, options); }
void check_options(const Call& call, const AdamOptions& options) { check_adam_options(call, options); }

void Adam::step_parameter(std::size_t group, Tensor& w, const Tensor& g, State& state, double grad_scale, Site site) {
    if (!state.first.defined()) state.first = zeros_like(w), state.second = zeros_like(w);
    adam_step(w, g, state.first, state.second, adam_step_of(options(group), false, state.steps + 1, grad_scale), site);
    ++state.steps;
}

AdamW::AdamW(const std::vector<Tensor>& parameters, AdamWOptions options, Site site)
    : OptimizerWith("AdamW", parameters, options, site) {}

void visit_options(OptionVisitor& visit, AdamWOptions& options) { visit_adam_options(visit, options); }
void check_options(const Call& call, const AdamWOptions& options) { check_adam_options(call, options); }

void AdamW::step_parameter(std::size_t group, Tensor& w, const Tensor& g, State& state, double grad_scale, Site site) {
    if (!state.first.defined()) state.first = zeros_like(w), state.second = zeros_like(w);
    adam_step(w, g, state.first, state.second, adam_step_of(options(group), true, state.steps + 1, grad_scale), site);
    ++state.steps;
}

}  // namespace vitrine::optim
