// The dimensions of a tensor as its memory has them. Private to core/ops.
#pragma once

#include <algorithm>
#include <vector>

#include "tensor.h"

namespace vitrine {

/// The dimensions of more than one element, or of none, the innermost in memory first; where strides tie, later ones first.
inline std::vector<int> memory_order(const Tensor& x) {
    std::vector<int> order;
    for (int d = x.dim() - 1; d >= 0; --d)
        if (x.shape()[d] != 1) order.push_back(d);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return x.strides()[a] < x.strides()[b]; });
    return order;
}

}  // namespace vitrine
