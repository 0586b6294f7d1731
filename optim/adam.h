// Adam and AdamW.
#pragma once

#include "optimizer.h"

namespace vitrine::optim {

struct AdamOptions {
    double lr = 1e-3;         ///< >= 0
    double beta1 = 0.9;       ///< in [0, 1): of the mean of gradients
    double beta2 = 0.999;     ///< in [0, 1): of the mean of their squares
    double eps = 1e-8;        ///< >= 0
    double weight_decay = 0;  ///< >= 0: adds weight_decay w to the gradient
};
void visit_options(OptionVisitor& visit, AdamOptions& options);
void check_options(const Call& call, const AdamOptions& options);

/// Step t:  m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2,
///          w -= lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps).
/// Kingma and Ba, ICLR 2015. As torch.optim.Adam.
class Adam final : public OptimizerWith<AdamOptions> {
public:
    /// Throws Error for a parameter that cannot be stepped or an option out of range.
    explicit Adam(const std::vector<Tensor>& parameters, AdamOptions options = {}, Site site = Site::here());

private:
    StateNames state_names() const override { return {"step", "exp_avg", "exp_avg_sq"}; }
    void step_parameter(std::size_t group, Tensor& w, const Tensor& g, State& state, double grad_scale,
                        Site site) override;
};

struct AdamWOptions {
    double lr = 1e-3;            ///< >= 0
    double beta1 = 0.9;          ///< in [0, 1): of the mean of gradients
    double beta2 = 0.999;        ///< in [0, 1): of the mean of their squares
    double eps = 1e-8;           ///< >= 0
    double weight_decay = 1e-2;  ///< >= 0: shrinks w by the factor 1 - lr weight_decay each step
};
void visit_options(OptionVisitor& visit, AdamWOptions& options);
void check_options(const Call& call, const AdamWOptions& options);

/// Adam whose weight decay stays out of the means: w *= 1 - lr weight_decay, then Adam's step.
/// Loshchilov and Hutter, ICLR 2019. As torch.optim.AdamW.
class AdamW final : public OptimizerWith<AdamWOptions> {
public:
    /// Throws Error for a parameter that cannot be stepped or an option out of range.
    explicit AdamW(const std::vector<Tensor>& parameters, AdamWOptions options = {}, Site site = Site::here());

private:
    StateNames state_names() const override { return {"step", "exp_avg", "exp_avg_sq"}; }
    void step_parameter(std::size_t group, Tensor& w, const Tensor& g, State& state, double grad_scale,
                        Site site) override;
};

}  // namespace vitrine::optim
