// Where in a kernel an operation is called.
#pragma once

/// The place of the call, as the last parameters of what a kernel calls: default arguments know it.
#define VITRINE_SIMT_CALLER \
    const char *caller_file = __builtin_FILE(), int caller_line = __builtin_LINE()

namespace vitrine::kernels::simt {

/// The call of a barrier, a warp operation or an atomic in a kernel.
struct Site {
    const char* operation;
    const char* file;
    int line;
};

}  // namespace vitrine::kernels::simt
