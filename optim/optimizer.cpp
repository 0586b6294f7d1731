#include "optimizer.h"

#include <algorithm>
#include <cmath>

#include "vitrine/core/grad_mode.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::optim {
namespace {

std::string state_key(std::size_t parameter, const char* name) { return join("state.", parameter, ".", name); }
std::string option_key(const char* name) { return join("param_groups.0.", name); }

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

/// Takes tensors out of a dictionary; what is left over at the end was unknown.
class Taking {
public:
    Taking(const Call& call, const StateDict& dict) : call_(call), left_(dict) {}

    bool has(const std::string& key) const { return left_.count(key) != 0; }
    Tensor take(const std::string& key, const Shape& shape, DType dtype) {
        const auto found = left_.find(key);
        call_.check(found != left_.end(), key, " is missing");
        const Tensor x = found->second;
        left_.erase(found);
        call_.check(x.defined() && x.shape() == shape && x.dtype() == dtype, key, " is ",
                    x.defined() ? join(x.shape(), " ", x.dtype()) : "undefined", "; allowed is ", shape, " ", dtype);
        return x;
    }
    void finish() const {
        call_.check(left_.empty(), left_.empty() ? "" : left_.begin()->first, " is unknown to this optimizer");
    }

private:
    const Call& call_;
    StateDict left_;
};

/// A copy with the parameter's device and order of dimensions.
Tensor copy_like(const Tensor& parameter, const Tensor& from) {
    Tensor copy = empty_like(parameter);
    copy.copy_(from.to(parameter.device()));
    return copy;
}

}  // namespace

std::vector<Tensor> distinct(const std::vector<Tensor>& tensors) {
    std::vector<Tensor> once;
    for (const Tensor& x : tensors) {
        const auto same = [&](const Tensor& y) { return y.impl() == x.impl(); };
        if (std::none_of(once.begin(), once.end(), same)) once.push_back(x);
    }
    return once;
}

Optimizer::Optimizer(const char* name, const std::vector<Tensor>& parameters, Site site)
    : name_(name), parameters_(distinct(parameters)), states_(parameters_.size()) {
    const Call call(name, site);
    call.check(!parameters.empty(), "the list of parameters is empty");
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const Tensor& w = parameters_[i];
        call.check(w.defined(), "parameter ", i, " is undefined");
        call.check(is_floating(w.dtype()), "parameter ", i, " is ", w.dtype(), "; allowed are f32 and f64");
        call.check(w.is_leaf(), "parameter ", i, " was computed by an op; allowed are leaves");
    }
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
        for (const Tensor* state : {&states_[i].first, &states_[i].second})
            if (state->defined()) call.check_same(parameters_[i], *state, "w", "its state");
    }
}

void Optimizer::step(double grad_scale, Site site) {
    check_fits(site);
    const NoGrad no_grad;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const Tensor g = parameters_[i].grad();
        if (g.defined()) step_parameter(parameters_[i], g, states_[i], grad_scale, site);
    }
}

std::vector<double> Optimizer::option_values() {
    ReadOptions read;
    visit_options(read);
    return read.values;
}

void Optimizer::set_option_values(const std::vector<double>& values) {
    WriteOptions write(values);
    visit_options(write);
}

double Optimizer::lr() { return option_values().front(); }

void Optimizer::set_lr(double lr, Site site) {
    const std::vector<double> before = option_values();
    std::vector<double> values = before;
    values.front() = lr;
    set_option_values(values);
    try {
        check_options(site);
    } catch (...) {
        set_option_values(before);
        throw;
    }
}

StateDict Optimizer::state_dict() {
    StateDict dict;
    ReadOptions options;
    visit_options(options);
    for (std::size_t k = 0; k < options.names.size(); ++k)
        dict[option_key(options.names[k])] = scalar(options.values[k], {.dtype = DType::f64});

    const StateNames names = state_names();
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const State& state = states_[i];
        if (names.steps && state.steps > 0)
            dict[state_key(i, names.steps)] = scalar(static_cast<double>(state.steps), {.dtype = DType::i64});
        if (names.first && state.first.defined()) dict[state_key(i, names.first)] = state.first;
        if (names.second && state.second.defined()) dict[state_key(i, names.second)] = state.second;
    }
    return dict;
}

void Optimizer::load_state_dict(const StateDict& dict, Site site) {
    const Call call(name_, site);
    const NoGrad no_grad;
    Taking taking(call, dict);

    ReadOptions options;
    visit_options(options);
    std::vector<double> values;
    for (const char* name : options.names)
        values.push_back(taking.take(option_key(name), {}, DType::f64).item<double>());

    const StateNames names = state_names();
    std::vector<State> states(states_.size());
    for (std::size_t i = 0; i < states.size(); ++i) {
        const Tensor& w = parameters_[i];
        if (!names.first || !taking.has(state_key(i, names.first))) continue;  // no step yet
        State& state = states[i];
        if (names.steps) state.steps = taking.take(state_key(i, names.steps), {}, DType::i64).item<std::int64_t>();
        state.first = copy_like(w, taking.take(state_key(i, names.first), w.shape(), w.dtype()));
        if (names.second) state.second = copy_like(w, taking.take(state_key(i, names.second), w.shape(), w.dtype()));
        call.check(!names.steps || state.steps >= 1, state_key(i, names.steps ? names.steps : ""), " is ", state.steps,
                   "; steps are numbered from 1");
    }
    taking.finish();

    set_option_values(values);
    try {
        check_options(site);
    } catch (...) {
        set_option_values(options.values);
        throw;
    }
    states_ = std::move(states);
}

}  // namespace vitrine::optim
