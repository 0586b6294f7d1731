// Modules kept in a list or under names, for a forward of your own to call.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sequential.h"

namespace vitrine::nn {

/// Modules by number. `m("layers", layers)` reports them as layers.0, layers.1, ...; it has no forward of its own:
///
///     for (std::size_t i = 0; i < layers.size(); ++i) h = relu(layers[i](h));
///
/// Modules of one type need none of this: a std::vector of them is a member like any other.
class ModuleList final : public Module<ModuleList> {
public:
    ModuleList() = default;
    template <MovableModule... Ms>
    requires(sizeof...(Ms) > 0) explicit ModuleList(Ms&&... modules) { (push_back(std::move(modules)), ...); }

    template <MovableModule M>
    ModuleList& push_back(M&& module) {
        modules_.push_back(std::make_unique<M>(std::move(module)));
        return *this;
    }

    /// Throws Error when a module inside cannot be built without arguments and has no `clone()` of its own.
    ModuleList clone() const;
    std::size_t size() const { return modules_.size(); }
    /// Module i. Throws Error unless i < size().
    AnyModule& operator[](std::size_t i) const;
    /// Module i as what it is: `layers.at<nn::Linear>(0).weight`. Throws Error if it is something else.
    template <std::derived_from<AnyModule> M>
    M& at(std::size_t i) const {
        return module_as<M>((*this)[i], "ModuleList", std::to_string(i));
    }

    void members(Members& m) override;

private:
    std::vector<std::unique_ptr<AnyModule>> modules_;
};

/// Modules by name, in the order in which they were inserted; no forward of its own.
class ModuleDict final : public Module<ModuleDict> {
public:
    /// Throws Error for a name that is there already, is empty or has a dot.
    template <MovableModule M>
    ModuleDict& insert(std::string name, M&& module) {
        check_new(name);
        modules_.emplace_back(std::move(name), std::make_unique<M>(std::move(module)));
        return *this;
    }

    /// Throws Error when a module inside cannot be built without arguments and has no `clone()` of its own.
    ModuleDict clone() const;
    std::size_t size() const { return modules_.size(); }
    bool contains(const std::string& name) const;
    std::vector<std::string> names() const;
    /// The module of that name. Throws Error if there is none.
    AnyModule& operator[](const std::string& name) const;
    /// The module as what it is: `heads.at<nn::Linear>("digit").weight`. Throws Error if it is something else.
    template <std::derived_from<AnyModule> M>
    M& at(const std::string& name) const {
        return module_as<M>((*this)[name], "ModuleDict", name);
    }

    void members(Members& m) override;

private:
    void check_new(const std::string& name) const;

    std::vector<std::pair<std::string, std::unique_ptr<AnyModule>>> modules_;
};

}  // namespace vitrine::nn
