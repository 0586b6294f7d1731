// The exercises of docs/course: what is to be solved, a file each. `cmake --build build/PRESET --target solve_NAME` runs
// the check of one; examples/exercises/solutions holds one solution of each.
#pragma once

#include <vitrine/vitrine.h>

#include "vitrine/kernels/base/device.h"

namespace exercises {

/// Chapter 1: dx = dL/dx of y = softmax(x), from y and dy = dL/dy.
void softmax_gradient(const double* y, const double* dy, double* dx, int n);

/// Chapter 2: y = x sigmoid(x), with a node of its own.
vitrine::Tensor swish(const vitrine::Tensor& x);

/// Chapter 3: y_i, the mean of x_(i-1), x_i and x_(i+1), of which those that do not exist count as 0.
void smooth(vitrine::kernels::Simt, const float* x, float* y, int n);

/// Chapter 4: y_i = x_0 + ... + x_i for n up to 256.
void running_sum(vitrine::kernels::Simt, const float* x, float* y, int n);

/// Chapter 5: C = A B^T for A and B of (32 blocks) x (32 blocks), and where element (row, column) of the tile of B lies
/// in shared memory.
void matmul_transposed(vitrine::kernels::Simt, const float* a, const float* b, float* c, int blocks);
int tile_place(int row, int column);
constexpr int tile_size = 32 * 40;  // words that the tile may take

}  // namespace exercises
