// What every optimizer shares: handles to parameters, zero_grad, step, state that can be saved.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "vitrine/core/tensor.h"

namespace vitrine::optim {

/// Named tensors, as state_dict() gives them and a checkpoint stores them.
using StateDict = std::map<std::string, Tensor>;

/// The tensors in their order, each once: a tied weight is one parameter.
std::vector<Tensor> distinct(const std::vector<Tensor>& tensors);

/// What an optimizer reports its options to, by PyTorch's names.
class OptionVisitor {
public:
    virtual void operator()(const char* name, double& value) = 0;
    virtual void operator()(const char* name, bool& value) = 0;

protected:
    ~OptionVisitor() = default;
};

/// Changes parameters so that a loss falls. Keeps handles: the tensors stay the model's. A tensor given twice (a tied
/// weight) counts once.
class Optimizer {
public:
    virtual ~Optimizer() = default;
    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;

    const std::vector<Tensor>& parameters() const { return parameters_; }

    /// Drops every gradient: the next backward writes gradients instead of adding to them.
    void zero_grad();

    /// One step on every parameter that has a gradient; the others and their state stay as they are. Gradients are
    /// multiplied by `grad_scale` on the way, which clips by norm without a pass of its own:
    /// `adam.step(std::min(1.0, most / grad_norm(parameters)))`. Throws Error, before any parameter is changed, if a
    /// gradient or a state does not fit its parameter (it was moved to another device since).
    void step(double grad_scale = 1, Site site = Site::here());

    /// The learning rate, for schedules. Throws Error for a negative or infinite one.
    double lr();
    void set_lr(double lr, Site site = Site::here());

    /// All that later steps depend on besides the parameters: "state.0.exp_avg", ... for the state of parameter 0 as
    /// PyTorch calls it, "param_groups.0.lr", ... for the options. The tensors are the optimizer's own, not copies.
    StateDict state_dict();
    /// Takes copies of the tensors of such a dictionary, so that training goes on to the same bits. Throws Error, and
    /// changes nothing, if a name is unknown or missing, a tensor has another shape or dtype, or an option is out of
    /// range.
    void load_state_dict(const StateDict& dict, Site site = Site::here());

protected:
    /// Throws Error if there is no parameter, or one is undefined, not f32 or f64, or not a leaf.
    Optimizer(const char* name, const std::vector<Tensor>& parameters, Site site);

    /// What is kept for one parameter: tensors are undefined, and steps 0, before its first step.
    struct State {
        std::int64_t steps = 0;
        Tensor first, second;
    };
    /// PyTorch's names of State's fields; nullptr for one that the optimizer does not use.
    struct StateNames {
        const char *steps, *first, *second;
    };

    virtual StateNames state_names() const = 0;
    virtual void visit_options(OptionVisitor& visit) = 0;
    /// Throws Error if an option is out of range.
    virtual void check_options(Site site) const = 0;
    /// One step on w with the gradient g.
    virtual void step_parameter(Tensor& w, const Tensor& g, State& state, double grad_scale, Site site) = 0;

    const char* name() const { return name_; }

private:
    std::vector<double> option_values();
    void set_option_values(const std::vector<double>& values);
    void check_fits(Site site) const;

    const char* name_;
    std::vector<Tensor> parameters_;
    std::vector<State> states_;  // one a parameter
};

}  // namespace vitrine::optim
