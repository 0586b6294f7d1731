#include "activation.h"

#include "vitrine/core/ops/softmax.h"

namespace vitrine::nn {

Tensor ReLU::forward(const Tensor& x) const { return relu(x); }
Tensor LeakyReLU::forward(const Tensor& x) const { return leaky_relu(x, negative_slope_); }
Tensor GELU::forward(const Tensor& x) const { return gelu(x, approximation_); }
Tensor SiLU::forward(const Tensor& x) const { return silu(x); }
Tensor Sigmoid::forward(const Tensor& x) const { return sigmoid(x); }
Tensor Tanh::forward(const Tensor& x) const { return tanh(x); }
Tensor Softplus::forward(const Tensor& x) const { return softplus(x, beta_, threshold_); }
Tensor Softmax::forward(const Tensor& x) const { return softmax(x, axis_); }
Tensor LogSoftmax::forward(const Tensor& x) const { return log_softmax(x, axis_); }

std::string LeakyReLU::describe() const { return join("LeakyReLU(", negative_slope_, ')'); }
std::string GELU::describe() const { return approximation_ == GeluApproximation::tanh ? "GELU(tanh)" : "GELU"; }
std::string Softplus::describe() const { return join("Softplus(", beta_, ", ", threshold_, ')'); }
std::string Softmax::describe() const { return join("Softmax(", axis_, ')'); }
std::string LogSoftmax::describe() const { return join("LogSoftmax(", axis_, ')'); }

}  // namespace vitrine::nn
