// y = x^T of 32 x 32 numbers through a tile in shared memory: docs/profile.md shows what its lines cost.
// grid    one block
// block   32 x 32 threads; thread (i, j) takes one number in and one out
#pragma once

#include "vitrine/kernels/base/gpu.h"

template <int columns>
__global__ void transpose(const float* x, float* y) {
    __shared__ float tile[32][columns];
    const unsigned i = threadIdx.y, j = threadIdx.x;
    tile[i][j] = x[i * 32 + j];
    __syncthreads();
    y[i * 32 + j] = tile[j][i];
}
