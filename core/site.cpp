#include "site.h"

#include <cstring>
#include <ostream>
#include <string_view>

#include "gdb_scripts.h"

namespace vitrine {
namespace {

thread_local constinit Site scope;

// This file's path without "core/site.cpp": what the path of every file of the library begins with.
constexpr std::string_view library_root() {
    constexpr std::string_view me = __FILE__, tail = "core/site.cpp";
    return me.substr(0, me.size() - tail.size());
}

bool below_library(std::string_view path) {
    if (!path.starts_with(library_root())) return false;
    path.remove_prefix(library_root().size());
    for (std::string_view folder : {"core/", "nn/", "optim/", "data/", "models/"})
        if (path.starts_with(folder)) return true;
    return false;
}

// A string is compared once for the many calls in a row that come from one file: its name is one literal.
bool in_library(const char* file) {
    thread_local constinit const char* last = nullptr;
    thread_local constinit bool last_below = false;
    if (file != last) last_below = below_library(file), last = file;
    return last_below;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Site& site) {
    if (!site.file) return out << "unknown place";
    const char* slash = std::strrchr(site.file, '/');
    return out << (slash ? slash + 1 : site.file) << ':' << site.line;
}

SiteScope::SiteScope(Site site) : outer_(scope) { scope = user_site(site); }
SiteScope::~SiteScope() { scope = outer_; }

Site user_site(Site site) { return scope.file && site.file && in_library(site.file) ? scope : site; }

}  // namespace vitrine
