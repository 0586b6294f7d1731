// Whose kernels multiply matrices on device cuda.
#pragma once

#include "vitrine/core/site.h"

namespace vitrine {

enum class MatmulBackend {
    own,          ///< kernels/matmul: the same everywhere, and to be read
    cublas,       ///< NVIDIA's cuBLAS
    cublas_tf32,  ///< the same; f32 products may round their factors to 10 bits of fraction (TF32), for tensor cores
};

/// From now on, in every thread, matmul and linear on device cuda (forward and backward) run on this backend. What
/// cuBLAS does not take, such as batches of two strides or empty products, stays with our kernels; so does everything
/// while a step of the kernel ladder is chosen (core/ladder.h). Other devices do not change. Throws Error for cublas
/// where device cuda is not available.
void matmul_backend(MatmulBackend backend, Site site = Site::here());

/// The one in use; `own` unless another was chosen.
MatmulBackend matmul_backend();

}  // namespace vitrine
