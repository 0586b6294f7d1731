// One call of a module: whose line it is, and whether it used a parameter that nobody reports.
#pragma once

#include <concepts>
#include <cstdint>
#include <ranges>
#include <type_traits>
#include <vector>

#include "any_module.h"
#include "module_profile.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/site.h"

namespace vitrine::nn {

/// Whether each call of a module looks for parameters that members() does not report: true in a debug build of the
/// library (presets learn and asan) until set otherwise.
bool check_members_by_default();
void set_check_members(bool check);

/// Lives as long as a module's forward runs: ops called by library code take the site of the outermost call.
class ModuleCall {
public:
    /// A call on x and further inputs. Throws Error when x is a number or undefined.
    template <class... Rest>
    ModuleCall(bool check, const AnyModule& module, const Operand& x, const Rest&... rest)
        : module_(module), site_(user_site(x.site())), scope_(site_), profiled_(module, site_), check_(check && (visible<Rest> && ...)) {
        begin(x);
        if (check_) (gather(inputs_, rest), ...);
    }

    /// If this call checks: throws Error when y was computed during the call from a leaf that requires grad and is
    /// neither reported by the module nor one of the inputs. Inputs and results that are no tensors or lists of tensors
    /// may hide some: then nothing is checked.
    template <class Y>
    void check_members(const Y& y) const {
        if constexpr (visible<Y>) {
            if (!check_) return;
            std::vector<Tensor> results;
            gather(results, y);
            check_leaves(results);
        }
    }

private:
    template <class T>
    static constexpr bool is_list = requires(const T& list) {
        { *std::ranges::begin(list) } -> std::same_as<const Tensor&>;
    };
    template <class T>
    static constexpr bool visible =
        std::is_same_v<T, Tensor> || std::is_arithmetic_v<T> || std::is_enum_v<T> || is_list<T>;

    template <class T>
    static void gather(std::vector<Tensor>& into, const T& from) {
        if constexpr (std::is_same_v<T, Tensor>) into.push_back(from);
        else if constexpr (is_list<T>) into.insert(into.end(), std::ranges::begin(from), std::ranges::end(from));
    }

    void begin(const Operand& x);
    void check_leaves(const std::vector<Tensor>& results) const;

    const AnyModule& module_;
    Site site_;
    SiteScope scope_;
    ProfiledModule profiled_;
    bool check_;
    std::vector<Tensor> inputs_;  // filled when checking
    std::uint64_t start_ = 0;  // nodes of this call have later sequence numbers
};

}  // namespace vitrine::nn
