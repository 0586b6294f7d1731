// Normalisations with weights and statistics of their own. Names and defaults are PyTorch's.
#pragma once

#include <cstdint>
#include <optional>

#include "module.h"

namespace vitrine::nn {

struct BatchNormOptions {
    double eps = 1e-5;
    std::optional<double> momentum = 0.1;  ///< nothing: the running statistics are the plain averages of all batches
    bool affine = true;                    ///< weight and bias
    bool track_running_stats = true;       ///< else each batch's own statistics, in eval mode too
    DType dtype = DType::f32;              ///< f32 or f64
    Device device = Device::cpu;
};

/// y = batch_norm(x, weight, bias, running_mean, running_var): what BatchNorm1d and BatchNorm2d share. weight starts as
/// 1, bias 0, running_mean 0, running_var 1. In training mode the statistics of x are used and the running ones
/// updated; in eval mode the running ones are used.
template <class Derived>
class BatchNorm : public Module<Derived> {
public:
    /// Throws Error for negative num_features, an eps that is not above 0, a dtype that is not floating, or a device
    /// that is not available.
    explicit BatchNorm(std::int64_t num_features, BatchNormOptions options = {}, Site site = Site::here());

    /// Throws Error for another number of dimensions or channels, and in training mode for one value per channel.
    Tensor forward(const Tensor& x) const;
    /// relu(forward(x)) and relu(forward(x) + residual), each as one op. Hooks do not run: batch_norm_relu(bn, x) and
    /// batch_norm_add_relu(bn, x, residual) of nn/fused.h look for them.
    Tensor forward_relu(const Tensor& x) const;
    Tensor forward_add_relu(const Tensor& x, const Tensor& residual) const;
    /// weight 1, bias 0, and the statistics as at the start.
    void reset_parameters();
    void reset_running_stats();
    Derived clone() const;

    void members(Members& m) override;
    std::string describe() const override;

    std::int64_t num_features() const { return num_features_; }

    Tensor weight, bias;               ///< (num_features), or undefined
    Tensor running_mean, running_var;  ///< (num_features), or undefined
    Tensor num_batches_tracked;        ///< i64, (), or undefined

private:
    template <class Op>
    Tensor run(const Tensor& x, Op op) const;

    std::int64_t num_features_;
    BatchNormOptions options_;
};

/// Of x (N, C) or (N, C, L).
class BatchNorm1d final : public BatchNorm<BatchNorm1d> {
public:
    using BatchNorm::BatchNorm;
    static constexpr const char *type = "BatchNorm1d", *allowed = "(N, C) and (N, C, L)";
    static bool fits(int dims) { return dims == 2 || dims == 3; }
};

/// Of images x (N, C, H, W).
class BatchNorm2d final : public BatchNorm<BatchNorm2d> {
public:
    using BatchNorm::BatchNorm;
    static constexpr const char *type = "BatchNorm2d", *allowed = "(N, C, H, W)";
    static bool fits(int dims) { return dims == 4; }
};

extern template class BatchNorm<BatchNorm1d>;
extern template class BatchNorm<BatchNorm2d>;

struct LayerNormOptions {
    double eps = 1e-5;
    bool affine = true;        ///< weight and bias
    bool bias = true;          ///< with affine: a bias too
    DType dtype = DType::f32;  ///< f32 or f64
    Device device = Device::cpu;
};

/// y = layer_norm(x, shape, weight, bias): over the last dimensions. weight starts as 1, bias 0.
class LayerNorm final : public Module<LayerNorm> {
public:
    /// Throws Error for a shape without dimensions or with a negative size, and as BatchNorm.
    explicit LayerNorm(const Shape& normalized_shape, LayerNormOptions options = {}, Site site = Site::here());
    explicit LayerNorm(std::int64_t size, LayerNormOptions options = {}, Site site = Site::here());

    /// Throws Error unless x's last sizes are normalized_shape().
    Tensor forward(const Tensor& x) const;
    void reset_parameters();
    LayerNorm clone() const;

    void members(Members& m) override;
    std::string describe() const override;

    const Shape& normalized_shape() const { return shape_; }

    Tensor weight, bias;  ///< normalized_shape(), or undefined

private:
    Shape shape_;
    LayerNormOptions options_;
};

struct GroupNormOptions {
    double eps = 1e-5;
    bool affine = true;        ///< weight and bias
    DType dtype = DType::f32;  ///< f32 or f64
    Device device = Device::cpu;
};

/// y = group_norm(x, num_groups, weight, bias) of x (N, num_channels, ...). weight starts as 1, bias 0.
class GroupNorm final : public Module<GroupNorm> {
public:
    /// Throws Error unless num_groups divides num_channels, and as BatchNorm.
    GroupNorm(std::int64_t num_groups, std::int64_t num_channels, GroupNormOptions options = {},
              Site site = Site::here());

    /// Throws Error unless x has num_channels channels.
    Tensor forward(const Tensor& x) const;
    void reset_parameters();
    GroupNorm clone() const;

    void members(Members& m) override;
    std::string describe() const override;

    Tensor weight, bias;  ///< (num_channels), or undefined

private:
    std::int64_t num_groups_, num_channels_;
    GroupNormOptions options_;
};

}  // namespace vitrine::nn
