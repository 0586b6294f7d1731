// Loops that wait for another thread by nothing but volatile reads. Part of the checker: other
// builds do not see what a kernel reads.
#pragma once

namespace vitrine::kernels::simt::check {

/// After a volatile read at `pc` by the running thread. After many in a row others go first.
void note_volatile_read(const void* pc);

}  // namespace vitrine::kernels::simt::check
