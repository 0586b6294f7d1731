#include "curve.h"

#include <algorithm>
#include <numbers>

namespace vitrine::optim {
namespace {

bool positive(double x) { return x > 0 && std::isfinite(x); }

void check_gamma(const Call& call, double gamma) {
    call.check(gamma >= 0 && std::isfinite(gamma), "gamma ", gamma, "; allowed is 0 or more");
}

void check_steps(const Call& call, std::int64_t steps) {
    call.check(steps >= 1, "steps ", steps, "; allowed is 1 or more");
}

double annealed(Anneal kind, double start, double end, double part) {
    if (kind == Anneal::linear) return start + (end - start) * part;
    return end + (start - end) / 2 * (1 + std::cos(std::numbers::pi * part));
}

}  // namespace

double StepDecay::operator()(double base, std::int64_t t) const {
    return base * std::pow(gamma, static_cast<double>(t / step_size));
}

void StepDecay::check(const Call& call) const {
    call.check(step_size >= 1, "step_size ", step_size, "; allowed is 1 or more");
    check_gamma(call, gamma);
}

double MultiStep::operator()(double base, std::int64_t t) const {
    const auto passed = std::upper_bound(milestones.begin(), milestones.end(), t) - milestones.begin();
    return base * std::pow(gamma, static_cast<double>(passed));
}

void MultiStep::check(const Call& call) const {
    for (std::size_t i = 0; i < milestones.size(); ++i) {
        call.check(milestones[i] >= 0, "milestone ", milestones[i], "; allowed is 0 or more");
        call.check(i == 0 || milestones[i - 1] <= milestones[i], "milestone ", milestones[i], " after ",
                   i == 0 ? 0 : milestones[i - 1], "; they must rise");
    }
    check_gamma(call, gamma);
}

void Exponential::check(const Call& call) const { check_gamma(call, gamma); }

double Cosine::operator()(double base, std::int64_t t) const {
    const double part = static_cast<double>(std::min(t, steps)) / static_cast<double>(steps);
    return annealed(Anneal::cosine, base, min_lr, part);
}

void Cosine::check(const Call& call) const {
    check_steps(call, steps);
    call.check(min_lr >= 0 && std::isfinite(min_lr), "min_lr ", min_lr, "; allowed is 0 or more");
}

double OneCycle::between(double start, double top, double end, std::int64_t t) const {
    const double last = static_cast<double>(steps - 1), peak = pct_start * static_cast<double>(steps) - 1;
    const double now = std::min(static_cast<double>(t), last);
    // A phase that ends where it begins is over.
    if (now <= peak) return annealed(anneal, start, top, peak > 0 ? now / peak : 1);
    return annealed(anneal, top, end, last > peak ? (now - peak) / (last - peak) : 1);
}

double OneCycle::operator()(double base, std::int64_t t) const {
    const double start = base / div_factor;
    return between(start, base, start / final_div_factor, t);
}

std::optional<double> OneCycle::momentum(std::int64_t t) const {
    if (!cycle_momentum) return std::nullopt;
    return between(max_momentum, base_momentum, max_momentum, t);
}

void OneCycle::check(const Call& call) const {
    check_steps(call, steps);
    call.check(pct_start >= 0 && pct_start <= 1, "pct_start ", pct_start, "; allowed is 0 to 1");
    call.check(positive(div_factor), "div_factor ", div_factor, "; allowed is above 0");
    call.check(positive(final_div_factor), "final_div_factor ", final_div_factor, "; allowed is above 0");
    for (double m : {base_momentum, max_momentum})
        call.check(m >= 0 && m < 1, "base_momentum ", base_momentum, ", max_momentum ", max_momentum,
                   "; allowed is 0 to below 1");
}

double Warmup::operator()(double base, std::int64_t t) const {
    if (t >= steps) return then.lr(base, t - steps);
    return base * (start_factor + (1 - start_factor) * static_cast<double>(t) / static_cast<double>(steps));
}

void Warmup::check(const Call& call) const {
    call.check(steps >= 0, "warm-up of ", steps, " steps; allowed is 0 or more");
    call.check(start_factor >= 0 && start_factor <= 1, "start_factor ", start_factor, "; allowed is 0 to 1");
    then.check(call);
}

}  // namespace vitrine::optim
