#include "loss.h"

namespace vitrine::nn {
namespace {

// The weight of the classes is a buffer: it moves to a device with the module.
void report(Members& m, CrossEntropyOptions& options) {
    m("reduction", options.reduction), m("ignore_index", options.ignore_index), m("label_smoothing", options.label_smoothing);
    m.buffer("weight", options.weight);
}

}  // namespace

void CrossEntropyLoss::members(Members& m) { report(m, options_); }
void NLLLoss::members(Members& m) { report(m, options_); }

Tensor CrossEntropyLoss::forward(const Tensor& x, const Tensor& target) const {
    return cross_entropy(x, target, options_);
}

Tensor BCEWithLogitsLoss::forward(const Tensor& x, const Tensor& target) const {
    return binary_cross_entropy_with_logits(x, target, options_);
}

Tensor MSELoss::forward(const Tensor& x, const Tensor& target) const {
    return mse_loss(x, target, options_);
}

Tensor NLLLoss::forward(const Tensor& x, const Tensor& target) const { return nll_loss(x, target, options_); }

Tensor L1Loss::forward(const Tensor& x, const Tensor& target) const { return l1_loss(x, target, options_); }

Tensor SmoothL1Loss::forward(const Tensor& x, const Tensor& target) const { return smooth_l1_loss(x, target, options_); }

Tensor HuberLoss::forward(const Tensor& x, const Tensor& target) const { return huber_loss(x, target, options_); }

Tensor BCELoss::forward(const Tensor& x, const Tensor& target) const { return binary_cross_entropy(x, target, options_); }

Tensor KLDivLoss::forward(const Tensor& x, const Tensor& target) const { return kl_div(x, target, options_); }

}  // namespace vitrine::nn
