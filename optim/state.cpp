#include "state.h"

#include <span>

#include "vitrine/core/ops/creation.h"

namespace vitrine::optim {

Tensor Taking::take(const std::string& key, const Shape& shape, DType dtype) {
    const auto found = left_.find(key);
    call_.check(found != left_.end(), key, " is missing");
    const Tensor x = found->second;
    left_.erase(found);
    call_.check(x.defined() && x.shape() == shape && x.dtype() == dtype, key, " is ",
                x.defined() ? join(x.shape(), " ", x.dtype()) : "undefined", "; allowed is ", shape, " ", dtype);
    return x;
}

void Taking::finish() const {
    if (!left_.empty()) call_.fail(left_.begin()->first + " is unknown");
}

Tensor number_tensor(double value) { return scalar(value, {.dtype = DType::f64}); }
Tensor count_tensor(std::int64_t value) {
    return from_values(std::span<const std::int64_t>(&value, 1), {}, {.dtype = DType::i64});
}

}  // namespace vitrine::optim
