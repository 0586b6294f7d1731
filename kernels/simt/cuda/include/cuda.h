// CUDA_VERSION and the run-time library. The functions of the driver (cuInit, ...) are not emulated.
#pragma once
#include "vitrine/kernels/simt/cuda/prelude.h"
