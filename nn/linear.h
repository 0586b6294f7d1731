// A linear map of the last dimension.
#pragma once

#include <cstdint>

#include "module.h"

namespace vitrine::nn {

struct LinearOptions {
    bool bias = true;
    DType dtype = DType::f32;     ///< f32 or f64
    Device device = Device::cpu;
};

/// y = x weight^T + bias: x (..., in_features), y (..., out_features). weight and bias start uniform in
/// +-1 / sqrt(in_features), as torch.nn.Linear. The weight's columns lie together in memory, so that the product reads
/// both factors in order.
class Linear : public Module<Linear> {
public:
    /// Throws Error for a negative size, a dtype that is not floating, or a device that is not available.
    Linear(std::int64_t in_features, std::int64_t out_features, LinearOptions options = {}, Site site = Site::here());

    /// Throws Error unless the last size of x is in_features.
    Tensor forward(const Tensor& x) const;
    /// relu(forward(x)) as one op. Hooks do not run: linear_relu(linear, x) of nn/fused.h looks for them.
    Tensor forward_relu(const Tensor& x) const;
    /// Draws weight and bias again.
    void reset_parameters();
    Linear clone() const;

    void members(Members& m) override;
    std::string describe() const override;

    std::int64_t in_features() const { return weight.shape()[1]; }
    std::int64_t out_features() const { return weight.shape()[0]; }

    Tensor weight;  ///< (out_features, in_features)
    Tensor bias;    ///< (out_features), or undefined

private:
    void check(const Tensor& x) const;
};

}  // namespace vitrine::nn
