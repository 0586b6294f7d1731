// The copy of copy.h as a plain loop on the CPU, which isa() == Isa::naive takes; a test compares the fast one with it.
#pragma once

#include <cstdint>

#include "copy.h"

namespace vitrine::kernels {

template <class From, class To>
void copy_naive(const From* x, To* y, const Strided<2>& n) {
    for (std::int64_t i = 0; i < n.count; ++i) {
        const Offsets<2> at = n.at(i);
        y[at[0]] = static_cast<To>(x[at[1]]);
    }
}

}  // namespace vitrine::kernels
