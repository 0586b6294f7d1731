// The error that cudaGetLastError() gives.
#pragma once

#include <string>

#include "types.h"

namespace vitrine_cuda {

/// Remembers `error`, unless it is cudaSuccess, and returns it.
cudaError_t note(cudaError_t error);
/// Likewise, with a finding for the programmer.
cudaError_t note(cudaError_t error, const std::string& finding, const char* file, int line);

/// A kernel failed: until cudaDeviceReset() this is what cudaDeviceSynchronize() and its like give.
/// Launches and copies go on, unlike on a GPU: there may be more to find.
void set_failed(cudaError_t error);
cudaError_t failed();
void clear_failed();

}  // namespace vitrine_cuda
