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
void visit_options(OptionVisitor& visit, SGDOptions& options);
void check_options(const Call& call, const SGDOptions& options);

/// w -= lr b with b = momentum b + (1 - dampening) (g + weight_decay w), b = g + weight_decay w at the first step; with
/// nesterov w -= lr (g + weight_decay w + momentum b). As torch.optim.SGD.
class SGD final : public OptimizerWith<SGDOptions> {
public:
    /// Throws Error for a parameter that cannot be stepped or an option out of range.
    explicit SGD(const std::vector<Tensor>& parameters, SGDOptions options = {}, Site site = Site::here());

private:
    StateNames state_names() const override { return {nullptr, "momentum_buffer", nullptr}; }
    void step_parameter(std::size_t group, Tensor& w, const Tensor& g, State& state, double grad_scale,
                        Site site) override;
};

}  // namespace vitrine::optim
