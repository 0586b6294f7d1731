// Finds data races and reads of memory that nobody wrote. Part of the checker.
#pragma once

#include "access.h"

namespace vitrine::kernels::simt::check {

/// Before the running thread makes it. Throws vitrine::Error for the first mistake of a launch.
void access(const Access& access);

}  // namespace vitrine::kernels::simt::check
