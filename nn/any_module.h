// What every module can do, whatever its forward takes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hooks.h"
#include "members.h"
#include "vitrine/core/operand.h"

namespace vitrine::nn {

/// Named tensors, as state_dict() gives them and a checkpoint stores them.
using StateDict = std::map<std::string, Tensor>;

/// What load_state_dict found besides the tensors it loaded.
struct LoadReport {
    std::vector<std::string> missing;     ///< the module has them, the dictionary has not
    std::vector<std::string> unexpected;  ///< the dictionary has them, the module has not
};

/// Base of all modules; derive yours from Module<Yours>. Movable, not copyable: `clone()` copies.
class AnyModule {
public:
    virtual ~AnyModule() = default;
    AnyModule(const AnyModule&) = delete;
    AnyModule& operator=(const AnyModule&) = delete;

    /// Reports parameters, buffers and modules inside this one, each with its name. Nothing to report: leave it out.
    virtual void members(Members&) {}
    /// The module in a few letters, for summary() and errors: "Linear(784, 10)". The type's name unless overridden.
    virtual std::string describe() const;

    /// What optimizers change, each tensor once: a tied weight is one parameter, under its first name.
    std::vector<Tensor> parameters() const;
    std::vector<std::pair<std::string, Tensor>> named_parameters() const;
    std::vector<std::pair<std::string, Tensor>> named_buffers() const;
    /// This module (named "") and all inside it, in the order of members().
    std::vector<std::pair<std::string, AnyModule*>> named_modules();

    /// Sets the mode of this module and of all inside it. Dropout acts in training mode alone; modules start in it.
    void train(bool training = true);
    void eval() { train(false); }
    bool is_training() const { return training_; }
    /// The mode of this module alone.
    void set_mode(bool training) { training_ = training; }

    /// Copies parameters, buffers and gradients to a device (or converts them to a dtype) and makes the same handles
    /// refer to the copies: optimizers and tied weights see it. Throws Error, changing nothing, if the device is not
    /// available.
    void to(Device device, Site site = Site::here());
    /// f32 or f64; tensors of integers stay as they are.
    void to(DType dtype, Site site = Site::here());

    /// Drops every gradient: the next backward writes gradients instead of adding to them.
    void zero_grad();
    /// Sets whether parameters record.
    void requires_grad_(bool value = true);
    /// Parameters stay as they are: they record nothing, and their gradients are dropped, so that an optimizer that
    /// has them skips them.
    void freeze();
    void unfreeze() { requires_grad_(true); }
    /// How many numbers the parameters hold, a tied weight counted once.
    struct ParameterCount {
        std::int64_t total = 0, trainable = 0;
    };
    ParameterCount count_parameters() const;

    /// Calls f with each module inside, innermost first, then with this one.
    void apply(const std::function<void(AnyModule&)>& f);

    /// Every parameter and buffer by name; a tied weight under each of its names. The tensors are the module's own, not
    /// copies, outside the graph.
    StateDict state_dict() const;
    /// Copies a dictionary's values into the module's tensors, converting dtype and device. Throws Error, and changes
    /// nothing, if a shape differs or, when strict, if names are missing or unexpected.
    LoadReport load_state_dict(const StateDict& dict, bool strict = true, Site site = Site::here());

    /// A table: each module with its tensors, their shapes and number of values.
    std::string summary() const;
    /// The same with the shape that each module makes of x: calls the module once, in eval mode and outside the graph,
    /// which also builds lazy layers. "-" for a module that was not called, "?" for a result that is no tensor.
    std::string summary(const Tensor& x, Site site = Site::here());
    /// The same for zeros of that shape, of the parameters' dtype and on their device.
    std::string summary(const Shape& input_shape, Site site = Site::here());

    /// Calls a function around every later forward or backward of this module, however it is called. clone() copies no
    /// hooks; a module that is moved keeps its own.
    HookHandle register_forward_pre_hook(ForwardPreHook hook);
    HookHandle register_forward_hook(ForwardHook hook);
    HookHandle register_backward_hook(BackwardHook hook);

    /// The module's result for one tensor: `for (...) x = layers[i](x)`. Throws Error for a module whose forward does
    /// not make one tensor of one tensor.
    Tensor operator()(Operand x);

    // ---- for containers such as Sequential
    bool has_hooks() const { return hooks_ && !hooks_->empty(); }
    /// forward of a module that makes one tensor of one tensor; throws Error for another.
    virtual Tensor forward_tensor(const Tensor& x) = 0;
    /// clone() on the heap; null when it needs the constructor's arguments.
    virtual std::unique_ptr<AnyModule> clone_module() const = 0;

protected:
    AnyModule() = default;
    AnyModule(AnyModule&&) noexcept = default;
    AnyModule& operator=(AnyModule&&) noexcept = default;

    /// Makes this module's tensors, settings and modes deep copies of those of `from`. Throws Error unless both report
    /// the same names.
    void copy_members(const AnyModule& from);

    std::shared_ptr<Hooks> hooks_;  ///< null until one is registered

private:
    Hooks& hooks();

    bool training_ = true;
};

/// The name of a module type without namespaces: "Net".
std::string type_name(const AnyModule& module);

}  // namespace vitrine::nn
