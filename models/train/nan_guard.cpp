#include "nan_guard.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <vector>

#include "vitrine/core/node.h"

namespace vitrine::models {
namespace {

// Every node that y was computed by, in the order of calls.
std::vector<Node*> nodes_before(const Tensor& y) {
    std::vector<Node*> nodes;
    std::unordered_set<Node*> seen;
    const auto visit = [&](Node* node) {
        if (node && seen.insert(node).second) nodes.push_back(node);
    };
    visit(y.node());
    for (std::size_t i = 0; i < nodes.size(); ++i)  // the list grows while it is read
        for (const Edge& edge : nodes[i]->inputs()) visit(edge.node.get());
    std::ranges::sort(nodes, {}, [](const Node* node) { return node->sequence(); });
    return nodes;
}

bool made_one(const Node& node) {
    for (int i = 0; i < node.outputs(); ++i) {
        const Tensor value = node.kept_value(i);
        if (value.defined() && !all_finite(value)) return true;
    }
    return false;
}

}  // namespace

bool all_finite(const Tensor& x) {
    if (!is_floating(x.dtype())) return true;
    const std::vector<double> values = x.detach().to(DType::f64).to_vector<double>();
    return std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
}

std::string first_not_finite(const Tensor& y) {
    for (const Node* node : nodes_before(y))
        if (made_one(*node)) return join(node->name(), " (", node->site(), ")");
    return "";
}

std::string parameter_not_finite(const nn::AnyModule& model) {
    for (const auto& [name, w] : model.named_parameters())
        if (!all_finite(w)) return name;
    return "";
}

std::string gradient_not_finite(const nn::AnyModule& model) {
    for (const auto& [name, w] : model.named_parameters())
        if (w.grad().defined() && !all_finite(w.grad())) return name;
    return "";
}

}  // namespace vitrine::models
