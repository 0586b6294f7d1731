#include "module_profile.h"

#include <string>
#include <unordered_map>

#include "any_module.h"
#include "members.h"

namespace vitrine::nn {
namespace {

/// The modules whose forwards this thread runs.
struct Running {
    const AnyModule* innermost = nullptr;
    std::string path;  // the outermost one's
    std::unordered_map<const AnyModule*, std::string> paths;

    void enter(const AnyModule& outermost) {
        path = type_name(outermost);
        paths.clear();
        const Members members(outermost);
        for (const auto& [name, module] : members.modules()) paths.emplace(module, name.empty() ? path : path + "." + name);
    }
    // A module that no members() reports stands below the one that calls it.
    const std::string& path_of(const AnyModule& module) {
        const auto [at, is_new] = paths.try_emplace(&module);
        if (is_new) at->second = paths[innermost] + "." + type_name(module);
        return at->second;
    }
};

thread_local Running running;

}  // namespace

void ProfiledModule::begin(const AnyModule& module, Site site) {
    outer_ = running.innermost;
    if (outer_ == &module) return;  // operator() and then forward_tensor()
    if (!outer_) running.enter(module);
    profile_begin_module(this, running.path_of(module), user_site(site));
    running.innermost = &module;
    began_ = true;
}

void ProfiledModule::end() const {
    profile_end(this);
    running.innermost = outer_;
}

}  // namespace vitrine::nn
