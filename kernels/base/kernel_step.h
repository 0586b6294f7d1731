// The steps of the kernel ladders, from the kernel that first comes to mind to one that keeps a GPU busy.
//
// The files of a ladder stand beside each other, e.g. kernels/matmul/matmul_cuda_naive.cu, matmul_cuda_coalesced.cu,
// ...; each says in its head comment what it changes. docs/ladders.md compares them. Every step takes every shape and
// layout that the op
// takes, and both dtypes where nothing else is said.
#pragma once

namespace vitrine::kernels {

enum class KernelStep {
    automatic,       ///< the op's own kernels
    naive,           ///< a thread for a result, no thought of memory
    coalesced,       ///< neighbouring threads read neighbours in memory
    tiled,           ///< what is read again lies in shared memory
    register_tiled,  ///< what a thread reads again lies in its registers
    vectorised,      ///< 16 bytes at a time
    tensor_cores,    ///< matmul of f32 alone: factors rounded to 16 bits, multiplied by a warp as a whole
};

}  // namespace vitrine::kernels
