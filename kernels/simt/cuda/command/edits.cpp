#include "edits.h"

#include <algorithm>

namespace vitrine::kernels::simt::command {

std::string Edits::result() {
    std::stable_sort(edits_.begin(), edits_.end(),
                     [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
    std::string text;
    std::size_t at = 0;
    for (const Edit& edit : edits_) {
        if (edit.begin < at) continue;  // inside of what another one replaced
        text.append(source_, at, edit.begin - at);
        text += edit.text;
        at = edit.end;
    }
    return text.append(source_, at);
}

}  // namespace vitrine::kernels::simt::command
