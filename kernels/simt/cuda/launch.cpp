#include "launch.h"

#include <cstring>
#include <exception>
#include <string>

#include "vitrine/kernels/base/error.h"

#include "allocations.h"
#include "errors.h"
#include "findings.h"
#include "host_access.h"

namespace vitrine_cuda {

namespace {

cudaError_t failed_launch(const Launch& launch, const std::string& text) {
    record_finding(text, launch.file, launch.line);
    const bool never_ran = text.find("; allowed are") != std::string::npos;
    if (never_ran) return note(cudaErrorInvalidConfiguration);
    set_failed(cudaErrorLaunchFailure);
    return cudaErrorLaunchFailure;
}

// What the launch could have written, had it not ended early: every allocation that a word of its
// arguments points into. That nobody wrote there is no mistake of the kernels that follow.
void spare_outputs([[maybe_unused]] const simt::KernelCall& call) {
#if VITRINE_SIMT_CHECK
    const auto* const arguments = static_cast<const char*>(call.arguments);
    for (std::size_t at = 0; at + sizeof(void*) <= call.parameters->bytes; at += sizeof(void*)) {
        const void* pointer;
        std::memcpy(&pointer, arguments + at, sizeof pointer);
        const auto found = allocations().find(pointer);
        if (found && found->alive && found->kind == Allocation::device)
            simt::check::memory_written(reinterpret_cast<const void*>(found->base), found->bytes);
    }
#endif
}

}  // namespace

cudaError_t run(const Launch& launch, simt::KernelCall call) {
    // As kernel_signature() would: the rest of the emulator reads the name out of it.
    const std::string signature = std::string("[with kernel = ") + launch.kernel + "]";
    call.signature = signature.c_str();
    count_launch();
    const dim3 grid = launch.grid;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0)
        return failed_launch(launch, vitrine::join("kernel ", launch.kernel, ": grid (", grid.x,
                                                   ", ", grid.y, ", ", grid.z,
                                                   "); allowed are at least 1 in each"));
    try {
        const EmulatorRuns running;
        simt::run_grid(launch.grid, launch.block, launch.shared_bytes, call, launch.cooperative);
    } catch (const std::exception& error) {
        spare_outputs(call);
        return failed_launch(launch, error.what());
    }
    return cudaSuccess;
}

}  // namespace vitrine_cuda
