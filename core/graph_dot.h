// A picture of the graph.
#pragma once

#include <string>

#include "tensor.h"

namespace vitrine {

/// The graph behind y as text for Graphviz (`dot -Tsvg`): a box for each node with its op, output shape and the user's
/// line, an ellipse for each leaf with its name ("x1", ... where `names` gives none), shape and value; arrows go the way
/// the values went. Nodes recorded while a KeepValues lived (core/witness.h) show their values too; tensors of more than
/// eight elements show the first ones.
std::string graph_dot(const Tensor& y, const std::vector<std::pair<std::string, Tensor>>& names = {});

}  // namespace vitrine
