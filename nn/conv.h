// Convolutions with weights of their own.
#pragma once

#include <cstdint>

#include "module.h"
#include "vitrine/core/ops/conv.h"

namespace vitrine::nn {

struct Conv2dOptions {
    Pair2 stride = 1, padding = 0, dilation = 1;  ///< as in vitrine::conv2d
    std::int64_t groups = 1;
    bool bias = true;
    DType dtype = DType::f32;  ///< f32 or f64
    Device device = Device::cpu;
};

/// y = conv2d(x, weight, bias): x (N, in_channels, H, W), y (N, out_channels, P, Q). weight and bias start uniform in
/// +-1 / sqrt(in_channels / groups * kernel height * kernel width), as torch.nn.Conv2d. The weight lies in memory as
/// the kernels read it (conv_weight_strides).
class Conv2d final : public Module<Conv2d> {
public:
    /// Throws Error for sizes or options that do not fit together, a dtype that is not floating, or a device that is
    /// not available.
    Conv2d(std::int64_t in_channels, std::int64_t out_channels, Pair2 kernel_size, Conv2dOptions options = {},
           Site site = Site::here());

    /// Throws Error unless x is (N, in_channels, H, W) and no smaller than the kernel.
    Tensor forward(const Tensor& x) const;
    /// Draws weight and bias again.
    void reset_parameters();
    Conv2d clone() const;

    void members(Members& m) override;
    std::string describe() const override;

    std::int64_t in_channels() const { return weight.shape()[1] * options_.groups; }
    std::int64_t out_channels() const { return weight.shape()[0]; }
    Pair2 kernel_size() const { return {weight.shape()[2], weight.shape()[3]}; }
    const ConvOptions& options() const { return options_; }

    Tensor weight;  ///< (out_channels, in_channels / groups, kernel height, kernel width)
    Tensor bias;    ///< (out_channels), or undefined

private:
    ConvOptions options_;
};

struct Conv1dOptions {
    std::int64_t stride = 1, padding = 0, dilation = 1, groups = 1;
    bool bias = true;
    DType dtype = DType::f32;  ///< f32 or f64
    Device device = Device::cpu;
};

/// y = conv1d(x, weight, bias): x (N, in_channels, L), y (N, out_channels, Q); otherwise as Conv2d.
class Conv1d final : public Module<Conv1d> {
public:
    Conv1d(std::int64_t in_channels, std::int64_t out_channels, std::int64_t kernel_size, Conv1dOptions options = {},
           Site site = Site::here());

    /// Throws Error unless x is (N, in_channels, L) and no shorter than the kernel.
    Tensor forward(const Tensor& x) const;
    void reset_parameters();
    Conv1d clone() const;

    void members(Members& m) override;
    std::string describe() const override;

    std::int64_t in_channels() const { return weight.shape()[1] * options_.groups; }
    std::int64_t out_channels() const { return weight.shape()[0]; }
    std::int64_t kernel_size() const { return weight.shape()[2]; }
    const vitrine::Conv1dOptions& options() const { return options_; }

    Tensor weight;  ///< (out_channels, in_channels / groups, kernel size)
    Tensor bias;    ///< (out_channels), or undefined

private:
    vitrine::Conv1dOptions options_;
};

struct ConvTranspose2dOptions {
    Pair2 stride = 1, padding = 0, output_padding = 0, dilation = 1;  ///< as in vitrine::conv_transpose2d
    std::int64_t groups = 1;
    bool bias = true;
    DType dtype = DType::f32;  ///< f32 or f64
    Device device = Device::cpu;
};

/// y = conv_transpose2d(x, weight, bias): x (N, in_channels, H, W), y (N, out_channels, P, Q). weight and bias start
/// uniform in +-1 / sqrt(out_channels / groups * kernel height * kernel width), as torch.nn.ConvTranspose2d.
class ConvTranspose2d final : public Module<ConvTranspose2d> {
public:
    ConvTranspose2d(std::int64_t in_channels, std::int64_t out_channels, Pair2 kernel_size,
                    ConvTranspose2dOptions options = {}, Site site = Site::here());

    /// Throws Error unless x is (N, in_channels, H, W) and y is not empty.
    Tensor forward(const Tensor& x) const;
    void reset_parameters();
    ConvTranspose2d clone() const;

    void members(Members& m) override;
    std::string describe() const override;

    std::int64_t in_channels() const { return weight.shape()[0]; }
    std::int64_t out_channels() const { return weight.shape()[1] * options_.groups; }
    Pair2 kernel_size() const { return {weight.shape()[2], weight.shape()[3]}; }
    const ConvTransposeOptions& options() const { return options_; }

    Tensor weight;  ///< (in_channels, out_channels / groups, kernel height, kernel width)
    Tensor bias;    ///< (out_channels), or undefined

private:
    ConvTransposeOptions options_;
};

}  // namespace vitrine::nn
