#include "errors.h"

#include <array>

#include "api.h"
#include "findings.h"

namespace vitrine_cuda {

namespace {

cudaError_t last = cudaSuccess, sticky = cudaSuccess;

struct Description {
    cudaError_t error;
    const char *name, *text;
};

constexpr std::array descriptions{
    Description{cudaSuccess, "cudaSuccess", "no error"},
    Description{cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    Description{cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    Description{cudaErrorInitializationError, "cudaErrorInitializationError",
                "initialization error"},
    Description{cudaErrorCudartUnloading, "cudaErrorCudartUnloading", "driver shutting down"},
    Description{cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration",
                "invalid configuration argument"},
    Description{cudaErrorInvalidPitchValue, "cudaErrorInvalidPitchValue",
                "invalid pitch argument"},
    Description{cudaErrorInvalidSymbol, "cudaErrorInvalidSymbol", "invalid device symbol"},
    Description{cudaErrorInvalidHostPointer, "cudaErrorInvalidHostPointer",
                "invalid host pointer"},
    Description{cudaErrorInvalidDevicePointer, "cudaErrorInvalidDevicePointer",
                "invalid device pointer"},
    Description{cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection",
                "invalid copy direction for memcpy"},
    Description{cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
                "CUDA driver version is insufficient for CUDA runtime version"},
    Description{cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction",
                "invalid device function"},
    Description{cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    Description{cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    Description{cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle",
                "invalid resource handle"},
    Description{cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    Description{cudaErrorIllegalAddress, "cudaErrorIllegalAddress",
                "an illegal memory access was encountered"},
    Description{cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources",
                "too many resources requested for launch"},
    Description{cudaErrorLaunchTimeout, "cudaErrorLaunchTimeout",
                "the launch timed out and was terminated"},
    Description{cudaErrorPeerAccessAlreadyEnabled, "cudaErrorPeerAccessAlreadyEnabled",
                "peer access is already enabled"},
    Description{cudaErrorPeerAccessNotEnabled, "cudaErrorPeerAccessNotEnabled",
                "peer access has not been enabled"},
    Description{cudaErrorAssert, "cudaErrorAssert", "device-side assert triggered"},
    Description{cudaErrorHostMemoryAlreadyRegistered, "cudaErrorHostMemoryAlreadyRegistered",
                "part or all of the requested memory range is already mapped"},
    Description{cudaErrorHostMemoryNotRegistered, "cudaErrorHostMemoryNotRegistered",
                "pointer does not correspond to a registered memory region"},
    Description{cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    Description{cudaErrorCooperativeLaunchTooLarge, "cudaErrorCooperativeLaunchTooLarge",
                "too many blocks in cooperative launch"},
    Description{cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    Description{cudaErrorUnknown, "cudaErrorUnknown", "unknown error"},
};

const Description* find(cudaError_t error) {
    for (const Description& d : descriptions)
        if (d.error == error) return &d;
    return nullptr;
}

}  // namespace

cudaError_t note(cudaError_t error) {
    if (error != cudaSuccess) last = error;
    return error;
}

cudaError_t note(cudaError_t error, const std::string& finding, const char* file, int line) {
    record_finding(finding, file, line);
    return note(error);
}

void set_failed(cudaError_t error) { sticky = last = error; }
cudaError_t failed() { return sticky; }
void clear_failed() { sticky = last = cudaSuccess; }

}  // namespace vitrine_cuda

cudaError_t cudaGetLastError() {
    const cudaError_t error = vitrine_cuda::last;
    vitrine_cuda::last = vitrine_cuda::sticky;
    return error;
}
cudaError_t cudaPeekAtLastError() { return vitrine_cuda::last; }

const char* cudaGetErrorName(cudaError_t error) {
    const vitrine_cuda::Description* d = vitrine_cuda::find(error);
    return d ? d->name : "unrecognized error code";
}
const char* cudaGetErrorString(cudaError_t error) {
    const vitrine_cuda::Description* d = vitrine_cuda::find(error);
    return d ? d->text : "unrecognized error code";
}
