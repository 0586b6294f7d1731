#include "optimizer.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "state.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/profiling.h"

namespace vitrine::optim {
namespace {

std::string state_key(std::size_t parameter, const char* name) { return join("state.", parameter, ".", name); }
std::string option_key(std::size_t group, const char* name) { return join("param_groups.", group, ".", name); }

/// Reads the options, or overwrites them, in the order in which the optimizer reports them.
struct ReadOptions final : OptionVisitor {
    std::vector<const char*> names;
    std::vector<double> values;
    void operator()(const char* name, double& value) override { names.push_back(name), values.push_back(value); }
    void operator()(const char* name, bool& value) override { names.push_back(name), values.push_back(value ? 1 : 0); }
};

struct WriteOptions final : OptionVisitor {
    const double* next;
    explicit WriteOptions(const std::vector<double>& values) : next(values.data()) {}
    void operator()(const char*, double& value) override { value = *next++; }
    void operator()(const char*, bool& value) override { value = *next++ != 0; }
};

std::size_t place_of(const std::vector<const char*>& names, const char* name) {
    const auto same = [&](const char* other) { return std::strcmp(name, other) == 0; };
    return static_cast<std::size_t>(std::find_if(names.begin(), names.end(), same) - names.begin());
}

/// A copy with the parameter's device and order of dimensions.
Tensor copy_like(const Tensor& parameter, const Tensor& from) {
    Tensor copy = empty_like(parameter);
    copy.copy_(from.to(parameter.device()));
    return copy;
}

}  // namespace

std::vector<Tensor> distinct(const std::vector<Tensor>& tensors) {
    std::vector<Tensor> once;
    std::unordered_set<const TensorImpl*> seen;
    for (const Tensor& x : tensors)
        if (seen.insert(x.impl()).second) once.push_back(x);
    return once;
}

void Optimizer::append_group(const std::vector<Tensor>& parameters, Site site) {
    const Call call(name_, site);
    call.check(!parameters.empty(), "the list of parameters is empty");
    const std::vector<Tensor> added = distinct(parameters);
    for (std::size_t i = 0; i < added.size(); ++i) {
        const Tensor& w = added[i];
        call.check(w.defined(), "parameter ", i, " is undefined");
        call.check(is_floating(w.dtype()), "parameter ", i, " is ", w.dtype(), "; allowed are f32 and f64");
        call.check(w.is_leaf(), "parameter ", i, " was computed by an op; allowed are leaves");
        for (const Tensor& known : parameters_)
            call.check(known.impl() != w.impl(), "parameter ", i, " is in another group already");
    }
    first_of_group_.push_back(parameters_.size());
    parameters_.insert(parameters_.end(), added.begin(), added.end());
    states_.resize(parameters_.size());
}

void Optimizer::zero_grad() {
    for (const Tensor& w : parameters_) w.set_grad(Tensor());
}

void Optimizer::check_fits(Site site) const {
    const Call call(name_, site);
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const Tensor g = parameters_[i].grad();
        if (!g.defined()) continue;
        call.check_same(parameters_[i], g, "w", "g");
        for (const Tensor* state : {&states_[i].first, &states_[i].second, &states_[i].third})
            if (state->defined()) call.check_same(parameters_[i], *state, "w", "its state");
    }
}

void Optimizer::step(double grad_scale, Site site) {
    const ProfileScope profiled(name_, site);
    check_fits(site);
    const NoGrad no_grad;
    for (std::size_t i = 0, group = 0; i < parameters_.size(); ++i) {
        while (group + 1 < groups() && first_of_group_[group + 1] <= i) ++group;
        const Tensor g = parameters_[i].grad();
        if (g.defined()) step_parameter(group, parameters_[i], g, states_[i], grad_scale, site);
    }
}

std::vector<double> Optimizer::option_values(std::size_t group) {
    ReadOptions read;
    visit_group(group, read);
    return read.values;
}

