#include "witness.h"

#include "node.h"

namespace vitrine {

thread_local constinit Witness* witness = nullptr;

Witness::Witness() : outer_(witness) { witness = this; }
Witness::~Witness() { witness = outer_; }

namespace {

Kept& made_on_first_use(std::unique_ptr<Kept>& kept) {
    if (!kept) kept = std::make_unique<Kept>();
    return *kept;
}

Tensor outside_graph(const Tensor& x) { return x.defined() ? x.detach() : x; }
Saved saved(const Tensor& x) { return x.defined() ? Saved(x.detach()) : Saved(); }

std::vector<Tensor> outside_graph(std::span<const Tensor> tensors) {
    std::vector<Tensor> kept;
    for (const Tensor& x : tensors) kept.push_back(outside_graph(x));
    return kept;
}

}  // namespace

void KeepValues::took(Node& node, const Tensor& x) { made_on_first_use(node.kept_).inputs.push_back(saved(x)); }
void KeepValues::made(Node& node, Tensor& y) { made_on_first_use(node.kept_).outputs.push_back(saved(y)); }
void KeepValues::walked(Node& node, std::span<const Tensor> dy, std::span<Tensor> dx) {
    Kept& kept = made_on_first_use(node.kept_);
    kept.output_gradients = outside_graph(dy);
    kept.input_gradients = outside_graph(dx);
}

}  // namespace vitrine
