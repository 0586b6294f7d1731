#include "clip.h"

#include "optimizer.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/optimizer.h"

namespace vitrine::optim {
namespace {

std::vector<Tensor> gradients(const std::vector<Tensor>& parameters) {
    std::vector<Tensor> found;
    for (const Tensor& w : distinct(parameters))
        if (w.grad().defined()) found.push_back(w.grad());
    return found;
}

}  // namespace

double grad_norm(const std::vector<Tensor>& parameters, Site site) { return total_norm(gradients(parameters), site); }

double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm, Site site) {
    Call("clip_grad_norm_", site).check(max_norm >= 0, "max_norm ", max_norm, "; allowed is 0 or more");
    const std::vector<Tensor> found = gradients(parameters);
    const double norm = total_norm(found, site);
    const double factor = max_norm / (norm + 1e-6);
    if (factor >= 1) return norm;  // not so for NaN

    scale_all(found, factor, site);
    return norm;
}

void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value, Site site) {
    Call("clip_grad_value_", site).check(clip_value >= 0, "clip_value ", clip_value, "; allowed is 0 or more");
    clamp_all(gradients(parameters), clip_value, site);
}

}  // namespace vitrine::optim
