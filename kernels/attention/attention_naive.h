// The formulas of attention.h as plain loops on the CPU, row by row, each score computed where it is needed. isa() ==
// Isa::naive takes them (the preset learn, VITRINE_ISA=naive); a test compares the tiled kernels with them.
#pragma once

#include "attention.h"

namespace vitrine::kernels {

template <class T>
void attention_forward_naive(const AttentionForward<T>& x, const AttentionShape& n);
template <class T>
void attention_backward_naive(const AttentionBackward<T>& x, const AttentionShape& n);

}  // namespace vitrine::kernels
