#include "schedule.h"

#include <utility>

#include "state.h"

namespace vitrine::optim {
namespace {

std::string base_key(std::size_t group) { return join("base_lrs.", group); }

// What cycling calls momentum.
const char* momentum_name(Optimizer& optimizer) {
    for (const char* name : {"momentum", "beta1"})
        if (optimizer.has_option(name)) return name;
    return nullptr;
}

}  // namespace

Schedule::Schedule(Optimizer& optimizer, Curve curve, Site site) : optimizer_(optimizer), curve_(std::move(curve)) {
    const Call call("Schedule", site);
    curve_.check(call);
    for (std::size_t group = 0; group < optimizer_.groups(); ++group) base_.push_back(optimizer_.lr(group));
    move_to(call, 0, base_);
}

void Schedule::step(Site site) { move_to(Call("Schedule", site), t_ + 1, base_); }

void Schedule::move_to(const Call& call, std::int64_t t, const std::vector<double>& base) {
    call.check(base.size() == optimizer_.groups(), "the optimizer has ", optimizer_.groups(), " groups; it had ",
               base.size(), " when the schedule was made");
    std::vector<double> lrs;
    for (double lr : base) lrs.push_back(curve_.lr(lr, t));
    for (double lr : lrs)
        call.check(lr >= 0 && std::isfinite(lr), "the curve gives lr ", lr, " for step ", t, "; allowed is 0 or more");
    const std::optional<double> momentum = curve_.momentum(t);
    const char* name = momentum ? momentum_name(optimizer_) : nullptr;
    call.check(!momentum || name,
               "the curve moves a momentum, and the optimizer has none; allowed is .cycle_momentum = false");

    for (std::size_t group = 0; group < lrs.size(); ++group) {
        optimizer_.set_lr(lrs[group], group, call.site());
        if (momentum) optimizer_.set_option(name, *momentum, group, call.site());
    }
    t_ = t;
}

StateDict Schedule::state_dict() const {
    StateDict dict{{"steps", count_tensor(t_)}};
    for (std::size_t group = 0; group < base_.size(); ++group) dict[base_key(group)] = number_tensor(base_[group]);
    return dict;
}

void Schedule::load_state_dict(const StateDict& dict, Site site) {
    const Call call("Schedule", site);
    Taking taking(call, dict);
    const std::int64_t t = taking.count("steps");
    call.check(t >= 0, "steps ", t, "; allowed is 0 or more");
    std::vector<double> base;
    for (std::size_t group = 0; group < base_.size(); ++group) {
        base.push_back(taking.number(base_key(group)));
        call.check(base.back() >= 0 && std::isfinite(base.back()), base_key(group), " is ", base.back(),
                   "; allowed is 0 or more");
    }
    taking.finish();
    move_to(call, t, base);
    base_ = std::move(base);
}

}  // namespace vitrine::optim
