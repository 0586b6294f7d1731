#include "module_call.h"

#include <atomic>
#include <unordered_set>

#include "vitrine/core/node.h"

namespace vitrine::nn {
namespace {

#ifdef NDEBUG
std::atomic<bool> checking{false};
#else
std::atomic<bool> checking{true};
#endif

// Stands in the sequence of nodes where a call begins.
struct Marker final : Node {
    const char* name() const override { return "module call"; }
    void backward(const Grads&) override {}
};

std::uint64_t sequence_now(Site site) {
    const Ref<Node> marker(new Marker);
    marker->open(site);
    return marker->sequence();
}

}  // namespace

bool check_members_by_default() { return checking.load(std::memory_order_relaxed); }
void set_check_members(bool check) { checking.store(check, std::memory_order_relaxed); }

void ModuleCall::begin(const Operand& x) {
    if (x.is_number() || !x.tensor().defined())
        throw Error(join(module_.describe(), ": x is ", x.is_number() ? "a number" : "undefined",
                         "; allowed is a tensor (", site_, ")"));
    check_ = check_ && is_grad_enabled();
    if (!check_) return;
    inputs_.push_back(x.tensor());
    start_ = sequence_now(site_);
}

void ModuleCall::check_leaves(const std::vector<Tensor>& results) const {
    std::unordered_set<const TensorImpl*> known;
    for (const Tensor& x : inputs_) known.insert(x.impl());
    const Members members(module_);
    for (const auto& [name, tensor, is_buffer] : members.tensors()) known.insert(tensor->impl());

    std::vector<Node*> nodes;
    std::unordered_set<Node*> seen;
    const auto visit = [&](Node* node) {
        if (node && node->sequence() > start_ && seen.insert(node).second) nodes.push_back(node);
    };
    for (const Tensor& y : results)
        if (y.defined()) visit(y.node());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (const Edge& edge : nodes[i]->inputs()) {
            visit(edge.node.get());
            if (edge.leaf && !known.contains(edge.leaf.get()))
                throw Error(
                    join(module_.describe(), ": forward used a parameter ", edge.leaf->shape, " in ", nodes[i]->name(),
                         " (", nodes[i]->site(),
                         ") that members() does not report; add m(\"its name\", it) to members(), or detach() it (",
                         site_, ")"));
        }
    }
}

}  // namespace vitrine::nn
