// Products as checked calls: what matmul, linear and what is made of them have in common. Private to core/ops.
#pragma once

#include <concepts>

#include "matmul_backend.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/ladder.h"
#include "vitrine/core/node.h"
#include "vitrine/core/workspace.h"
#include "vitrine/kernels/matmul/matmul.h"
#include "vitrine/kernels/matmul/matmul_cublas.h"

namespace vitrine {

/// The product as kernels see it, of two operands with at least two dimensions each, as they lie in memory. Batch dimensions
/// that lie behind each other in both become one; the last one becomes rows of A where b is the same for all of them: one
/// large product instead of many small ones. `batch` is what batch_shape() says.
kernels::MatmulShape product_shape(const Shape& a, const Strides& a_strides, const Shape& b, const Strides& b_strides, const Shape& batch);

/// Leading dimensions of a product: those of a and b broadcast against each other. Throws Error when they do not fit.
Shape batch_shape(const Call& call, const Shape& a, const Shape& b);

/// Throws Error for f64 where the step of the ladder that is chosen multiplies f32 alone.
void check_product_step(const Call& call, const Tensor& x, const char* letter);

/// y = a b, checked; y is made, and nothing is in it yet.
struct MatmulCall {
    Call call;
    bool a_vector, b_vector;
    Tensor a, b;  ///< of two dimensions or more
    kernels::MatmulShape s;
    Tensor y;

    MatmulCall(const Operand& a_given, const Tensor& b_given);
};

/// y = x weight^T + bias, checked; y is made, and nothing is in it yet.
struct LinearCall {
    Call call;
    Tensor x, weight, bias;  ///< bias may be undefined
    Tensor dense_bias;       ///< without gaps
    kernels::MatmulShape s;
    Tensor y;

    LinearCall(const char* op, const Operand& x_given, const Tensor& weight, const Tensor& bias);

    /// For the kernel: the bias alone. Set the rest of it for more.
    template <class T>
    kernels::MatmulEpilogue<T> epilogue_of() const {
        return {.bias = raw_or_null<T>(dense_bias)};
    }
};

/// C by cuBLAS: false unless it was chosen and takes this product.
template <class T>
bool by_cublas(kernels::Cuda on, const T* a, const T* b, T* c, const kernels::MatmulShape& s, const kernels::MatmulEpilogue<T>& e) {
    const MatmulBackend backend = matmul_backend();
    if (backend == MatmulBackend::own || s.step != KernelStep::automatic || e.has_more() || e.accumulate) return false;
    if (std::same_as<T, float> && s.bf16_factors) return false;
    return kernels::matmul_cublas<T>(on, a, b, e.bias, c, s, backend == MatmulBackend::cublas_tf32);
}

/// y = a b + bias (may be undefined) of tensors of bf16: summed in f32, and rounded once at the end.
void multiply_bf16(const Call& call, const Tensor& a, const Tensor& b, const Tensor& bias, Tensor& y, const kernels::MatmulShape& s);

/// Gradients of the weight and the bias of z = x weight^T + bias, inputs 1 and 2 of `node`, by dz. That of x is dz weight.
void linear_backward_parameters(Node& node, const Saved& x, const Saved& weight, const Tensor& dz, const Grads& g);

/// x with all but its last dimension joined.
Tensor joined_rows(const Tensor& x, Site site);

}  // namespace vitrine
