#include "replay.h"

#include "autocast.h"
#include "backward.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine {
namespace {

/// The input as the node's backward keeps it: the saved tensor that has the input's place in the graph.
Tensor found_in_saved(Node& node, const Edge& edge) {
    struct Find final : SavedVisitor {
        const Edge* edge;
        Tensor found;
        void operator()(const char*, Saved& saved) override {
            const Tensor& x = saved.peek();
            if (!x.defined() || saved.changed()) return;
            const bool same = edge->node ? x.node() == edge->node.get() && x.output_index() == edge->output
                                         : x.impl() == edge->leaf.get();
            if (same) found = x.detach();
        }
    } find;
    find.edge = &edge;
    if (edge.defined()) node.saved(find);
    return find.found;
}

std::vector<Tensor> unchanged(const Call& call, const std::vector<Saved>& kept, const char* what) {
    std::vector<Tensor> tensors;
    for (const Saved& x : kept) {
        if (x.changed()) call.fail(join(what, " ", tensors.size(), " ", x.peek().shape(), " was changed in place since"));
        tensors.push_back(x.peek());
    }
    return tensors;
}

std::vector<Tensor> inputs_of(const Call& call, Node& node) {
    if (node.kept()) return unchanged(call, node.kept()->inputs, "input");
    std::vector<Tensor> inputs;
    for (const Edge& edge : node.inputs()) {
        inputs.push_back(found_in_saved(node, edge));
        call.check(inputs.back().defined(), "input ", inputs.size() - 1,
                   " was not kept for replay; run the forward while a vt::KeepValues lives");
    }
    return inputs;
}

/// Gradients to start from: one for each output that is part of the graph.
std::vector<Tensor> gradients_for(const Call& call, const Node& node, const ReplayOptions& options,
                                  const std::vector<Tensor>& outputs) {
    std::vector<Tensor> given = options.output_gradients;
    if (given.empty() && node.kept()) given = node.kept()->output_gradients;
    call.check(given.empty() || given.size() == outputs.size(), given.size(), " output_gradients; it has ", outputs.size(),
               " outputs");
    std::vector<Tensor> dy;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (given.empty())
            dy.push_back(outputs[i].requires_grad() ? ones_like(outputs[i].detach()) : Tensor());
        else
            dy.push_back(given[i].defined() ? given[i].detach().to(outputs[i].device()) : Tensor());
    }
    return dy;
}

}  // namespace

NodeCall replay(Node* node, const ReplayOptions& options, Site site) {
    Call("replay", site).check(node != nullptr, "the node is null; a leaf was made by no op");
    const SiteScope scope(node->site());
    const Call call(node->name(), node->site());
    const GradMode recording(true);
    const Autocast as_recorded(node->factors());

    NodeCall again{.op = node->name(), .site = node->site()};
    std::vector<Tensor> asked;
    Device device = options.device.value_or(Device::cpu);
    const std::vector<Tensor> kept = inputs_of(call, *node);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (kept[i].defined() && !options.device) device = kept[i].device();
        Tensor x = kept[i].defined() ? kept[i].to(device).detach() : Tensor();
        if (node->inputs()[i].defined()) asked.push_back(x.requires_grad_());
        again.inputs.push_back(x);
    }

    std::vector<Tensor> outputs(static_cast<std::size_t>(node->outputs()));
    node->forward({again.inputs, outputs, device});
    again.output_gradients = gradients_for(call, *node, options, outputs);

    std::vector<Tensor> reached, dy;
    for (std::size_t i = 0; i < outputs.size(); ++i)
        if (again.output_gradients[i].defined()) reached.push_back(outputs[i]), dy.push_back(again.output_gradients[i]);
    std::vector<Tensor> dx;
    if (!reached.empty()) dx = grad(reached, asked, {.grad_outputs = dy, .allow_unused = true});
    again.input_gradients.resize(kept.size());
    for (std::size_t i = 0, next = 0; i < kept.size(); ++i) {
        if (!node->inputs()[i].defined()) continue;
        if (!dx.empty()) again.input_gradients[i] = dx[next++];
        again.inputs[i] = again.inputs[i].detach();
    }
    for (const Tensor& y : outputs) again.outputs.push_back(y.detach());
    return again;
}

NodeCall kept_call(Node* node, Site site) {
    Call("kept_call", site).check(node != nullptr, "the node is null; a leaf was made by no op");
    const Call call(node->name(), node->site());
    call.check(node->kept() != nullptr, "nothing was kept; run the forward while a vt::KeepValues lives");
    const Kept& kept = *node->kept();
    NodeCall own{.op = node->name(), .site = node->site()};
    own.inputs = unchanged(call, kept.inputs, "input");
    own.outputs = unchanged(call, kept.outputs, "output");
    own.output_gradients = kept.output_gradients, own.input_gradients = kept.input_gradients;
    own.output_gradients.resize(own.outputs.size()), own.input_gradients.resize(own.inputs.size());
    return own;
}

}  // namespace vitrine
