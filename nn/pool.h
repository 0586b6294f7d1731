// Pooling and upsampling as modules: each calls the op of its name (core/ops/pool.h, core/ops/upsample.h). Names are
// PyTorch's.
#pragma once

#include <cstdint>

#include "module.h"
#include "vitrine/core/ops/pool.h"
#include "vitrine/core/ops/upsample.h"

namespace vitrine::nn {

/// y = max_pool2d(x, kernel_size, options) of images (N, C, H, W).
class MaxPool2d final : public Module<MaxPool2d> {
public:
    explicit MaxPool2d(Pair2 kernel_size, MaxPool2dOptions options = {}) : kernel_(kernel_size), options_(options) {}
    Tensor forward(const Tensor& x) const;
    MaxPool2d clone() const { return Module::clone(kernel_, options_); }
    std::string describe() const override;

private:
    Pair2 kernel_;
    MaxPool2dOptions options_;
};

/// y = max_pool1d(x, kernel_size, options) of sequences (N, C, L).
class MaxPool1d final : public Module<MaxPool1d> {
public:
    explicit MaxPool1d(std::int64_t kernel_size, MaxPool1dOptions options = {})
        : kernel_(kernel_size), options_(options) {}
    Tensor forward(const Tensor& x) const;
    MaxPool1d clone() const { return Module::clone(kernel_, options_); }
    std::string describe() const override;

private:
    std::int64_t kernel_;
    MaxPool1dOptions options_;
};

/// y = avg_pool2d(x, kernel_size, options) of images (N, C, H, W).
class AvgPool2d final : public Module<AvgPool2d> {
public:
    explicit AvgPool2d(Pair2 kernel_size, AvgPool2dOptions options = {}) : kernel_(kernel_size), options_(options) {}
    Tensor forward(const Tensor& x) const;
    AvgPool2d clone() const { return Module::clone(kernel_, options_); }
    std::string describe() const override;

private:
    Pair2 kernel_;
    AvgPool2dOptions options_;
};

/// y = avg_pool1d(x, kernel_size, options) of sequences (N, C, L).
class AvgPool1d final : public Module<AvgPool1d> {
public:
    explicit AvgPool1d(std::int64_t kernel_size, AvgPool1dOptions options = {})
        : kernel_(kernel_size), options_(options) {}
    Tensor forward(const Tensor& x) const;
    AvgPool1d clone() const { return Module::clone(kernel_, options_); }
    std::string describe() const override;

private:
    std::int64_t kernel_;
    AvgPool1dOptions options_;
};

/// y = adaptive_avg_pool2d(x, output_size) of images (N, C, H, W).
class AdaptiveAvgPool2d final : public Module<AdaptiveAvgPool2d> {
public:
    explicit AdaptiveAvgPool2d(Pair2 output_size) : size_(output_size) {}
    Tensor forward(const Tensor& x) const;
    AdaptiveAvgPool2d clone() const { return Module::clone(size_); }
    std::string describe() const override;

private:
    Pair2 size_;
};

/// y = adaptive_avg_pool1d(x, output_size) of sequences (N, C, L).
class AdaptiveAvgPool1d final : public Module<AdaptiveAvgPool1d> {
public:
    explicit AdaptiveAvgPool1d(std::int64_t output_size) : size_(output_size) {}
    Tensor forward(const Tensor& x) const;
    AdaptiveAvgPool1d clone() const { return Module::clone(size_); }
    std::string describe() const override;

private:
    std::int64_t size_;
};

struct UpsampleOptions {
    Pair2 size = 0;                  ///< of y; 0: by the scale factor
    UpsampleScale scale_factor = 0;  ///< 0: to the size
};

/// y = upsample_nearest(x, size) or upsample_nearest_by(x, scale_factor) of images (N, C, H, W) or sequences (N, C, L).
class Upsample final : public Module<Upsample> {
public:
    /// Throws Error unless there is a size or a scale factor, and not both.
    explicit Upsample(UpsampleOptions options, Site site = Site::here());
    Tensor forward(const Tensor& x) const;
    Upsample clone() const { return Module::clone(options_); }
    std::string describe() const override;

private:
    UpsampleOptions options_;
};

}  // namespace vitrine::nn
