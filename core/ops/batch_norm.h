// Batch normalisation.
#pragma once

#include "vitrine/core/operand.h"

namespace vitrine {

struct BatchNormOptions {
    bool training = false;  ///< use the statistics of x and update the running ones; else use the running ones
    double momentum = 0.1;  ///< weight of the new statistics in the running ones
    double eps = 1e-5;      ///< added to the variance
};

/// y = (x - mean) / sqrt(var + eps) weight + bias for each channel c of x (N, C), (N, C, L) or (N, C, H, W), f32 or
/// f64; y's channels lie together in memory. (Ioffe and Szegedy, ICML 2015.) Training: mean and var are those of x over
/// all but dimension 1, and with the momentum they move into running_mean and running_var (which gets the unbiased
/// variance), as in PyTorch. Else mean and var are the running ones. weight, bias, running_mean and running_var are (C)
/// or undefined; the running ones come as a pair, and inference needs them. Without any image y is empty and nothing
/// moves. Throws Error for other shapes or dtypes, or in training for one value per channel.
Tensor batch_norm(Operand x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                  const Tensor& running_var, BatchNormOptions options = {});

/// y = max(0, batch_norm(x, ...)), in the pass that writes y.
Tensor batch_norm_relu(Operand x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                       const Tensor& running_var, BatchNormOptions options = {});
/// y = max(0, batch_norm(x, ...) + residual), the end of a residual block, in the pass that writes y. residual has x's
/// shape, dtype and device, else Error.
Tensor batch_norm_add_relu(Operand x, const Tensor& residual, const Tensor& weight, const Tensor& bias,
                           const Tensor& running_mean, const Tensor& running_var, BatchNormOptions options = {});

/// Gradients of batch_norm's x, weight and bias, and of batch_norm_add_relu's residual.
struct BatchNormGrads {
    Tensor dx, dw, db, dr = {};
};
/// From x, the mean and 1 / sqrt(var + eps) that the forward used, and dy:
/// db = sum dy, dw = sum dy xhat, dx = weight rstd (dy - db / m - xhat dw / m), in inference weight rstd dy.
BatchNormGrads batch_norm_backward(Operand x, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                                   const Tensor& dy, BatchNormOptions options);
/// The same behind a relu, from its y: with dy where y > 0 and 0 elsewhere in place of dy.
BatchNormGrads batch_norm_relu_backward(Operand x, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                                        const Tensor& y, const Tensor& dy, BatchNormOptions options);
/// The same with the residual's gradient, dr = dy where y > 0 and 0 elsewhere.
BatchNormGrads batch_norm_add_relu_backward(Operand x, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                                            const Tensor& y, const Tensor& dy, BatchNormOptions options);

}  // namespace vitrine
