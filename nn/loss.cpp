#include "loss.h"

namespace vitrine::nn {

Tensor CrossEntropyLoss::forward(const Tensor& x, const Tensor& target) const {
    return cross_entropy(x, target, options_);
}

Tensor BCEWithLogitsLoss::forward(const Tensor& x, const Tensor& target) const {
    return binary_cross_entropy_with_logits(x, target, options_);
}

Tensor MSELoss::forward(const Tensor& x, const Tensor& target) const {
    return mse_loss(x, target, options_);
}

}  // namespace vitrine::nn
