// Walking the graph backward.
#pragma once

#include <vector>

#include "tensor.h"

namespace vitrine {

/// How grad() works; a flat aggregate.
struct GradOptions {
    std::vector<Tensor> grad_outputs = {};  ///< gradient of each output; empty: 1 for outputs of one element
    bool retain_graph = false;              ///< keep what the nodes saved
    bool create_graph = false;              ///< make the results differentiable; retains the graph
    bool allow_unused = false;              ///< an input that no output depends on gives an undefined tensor, not an Error
};

/// sum over outputs of grad_output . d(output)/d(input), for each input (a leaf or not). Leaves' grad() is not touched,
/// and nodes that lead to no input do not run. Throws Error as Tensor::backward does.
std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs, GradOptions options = {},
                         Site site = Site::here());

/// d y_i / d x_j of a tensor y by a tensor x that it was computed from, shape (y's shape..., x's shape...): one backward
/// walk for each element of y. The graph is retained.
Tensor jacobian(const Tensor& y, const Tensor& x, Site site = Site::here());

}  // namespace vitrine
