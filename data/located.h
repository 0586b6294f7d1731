// Private to data: the user's line in the errors of files.
#pragma once

#include "vitrine/core/site.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine::data {

/// f(), whose IoError gets the function's name in front and the user's line behind: "Mnist: d/x.gz: ... (train.cpp:4)".
template <class F>
decltype(auto) located(const char* function, Site site, F&& f) {
    try {
        return f();
    } catch (const IoError& e) {
        throw IoError(join(function, ": ", e.what(), " (", user_site(site), ")"));
    }
}

}  // namespace vitrine::data
