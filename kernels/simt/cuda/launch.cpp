#include "launch.h"

#include <exception>
#include <string>

#include "vitrine/kernels/base/error.h"

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
        return failed_launch(launch, error.what());
    }
    return cudaSuccess;
}

}  // namespace vitrine_cuda
