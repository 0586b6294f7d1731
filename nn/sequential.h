// Modules one after the other.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <vector>

#include "module.h"

namespace vitrine::nn {

/// A module given as a value that can be moved from: `std::move(net)`, `net.clone()` or a fresh one.
template <class M>
concept MovableModule = std::derived_from<M, AnyModule>;

/// A copy of the module of that name in a container. Throws Error when it needs arguments to be built.
std::unique_ptr<AnyModule> clone_inside(const char* container, const std::string& name, const AnyModule& module);

/// The module of that name in a container as what it is. Throws Error if it is something else.
template <std::derived_from<AnyModule> M>
M& module_as(AnyModule& module, const char* container, const std::string& name) {
    auto* as = dynamic_cast<M*>(&module);
    VITRINE_CHECK(as, container, ": module ", name, " is ", module.describe(), ", not of the type asked for");
    return *as;
}

/// Calls its modules in order, each on the result of the one before; without any it returns its input. It moves them to
/// the heap and names them 0, 1, ...; a Sequential inside stays one module: `2.0.weight`. Some neighbours run as one op,
/// unless set_fusing(false) (nn/fused.h): a BatchNorm or a Linear and the ReLU behind it.
class Sequential final : public Module<Sequential> {
public:
    Sequential() = default;
    template <MovableModule... Ms>
    requires(sizeof...(Ms) > 0) explicit Sequential(Ms&&... modules) { (push_back(std::move(modules)), ...); }

    template <MovableModule M>
    Sequential& push_back(M&& module) {
        modules_.push_back(std::make_unique<M>(std::move(module)));
        return *this;
    }

    Tensor forward(const Tensor& x);
    /// Throws Error when a module inside cannot be built without arguments and has no `clone()` of its own.
    Sequential clone() const;

    std::size_t size() const { return modules_.size(); }
    /// Module i. Throws Error unless i < size().
    AnyModule& operator[](std::size_t i) const;
    /// Module i as what it is: `net.at<nn::Linear>(0).weight`. Throws Error if it is something else.
    template <std::derived_from<AnyModule> M>
    M& at(std::size_t i) const {
        return module_as<M>((*this)[i], "Sequential", std::to_string(i));
    }

    void members(Members& m) override;

private:
    std::vector<std::unique_ptr<AnyModule>> modules_;
};

}  // namespace vitrine::nn
