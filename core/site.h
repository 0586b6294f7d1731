// Where in the user's program an op was called.
#pragma once

#include <iosfwd>

namespace vitrine {

/// A place in a source file. Every op takes one, by default argument, and its node and errors name it.
struct Site {
    const char* file = nullptr;
    int line = 0;

    /// The place of the call in whose arguments this stands.
    static constexpr Site here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
};

/// "train.cpp:41": the file's last component and the line.
std::ostream& operator<<(std::ostream& out, const Site& site);

/// While one lives, ops called by the library's own files take `site` for their own: the user's line of a module
/// call, or of the forward op whose backward is running. Ops called by user code keep their line.
class SiteScope {
public:
    explicit SiteScope(Site site);
    ~SiteScope();
    SiteScope(const SiteScope&) = delete;
    SiteScope& operator=(const SiteScope&) = delete;

private:
    Site outer_;
};

/// `site`, or that of the innermost SiteScope when `site` is in one of the library's own files.
Site user_site(Site site);

}  // namespace vitrine
