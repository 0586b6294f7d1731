#include "plateau.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "state.h"

namespace vitrine::optim {

Plateau::Plateau(Optimizer& optimizer, PlateauOptions options, Site site)
    : optimizer_(optimizer),
      options_(options),
      best_(std::numeric_limits<double>::infinity() * (options.maximize ? -1 : 1)) {
    const Call call("Plateau", site);
    const PlateauOptions& o = options_;
    const auto check_positive = [&](const char* name, double value) {
        call.check(value >= 0 && std::isfinite(value), name, " ", value, "; allowed is 0 or more");
    };
    call.check(o.factor >= 0 && o.factor < 1, "factor ", o.factor, "; allowed is 0 to below 1");
    call.check(o.patience >= 0, "patience ", o.patience, "; allowed is 0 or more");
    call.check(o.cooldown >= 0, "cooldown ", o.cooldown, "; allowed is 0 or more");
    check_positive("threshold", o.threshold);
    check_positive("min_lr", o.min_lr);
    check_positive("eps", o.eps);
}

bool Plateau::is_better(double metric) const {
    const double sign = options_.maximize ? 1 : -1;
    if (std::isinf(best_)) return sign * metric > sign * best_;
    const double bar = options_.relative ? best_ * (1 + sign * options_.threshold) : best_ + sign * options_.threshold;
    return sign * metric > sign * bar;
}

bool Plateau::step(double metric, Site site) {
    if (is_better(metric))
        best_ = metric, bad_ = 0;
    else
        ++bad_;
    if (cooling_ > 0) --cooling_, bad_ = 0;
    if (bad_ <= options_.patience) return false;
    cooling_ = options_.cooldown;
    bad_ = 0;
    return lower(site);
}

bool Plateau::lower(Site site) {
    bool changed = false;
    for (std::size_t group = 0; group < optimizer_.groups(); ++group) {
        const double before = optimizer_.lr(group), after = std::max(before * options_.factor, options_.min_lr);
        if (before - after <= options_.eps) continue;
        optimizer_.set_lr(after, group, site);
        changed = true;
    }
    return changed;
}

StateDict Plateau::state_dict() const {
    return {{"best", number_tensor(best_)},
            {"num_bad_epochs", count_tensor(bad_)},
            {"cooldown_counter", count_tensor(cooling_)}};
}

void Plateau::load_state_dict(const StateDict& dict, Site site) {
    const Call call("Plateau", site);
    Taking taking(call, dict);
    const double best = taking.number("best");
    const std::int64_t bad = taking.count("num_bad_epochs"), cooling = taking.count("cooldown_counter");
    taking.finish();
    call.check(bad >= 0 && cooling >= 0, "num_bad_epochs ", bad, ", cooldown_counter ", cooling,
               "; allowed is 0 or more");
    call.check(!std::isnan(best), "best is nan");
    best_ = best, bad_ = bad, cooling_ = cooling;
}

}  // namespace vitrine::optim
