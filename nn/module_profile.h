// A module's call as a row of a profile.
#pragma once

#include "vitrine/core/profiling.h"

namespace vitrine::nn {

class AnyModule;

/// Lives as long as a module's forward runs. A profile calls the module by its type, or by its path from the outermost
/// module in whose forward it runs: "Net", "Net.layers.0".
class ProfiledModule {
public:
    ProfiledModule(const AnyModule& module, Site site) {
        if (profiling()) [[unlikely]]
            begin(module, site);
    }
    ~ProfiledModule() {
        if (began_) [[unlikely]]
            end();
    }
    ProfiledModule(const ProfiledModule&) = delete;
    ProfiledModule& operator=(const ProfiledModule&) = delete;

private:
    void begin(const AnyModule& module, Site site);
    void end() const;

    const AnyModule* outer_ = nullptr;
    bool began_ = false;
};

}  // namespace vitrine::nn
