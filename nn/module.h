// The base of a module: members, and a call that knows where the user made it.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include "any_module.h"
#include "init.h"
#include "module_call.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/operand.h"

namespace vitrine::nn {

/// Derive your module from Module<itself>, give it a `forward` of any inputs and any result, and report its members:
///
///     struct Net : nn::Module<Net> {
///         nn::Linear fc1{784, 128}, fc2{128, 10};
///         Tensor forward(const Tensor& x) { return fc2(relu(fc1(x))); }
///         void members(nn::Members& m) override { m("fc1", fc1), m("fc2", fc2); }
///     };
///
/// Calling the module, `net(x)`, calls its forward. Errors and nodes of ops inside the library's modules then name the
/// line of that call.
template <class Derived>
class Module : public AnyModule {
public:
    /// forward(x, rest...). In a debug build of the library, checks that forward uses no parameter that members() does
    /// not report, and throws Error if it does.
    template <class... Rest>
    decltype(auto) operator()(Operand x, Rest&&... rest) {
        const ModuleCall call(check_members_by_default(), *this, x, rest...);
        if (this->has_hooks()) return with_hooks(call, self(), x.tensor(), std::forward<Rest>(rest)...);
        decltype(auto) y = self().forward(x.tensor(), std::forward<Rest>(rest)...);
        call.check_members(y);
        return y;
    }
    template <class... Rest>
    decltype(auto) operator()(Operand x, Rest&&... rest) const {
        const ModuleCall call(check_members_by_default(), *this, x, rest...);
        if (this->has_hooks()) return with_hooks(call, self(), x.tensor(), std::forward<Rest>(rest)...);
        decltype(auto) y = self().forward(x.tensor(), std::forward<Rest>(rest)...);
        call.check_members(y);
        return y;
    }
    /// The same for a forward whose first input is no tensor.
    template <class First, class... Rest>
    requires(!std::convertible_to<First, Tensor> && !std::same_as<std::remove_cvref_t<First>, Operand>) decltype(auto)
    operator()(First&& first, Rest&&... rest) {
        const ProfiledModule profiled(*this, Site::here());
        return self().forward(std::forward<First>(first), std::forward<Rest>(rest)...);
    }

    /// Calls the module once and throws Error if forward used a tensor that requires grad and that is neither reported
    /// by members() nor among the inputs: an optimizer would never see it.
    template <class... Rest>
    void check_members(Operand x, Rest&&... rest) {
        const GradMode recording(true);
        const ModuleCall call(true, *this, x, rest...);
        const auto y = self().forward(x.tensor(), std::forward<Rest>(rest)...);
        call.check_members(y);
    }

    /// A deep copy: a module built with the given constructor arguments, and in it copies of this one's parameters,
    /// buffers, settings and modes, and of those inside it. No random numbers are drawn and no gradients are copied.
    /// Throws Error when that module's members have other names (the arguments were not the right ones).
    template <class... Args>
    requires std::constructible_from<Derived, Args...> Derived clone(Args&&... args)
    const {
        Derived copy = [&] {
            const init::Skip no_drawing;
            return Derived(std::forward<Args>(args)...);
        }();
        static_cast<Module&>(copy).copy_members(*this);
        return copy;
    }

    Tensor forward_tensor(const Tensor& x) override {
        constexpr bool fits = requires(Derived & d) {
            { d.forward(x) } -> std::convertible_to<Tensor>;
        };
        if constexpr (fits) {
            const ProfiledModule profiled(*this, Site::here());
            if (!has_hooks()) return self().forward(x);
            HookedCall hooked(*this, hooks_, x);
            return hooked.result(self().forward(hooked.x()));
        } else
            throw Error(join(describe(), ": its forward does not make one tensor of one tensor"));
    }

    std::unique_ptr<AnyModule> clone_module() const override {
        constexpr bool clones = requires(const Derived& d) {
            { d.clone() } -> std::same_as<Derived>;
        };
        if constexpr (clones)
            return std::make_unique<Derived>(self().clone());
        else
            return nullptr;
    }

private:
    template <class Self, class... Rest>
    static auto with_hooks(const ModuleCall& call, Self& self, const Tensor& x, Rest&&... rest)
        -> decltype(self.forward(x, std::forward<Rest>(rest)...)) {
        using Y = decltype(self.forward(x, std::forward<Rest>(rest)...));
        HookedCall hooked(self, self.hooks_, x);
        if constexpr (std::same_as<Y, Tensor>) {
            const Tensor y = self.forward(hooked.x(), std::forward<Rest>(rest)...);
            call.check_members(y);
            return hooked.result(y);
        } else if constexpr (std::is_void_v<Y>) {
            self.forward(hooked.x(), std::forward<Rest>(rest)...);
            hooked.show(Tensor());
        } else {
            decltype(auto) y = self.forward(hooked.x(), std::forward<Rest>(rest)...);
            call.check_members(y);
            if constexpr (requires { { y.output } -> std::convertible_to<const Tensor&>; }) hooked.show(y.output);
            else hooked.show(Tensor());
            return y;
        }
    }

    Derived& self() { return static_cast<Derived&>(*this); }
    const Derived& self() const { return static_cast<const Derived&>(*this); }
};

}  // namespace vitrine::nn