// Leaves the group as it was when a value is out of range.
void Optimizer::set_option_values(const Call& call, std::size_t group, const std::vector<double>& values) {
    const std::vector<double> before = option_values(group);
    const auto write = [&](const std::vector<double>& from) {
        WriteOptions visit(from);
        visit_group(group, visit);
    };
    write(values);
    try {
        check_group(call, group);
    } catch (...) {
        write(before);
        throw;
    }
}

double Optimizer::lr(std::size_t group) { return option("lr", group); }

void Optimizer::set_lr(double lr, Site site) {
    for (std::size_t group = 0; group < groups(); ++group) set_lr(lr, group, site);
}

void Optimizer::set_lr(double lr, std::size_t group, Site site) { set_option("lr", lr, group, site); }

bool Optimizer::has_option(const char* option) {
    ReadOptions read;
    visit_group(0, read);
    return place_of(read.names, option) < read.names.size();
}

double Optimizer::option(const char* option, std::size_t group, Site site) {
    const std::size_t place = checked_place(Call(name_, site), option, group);
    return option_values(group)[place];
}

std::size_t Optimizer::checked_place(const Call& call, const char* option, std::size_t group) {
    call.check(group < groups(), "group ", group, " of ", groups());
    ReadOptions read;
    visit_group(group, read);
    const std::size_t place = place_of(read.names, option);
    call.check(place < read.names.size(), "no option ", option);
    return place;
}

void Optimizer::set_option(const char* option, double value, std::size_t group, Site site) {
    const Call call(name_, site);
    const std::size_t place = checked_place(call, option, group);
    std::vector<double> values = option_values(group);
    values[place] = value;
    set_option_values(call, group, values);
}

StateDict Optimizer::state_dict() {
    StateDict dict;
    for (std::size_t group = 0; group < groups(); ++group) {
        ReadOptions options;
        visit_group(group, options);
        for (std::size_t k = 0; k < options.names.size(); ++k)
            dict[option_key(group, options.names[k])] = number_tensor(options.values[k]);
    }

    const StateNames names = state_names();
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const State& state = states_[i];
        if (names.steps && state.steps > 0) dict[state_key(i, names.steps)] = count_tensor(state.steps);
        if (names.first && state.first.defined()) dict[state_key(i, names.first)] = state.first;
        if (names.second && state.second.defined()) dict[state_key(i, names.second)] = state.second;
        if (names.third && state.third.defined()) dict[state_key(i, names.third)] = state.third;
    }
    return dict;
}

void Optimizer::load_state_dict(const StateDict& dict, Site site) {
    const Call call(name_, site);
    const NoGrad no_grad;
    Taking taking(call, dict);

    std::vector<std::vector<double>> before, values;
    for (std::size_t group = 0; group < groups(); ++group) {
        ReadOptions options;
        visit_group(group, options);
        before.push_back(options.values);
        for (std::size_t k = 0; k < options.names.size(); ++k)
            options.values[k] = taking.number(option_key(group, options.names[k]));
        values.push_back(options.values);
    }

    const StateNames names = state_names();
    std::vector<State> states(states_.size());
    for (std::size_t i = 0; i < states.size(); ++i) {
        const Tensor& w = parameters_[i];
        if (!names.first || !taking.has(state_key(i, names.first))) continue;  // no step yet
        State& state = states[i];
        if (names.steps) state.steps = taking.count(state_key(i, names.steps));
        for (auto [name, tensor] :
             {std::pair(names.first, &state.first), {names.second, &state.second}, {names.third, &state.third}})
            if (name && (names.all || taking.has(state_key(i, name))))
                *tensor = copy_like(w, taking.take(state_key(i, name), w.shape(), w.dtype()));
        call.check(!names.steps || state.steps >= 1, state_key(i, names.steps ? names.steps : ""), " is ", state.steps,
                   "; steps are numbered from 1");
    }
    taking.finish();

    for (std::size_t group = 0; group < groups(); ++group) {
        try {
            set_option_values(call, group, values[group]);
        } catch (...) {
            for (std::size_t done = 0; done < group; ++done) set_option_values(call, done, before[done]);
            throw;
        }
    }
    states_ = std::move(states);
}

}  // namespace vitrine::optim
