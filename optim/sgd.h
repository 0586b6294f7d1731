// Stochastic gradient descent.
#pragma once

#include "optimizer.h"

namespace vitrine::optim {

struct SGDOptions {
    double lr = 1e-3;         ///< >= 0
    double momentum = 0;      ///< >= 0
    double dampening = 0;     ///< of the gradient that momentum takes in; 0 with nesterov
    double weight_decay = 0;  ///< >= 0: adds weight_decay w to the gradient
    bool nesterov = false;    ///< needs momentum
};

/// w -= lr b with b = momentum b + (1 - dampening) (g + weight_decay w), b = g + weight_decay w at the first step; with
/// nesterov w -= lr (g + weight_decay w + momentum b). As torch.optim.SGD.
class SGD final : public Optimizer {
public:
    /// Throws Error for a parameter that cannot be stepped or an option out of range.
    explicit SGD(const std::vector<Tensor>& parameters, SGDOptions options = {}, Site site = Site::here());
    const SGDOptions& options() const { return options_; }

private:
    StateNames state_names() const override { return {nullptr, "momentum_buffer", nullptr}; }
    void visit_options(OptionVisitor& visit) override;
    void check_options(Site site) const override;
    void step_parameter(Tensor& w, const Tensor& g, State& state, double grad_scale, Site site) override;

    SGDOptions options_;
};

}  // namespace vitrine::optim
