// Device tags. A kernel's entry point takes one as its first argument, and overload resolution picks
// the file: softmax_forward(Cpu{}, ...) is in softmax_cpu.cpp, softmax_forward(Simt{}, ...) in
// softmax_cuda.cu as the host compiler sees it, softmax_forward(Cuda{stream}, ...) as nvcc sees it.
#pragma once

struct CUstream_st;  // cudaStream_t is a pointer to this

namespace vitrine::kernels {

struct Cpu {};
struct Simt {};
struct Cuda {
    CUstream_st* stream = nullptr;
};

}  // namespace vitrine::kernels
