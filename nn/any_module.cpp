#include "any_module.h"

#include <cxxabi.h>

#include <cstdlib>
#include <cstring>
#include <typeinfo>
#include <unordered_map>
#include <unordered_set>

#include "module_call.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::nn {
namespace {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

NamedTensors distinct(const AnyModule& module, bool buffers) {
    NamedTensors found;
    std::unordered_set<const TensorImpl*> seen;
    const Members members(module);
    for (const auto& [name, tensor, is_buffer] : members.tensors())
        if (is_buffer == buffers && seen.insert(tensor->impl()).second) found.emplace_back(name, *tensor);
    return found;
}

// The same values and order of dimensions in memory of a device, outside the graph.
Tensor copied(const Tensor& x, Device device) {
    const NoGrad no_grad;
    const Tensor from = is_dense(x.shape(), x.strides()) ? x : x.contiguous();
    Tensor y = make_tensor(x.shape(), dense_strides(x.shape(), from.strides()), x.dtype(), device);
    copy_bytes(y.impl()->data(), device, from.impl()->data(), from.device(),
               static_cast<std::size_t>(x.numel()) * element_size(x.dtype()));
    return y;
}

// Every handle to x sees y's elements from now on. A node that saved x notices by the version.
void become(const Tensor& x, const Tensor& y) {
    TensorImpl &to = *x.impl(), &from = *y.impl();
    from.storage->version.store(x.version() + 1, std::memory_order_relaxed);
    to.storage = from.storage;
    to.offset = from.offset;
    to.strides = from.strides;
    to.dtype = from.dtype;
}

struct Replacement {
    Tensor tensor, value, grad;
};

// Replaces each tensor that is not as it should be, and its gradient, by what f makes of them; nothing is changed if f
// throws.
template <class Wrong, class F>
void replace_tensors(const AnyModule& module, const Wrong& wrong, const F& f) {
    const NoGrad no_grad;
    std::vector<Replacement> all;
    for (bool buffers : {false, true})
        for (const auto& [name, x] : distinct(module, buffers))
            if (wrong(x)) all.push_back({x, f(x), x.grad().defined() ? f(x.grad()) : Tensor()});
    for (const auto& [tensor, value, grad] : all) {
        become(tensor, value);
        if (grad.defined()) tensor.set_grad(grad);
    }
}

}  // namespace

std::string type_name(const AnyModule& module) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> text(
        abi::__cxa_demangle(typeid(module).name(), nullptr, nullptr, &status), std::free);
    std::string name = status == 0 ? text.get() : typeid(module).name();
    name = name.substr(0, name.find('<'));
    const std::size_t colon = name.rfind("::");
    return colon == std::string::npos ? name : name.substr(colon + 2);
}

std::string AnyModule::describe() const { return type_name(*this); }

std::vector<Tensor> AnyModule::parameters() const {
    Members(*this).check_complete("parameters");
    std::vector<Tensor> found;
    for (auto& [name, tensor] : distinct(*this, false)) found.push_back(std::move(tensor));
    return found;
}

NamedTensors AnyModule::named_parameters() const {
    Members(*this).check_complete("named_parameters");
    return distinct(*this, false);
}
NamedTensors AnyModule::named_buffers() const { return distinct(*this, true); }

std::vector<std::pair<std::string, AnyModule*>> AnyModule::named_modules() {
    std::vector<std::pair<std::string, AnyModule*>> found;
    const Members members(*this);
    for (const auto& [name, module] : members.modules()) found.emplace_back(name, module);
    return found;
}

void AnyModule::train(bool training) {
    const Members members(*this);
    for (const auto& [name, module] : members.modules()) module->training_ = training;
}

void AnyModule::to(Device device, Site site) {
    Call("to", site).check(is_available(device), "device ", device, " is not available here");
    replace_tensors(
        *this, [&](const Tensor& x) { return x.device() != device; },
        [&](const Tensor& x) { return copied(x, device); });
}

void AnyModule::to(DType dtype, Site site) {
    Call("to", site).check(is_floating(dtype), dtype, " for a module; allowed are f32 and f64");
    replace_tensors(
        *this, [&](const Tensor& x) { return is_floating(x.dtype()) && x.dtype() != dtype; },
        [&](const Tensor& x) { return x.detach().to(dtype); });
}

void AnyModule::zero_grad() {
    for (const Tensor& x : parameters()) x.set_grad(Tensor());
}

void AnyModule::requires_grad_(bool value) {
    for (Tensor& x : parameters()) x.requires_grad_(value);
}

void AnyModule::freeze() {
    requires_grad_(false);
    zero_grad();
}

AnyModule::ParameterCount AnyModule::count_parameters() const {
    ParameterCount count;
    for (const Tensor& x : parameters()) {
        count.total += x.numel();
        if (x.requires_grad()) count.trainable += x.numel();
    }
    return count;
}

Tensor AnyModule::operator()(Operand x) {
    const ModuleCall call(false, *this, x);
    return forward_tensor(x.tensor());
}

Hooks& AnyModule::hooks() {
    if (!hooks_) hooks_ = std::make_shared<Hooks>();
    return *hooks_;
}

HookHandle AnyModule::register_forward_pre_hook(ForwardPreHook hook) {
    hooks().before.emplace_back(hooks_->next, std::move(hook));
    return {hooks_, hooks_->next++};
}

HookHandle AnyModule::register_forward_hook(ForwardHook hook) {
    hooks().after.emplace_back(hooks_->next, std::move(hook));
    return {hooks_, hooks_->next++};
}

HookHandle AnyModule::register_backward_hook(BackwardHook hook) {
    hooks().backward.emplace_back(hooks_->next, std::move(hook));
    return {hooks_, hooks_->next++};
}

void AnyModule::apply(const std::function<void(AnyModule&)>& f) {
    const Members members(*this);  // a module stands before those inside it
    for (std::size_t i = members.modules().size(); i-- > 0;) f(*members.modules()[i].module);
}

void AnyModule::copy_members(const AnyModule& from) {
    const NoGrad no_grad;
    const Members source(from), mine(*this);
    const auto pair_up = [&](const auto& theirs, const auto& ours, auto copy) {
        for (std::size_t i = 0; i < std::max(theirs.size(), ours.size()); ++i) {
            const bool same = i < theirs.size() && i < ours.size() && theirs[i].name == ours[i].name;
            VITRINE_CHECK(same, "clone: a fresh ", type_name(*this),
                          " has not the members of the one to copy: ", i < ours.size() ? ours[i].name : "nothing",
                          " where that has ", i < theirs.size() ? theirs[i].name : "nothing",
                          "; give clone the arguments that it was built with");
            copy(theirs[i], ours[i]);
        }
    };
    pair_up(source.modules(), mine.modules(), [](auto& x, auto& y) { y.module->training_ = x.module->training_; });
    pair_up(source.settings(), mine.settings(), [](auto& x, auto& y) { std::memcpy(y.value, x.value, y.bytes); });
    std::unordered_map<const TensorImpl*, Tensor> copies;  // what was tied is tied again
    pair_up(source.tensors(), mine.tensors(), [&](auto& x, auto& y) {
        Tensor& copy = copies[x.tensor->impl()];
        if (!copy.defined()) {
            copy = copied(*x.tensor, x.tensor->device());
            copy.requires_grad_(x.tensor->requires_grad());
        }
        *y.tensor = copy;
    });
}

}  // namespace vitrine::nn
