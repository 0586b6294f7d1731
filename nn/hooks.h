// Functions that are called around a module's forward and backward.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "vitrine/core/tensor.h"

namespace vitrine::nn {

class AnyModule;

/// Before forward, with its first input; a defined result takes that input's place.
using ForwardPreHook = std::function<Tensor(const AnyModule& module, const Tensor& x)>;
/// After forward, with its first input and its result; a defined result of the hook takes the result's place. Nothing
/// can take its place where forward makes something else than one tensor; y is then its member `output` (LSTM, GRU, RNN)
/// or undefined.
using ForwardHook = std::function<Tensor(const AnyModule& module, const Tensor& x, const Tensor& y)>;
/// In backward, when the gradient of the first input is there, with it and that of the result; a defined result of the
/// hook takes dx's place. dx is undefined where the input needs no gradient.
using BackwardHook = std::function<Tensor(const Tensor& dx, const Tensor& dy)>;

/// The hooks of one module, in the order in which they were registered.
struct Hooks {
    template <class F>
    using List = std::vector<std::pair<std::uint64_t, F>>;  // with a number for its handle
    List<ForwardPreHook> before;
    List<ForwardHook> after;
    List<BackwardHook> backward;
    std::uint64_t next = 0;
    bool empty() const { return before.empty() && after.empty() && backward.empty(); }
};

/// What registering a hook returns. Letting go of it leaves the hook where it is.
class HookHandle {
public:
    HookHandle() = default;
    HookHandle(std::weak_ptr<Hooks> hooks, std::uint64_t id) : hooks_(std::move(hooks)), id_(id) {}
    /// Takes the hook away; nothing happens when it, or the module, is gone already.
    void remove();

private:
    std::weak_ptr<Hooks> hooks_;
    std::uint64_t id_ = 0;
};

/// One call of a module that has hooks: what its forward is to be given, and what becomes of the result.
class HookedCall {
public:
    HookedCall(const AnyModule& module, std::shared_ptr<Hooks> hooks, const Tensor& x);

    const Tensor& x() const { return x_; }
    Tensor result(const Tensor& y);
    /// For a result that is not one tensor; y is what to show of it. Throws Error when there are backward hooks: they
    /// have no gradient to see.
    void show(const Tensor& y);

private:
    Tensor call_after(const Tensor& y);

    struct Backward;  // what the two nodes around the module share
    const AnyModule& module_;
    std::shared_ptr<Hooks> hooks_;
    std::shared_ptr<Backward> backward_;  // null when nothing is recorded or there are no backward hooks
    Tensor x_;
};

}  // namespace vitrine::nn
