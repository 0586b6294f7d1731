#include "core/tensor.h"

namespace consumer {
int rank_of(const Tensor& x) { return x.rank; }
}  // namespace consumer
