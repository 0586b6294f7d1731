// What every optimizer shares: handles to parameters, zero_grad, step, state that can be saved.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "vitrine/core/operand.h"
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

    /// Parameters come in groups with options of their own: the first is the constructor's, add_group() adds others.
    std::size_t groups() const { return first_of_group_.size(); }

    /// The learning rate of a group, and of all groups, for schedules. Throws Error for a negative or infinite one.
    double lr(std::size_t group = 0);
    void set_lr(double lr, Site site = Site::here());
    void set_lr(double lr, std::size_t group, Site site = Site::here());

    /// An option of a group by its name ("momentum", "weight_decay", ...); a bool is 0 or 1. Throws Error, and changes
    /// nothing, if the optimizer has no option of that name, no such group, or allows no such value.
    bool has_option(const char* option);
    double option(const char* option, std::size_t group = 0, Site site = Site::here());
    void set_option(const char* option, double value, std::size_t group = 0, Site site = Site::here());

    /// All that later steps depend on besides the parameters: "state.0.exp_avg", ... for the state of parameter 0 as
    /// PyTorch calls it, "param_groups.0.lr", ... for the options of group 0. The tensors are the optimizer's own, not
    /// copies.
    StateDict state_dict();
    /// Takes copies of the tensors of such a dictionary, so that training goes on to the same bits. Throws Error, and
    /// changes nothing, if a name is unknown or missing, a tensor has another shape or dtype, or an option is out of
    /// range.
    void load_state_dict(const StateDict& dict, Site site = Site::here());

protected:
    /// Without a group yet.
    explicit Optimizer(const char* name) : name_(name) {}

    /// What is kept for one parameter: tensors are undefined, and steps 0, before its first step.
    struct State {
        std::int64_t steps = 0;
        Tensor first, second, third;
    };
    /// PyTorch's names of State's fields; nullptr for one that the optimizer does not use.
    struct StateNames {
        const char *steps, *first, *second, *third = nullptr;
        bool all = true;  ///< a parameter that was stepped has all of them, not just the first
    };

    /// Appends a group. Throws Error, and changes nothing, if there is no parameter, or one is undefined, not f32 or
    /// f64, not a leaf, or in an earlier group.
    void append_group(const std::vector<Tensor>& parameters, Site site);

    virtual StateNames state_names() const = 0;
    virtual void visit_group(std::size_t group, OptionVisitor& visit) = 0;
    /// Throws Error if an option is out of range.
    virtual void check_group(const Call& call, std::size_t group) const = 0;
    /// One step on w, a parameter of the group, with the gradient g.
    virtual void step_parameter(std::size_t group, Tensor& w, const Tensor& g, State& state, double grad_scale,
                                Site site) = 0;

    const char* name() const { return name_; }

private:
    std::vector<double> option_values(std::size_t group);
    void set_option_values(const Call& call, std::size_t group, const std::vector<double>& values);
    std::size_t checked_place(const Call& call, const char* option, std::size_t group);
    void check_fits(Site site) const;

    const char* name_;
    std::vector<Tensor> parameters_;           // of all groups, one after the other
    std::vector<State> states_;                // one a parameter
    std::vector<std::size_t> first_of_group_;  // where in parameters_ a group begins
};

/// An optimizer with such options for each group: a flat struct for which visit_options(visit, options), with lr first,
/// and check_options(call, options) are declared.
template <class Options>
class OptimizerWith : public Optimizer {
public:
    /// Another group: its parameters are stepped with its own options. Throws Error, and changes nothing, for a
    /// parameter that cannot be stepped or is in another group already, and for an option out of range.
    void add_group(const std::vector<Tensor>& parameters, Options options = {}, Site site = Site::here()) {
        check_options(Call(name(), site), options);
        options_.reserve(options_.size() + 1);
        append_group(parameters, site);
        options_.push_back(options);
    }
    /// Throws std::out_of_range unless group < groups().
    const Options& options(std::size_t group = 0) const { return options_.at(group); }

protected:
    OptimizerWith(const char* name, const std::vector<Tensor>& parameters, const Options& options, Site site)
        : Optimizer(name) {
        add_group(parameters, options, site);
    }

private:
    void visit_group(std::size_t group, OptionVisitor& visit) override { visit_options(visit, options_[group]); }
    void check_group(const Call& call, std::size_t group) const override { check_options(call, options_[group]); }

    std::vector<Options> options_;
};

}  // namespace vitrine::optim
