// Embedding: rows of a table w (V, C), row-major, chosen by ids (N).
//
//   check      *bad = the first i with t_i < 0 or t_i >= V, else -1. The others want it to be -1.
//   forward    y_i  = w_t                            t = t_i;  y (N, C)
//   backward   dw_v = sum_{i : t_i = v} dy_i         dy (N, C);  dw_v = 0 for v = padding
//
// Sums are taken in the order of i, one addition after the other, on every device: the same bits at any number of
// threads. dw is written in full, rows that no id names become 0.
#pragma once

#include <cstdint>

#include "vitrine/kernels/base/device.h"

namespace vitrine::kernels {

struct EmbeddingShape {
    std::int64_t rows, cols;  // V, C of the table
    std::int64_t count;       // N
    std::int64_t padding;     // a row that gets no gradient; -1: none
};

void embedding_check(Cpu, const std::int64_t* t, std::int64_t* bad, EmbeddingShape n);
template <class T>
void embedding_forward(Cpu, const T* w, const std::int64_t* t, T* y, EmbeddingShape n);
template <class T>
void embedding_backward(Cpu, const std::int64_t* t, const T* dy, T* dw, EmbeddingShape n);

void embedding_check(Simt, const std::int64_t* t, std::int64_t* bad, EmbeddingShape n);
template <class T>
void embedding_forward(Simt, const T* w, const std::int64_t* t, T* y, EmbeddingShape n);
template <class T>
void embedding_backward(Simt, const std::int64_t* t, const T* dy, T* dw, EmbeddingShape n);

void embedding_check(Cuda, const std::int64_t* t, std::int64_t* bad, EmbeddingShape n);
template <class T>
void embedding_forward(Cuda, const T* w, const std::int64_t* t, T* y, EmbeddingShape n);
template <class T>
void embedding_backward(Cuda, const std::int64_t* t, const T* dy, T* dw, EmbeddingShape n);

}  // namespace vitrine::kernels
