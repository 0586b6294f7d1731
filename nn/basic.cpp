#include "basic.h"

#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/view.h"

namespace vitrine::nn {

Tensor Flatten::forward(const Tensor& x) const { return flatten(x, first_, last_); }
std::string Flatten::describe() const { return join("Flatten(", first_, ", ", last_, ')'); }

Dropout::Dropout(double p, Site site) : p_(p) {
    Call("Dropout", site).check(p >= 0 && p <= 1, "p ", p, "; allowed is 0 to 1");
}
Tensor Dropout::forward(const Tensor& x) const { return dropout(x, p_, is_training()); }
Tensor Dropout::forward_add(const Tensor& x, const Tensor& residual) const {
    return dropout_add(x, residual, p_, is_training());
}
std::string Dropout::describe() const { return join("Dropout(", p_, ')'); }

}  // namespace vitrine::nn
