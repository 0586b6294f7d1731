// RMSprop.
#pragma once

#include "optimizer.h"

namespace vitrine::optim {

struct RMSpropOptions {
    double lr = 1e-2;         ///< >= 0
    double alpha = 0.99;      ///< in [0, 1): of the mean of squared gradients
    double eps = 1e-8;        ///< >= 0
    double weight_decay = 0;  ///< >= 0: adds weight_decay w to the gradient
    double momentum = 0;      ///< >= 0
    bool centered = false;    ///< divide by an estimate of the standard deviation instead
};
void visit_options(OptionVisitor& visit, RMSpropOptions& options);
void check_options(const Call& call, const RMSpropOptions& options);

/// v = alpha v + (1 - alpha) g^2,  w -= lr g / (sqrt(v) + eps). Centered: a = alpha a + (1 - alpha) g and
/// sqrt(v - a^2) in place of sqrt(v). With momentum b = momentum b + g / (...), w -= lr b.
/// Tieleman and Hinton, 2012; centered: Graves, 2013. As torch.optim.RMSprop.
class RMSprop final : public OptimizerWith<RMSpropOptions> {
public:
    /// Throws Error for a parameter that cannot be stepped or an option out of range.
    explicit RMSprop(const std::vector<Tensor>& parameters, RMSpropOptions options = {}, Site site = Site::here());

private:
    StateNames state_names() const override { return {"step", "square_avg", "grad_avg", "momentum_buffer", false}; }
    void step_parameter(std::size_t group, Tensor& w, const Tensor& g, State& state, double grad_scale,
                        Site site) override;
};

}  // namespace vitrine::optim
