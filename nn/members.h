// What a module is made of, as its members() reports it.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "vitrine/core/tensor.h"

namespace vitrine::nn {

class AnyModule;

/// What members() reports to, and the list that comes of it:
///
///     void members(nn::Members& m) override {
///         m("fc1", fc1);           // a module, or a unique_ptr to one: its members become fc1.weight, ...
///         m("layers", layers);     // a vector or array of those, or of parameters: layers.0.weight, ...
///         m("scale", scale);       // a tensor: a parameter
///         m.buffer("mean", mean);  // a tensor that is saved and moved, but not trained
///         m("p", p);               // a number: a setting, copied by clone()
///     }
///
/// Undefined tensors and null pointers are left out. A name has no dot and stands once in a module, else Error.
class Members {
public:
    struct NamedTensor {
        std::string name;
        Tensor* tensor;
        bool is_buffer;
    };
    struct NamedModule {
        std::string name;  ///< "" for the module that was asked
        AnyModule* module;
    };
    struct Setting {
        std::string name;
        void* value;
        std::size_t bytes;
    };

    /// Asks the module, and those inside it, in the order in which they are reported.
    explicit Members(const AnyModule& module);

    const std::vector<NamedTensor>& tensors() const& { return tensors_; }
    const std::vector<NamedModule>& modules() const& { return modules_; }
    const std::vector<Setting>& settings() const& { return settings_; }
    /// Throws Error "who: ..." if a parameter is not there yet.
    void check_complete(const char* who) const;
    void tensors() && = delete;  // a loop over Members(module).tensors() would outlive it
    void modules() && = delete;
    void settings() && = delete;

    // ---- for members()
    void operator()(std::string_view name, Tensor& parameter);
    void buffer(std::string_view name, Tensor& buffer);
    void operator()(std::string_view name, AnyModule& child);
    /// A parameter that the first forward will make (nn/lazy.h): who asks for parameters before that gets an Error.
    void missing(std::string_view name) { missing_.push_back(full_name(name)); }

    template <std::derived_from<AnyModule> M>
    void operator()(std::string_view name, std::unique_ptr<M>& child) {
        if (child) (*this)(name, static_cast<AnyModule&>(*child));
    }

    template <std::ranges::range R>
        requires(!std::derived_from<R, AnyModule>)
    void operator()(std::string_view name, R& list) {
        const std::size_t outside = enter(name);
        std::size_t i = 0;
        for (auto& member : list) (*this)(std::to_string(i++), member);
        leave(outside);
    }

    template <class T>
        requires std::is_arithmetic_v<T> || std::is_enum_v<T>
    void operator()(std::string_view name, T& setting) {
        settings_.push_back({full_name(name), &setting, sizeof setting});
    }

private:
    std::string full_name(std::string_view name);
    std::size_t enter(std::string_view name);
    void leave(std::size_t outside);

    std::string prefix_;               // "layers.0."
    std::vector<std::string> taken_;   // every full name so far
    std::vector<NamedTensor> tensors_;
    std::vector<NamedModule> modules_;
    std::vector<Setting> settings_;
    std::vector<std::string> missing_;
};

}  // namespace vitrine::nn
