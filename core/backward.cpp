#include "backward.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "autocast.h"
#include "node.h"
#include "pending.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/binary_sum.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine {
namespace {

Edge edge_to(const Tensor& x) {
    if (x.node()) return {Ref(x.node()), {}, x.output_index()};
    return {{}, Ref(x.impl()), 0};
}

const void* key_of(const Edge& edge) { return edge.node ? static_cast<const void*>(edge.node.get()) : edge.leaf.get(); }

// Nobody but this handle can see the elements.
bool unshared(const Tensor& x) {
    return x.impl()->count.load(std::memory_order_acquire) == 1 && x.impl()->storage.unique() && !x.impl()->storage->owner;
}

// The sum of two gradients; 16-bit floats meet in f32.
Tensor plus(const Tensor& g, const Tensor& w) {
    if (!is_half(g.dtype())) return add(g, w);
    return to(add(to(g, DType::f32), to(w, DType::f32)), g.dtype());
}

// sum = sum + g: in place when that cannot be noticed.
void accumulate(Tensor& sum, Tensor g) {
    if (!sum.defined())
        sum = std::move(g);
    else if (!is_half(sum.dtype()) && !is_grad_enabled() && unshared(sum) && is_dense(sum.shape(), sum.strides()) &&
             sum.dtype() == g.dtype())
        add_in_place(sum, g);
    else
        sum = plus(sum, g);
}

// Several host threads may finish walks over shared leaves at the same time.
std::mutex& leaf_mutex(const TensorImpl* leaf) {
    static std::mutex mutexes[16];
    return mutexes[reinterpret_cast<std::uintptr_t>(leaf) / 64 % 16];
}

// Adds g to the leaf's grad(). A leaf's gradient has the leaf's strides, so that fused optimizer steps run flat.
void add_to_leaf(TensorImpl& leaf, Tensor g) {
    const std::lock_guard lock(leaf_mutex(&leaf));
    if (!leaf.slot) leaf.slot = Ref(new GradSlot);
    Tensor& grad = leaf.slot->grad;
    const bool fits = same_layout(leaf.shape, leaf.strides, g.strides());
    if (grad.defined() && is_grad_enabled()) {
        grad = plus(grad, g);
    } else if (grad.defined()) {
        NoGrad no_grad;
        if (is_half(leaf.dtype))
            grad.copy_(plus(grad, g));
        else
            grad.add_(g);
    } else if (is_grad_enabled() || (fits && unshared(g)) || !is_dense(leaf.shape, leaf.strides)) {
        grad = std::move(g);
    } else {
        grad = make_tensor(leaf.shape, leaf.strides, leaf.dtype, leaf.device());
        grad.copy_(g);
    }
}

void run_hooks(GradSlot& slot, Tensor& g) {
    for (const auto& hook : slot.hooks)
        if (Tensor replaced = hook(g); replaced.defined()) g = std::move(replaced);
}

/// One walk from the outputs to the leaves, or to chosen inputs.
class Walk {
public:
    Walk(bool retain_graph, bool create_graph) : retain_graph_(retain_graph || create_graph), mode_(create_graph) {}

    void start_at(const Tensor& y, Tensor g) {
        roots_.push_back(y);
        deliver(edge_to(y), std::move(g));
    }

    /// Stops at these inputs and fills `results` instead of leaves' grad().
    void aim_at(const std::vector<Tensor>& inputs, std::vector<Tensor>& results);

    void run() {
        while (!pending_.empty()) {
            Pending place = pending_.take_latest();
            if (place.leaf) {
                finish_leaf(place);
            } else {
                run_node(*place.node, place.grads);
            }
        }
    }

private:
    bool wanted(const Edge& edge) const { return edge.defined() && (!results_ || reaches_.contains(key_of(edge))); }

    void deliver(const Edge& edge, Tensor g) { accumulate(pending_.at(edge).grads[static_cast<std::size_t>(edge.output)], std::move(g)); }

    void finish_leaf(Pending& place) {
        Tensor& g = place.grads[0];
        TensorImpl& leaf = *place.leaf;
        if (leaf.slot) run_hooks(*leaf.slot, g);
        if (results_)
            capture(&leaf, 0, g);
        else
            add_to_leaf(leaf, std::move(g));
    }

    void capture(const void* key, int output, const Tensor& g) {
        const auto [first, last] = aims_.equal_range(key);
        for (auto aim = first; aim != last; ++aim)
            if (aim->second.output == output) (*results_)[aim->second.result] = g;
    }

    void run_node(Node& node, InlineVector<Tensor, 2>& dy);

    struct Aim {
        int output;
        std::size_t result;
    };
    bool retain_graph_;
    GradMode mode_;
    std::vector<Tensor> roots_;  // keep the graph alive whatever hooks do
    PendingSet pending_;
    std::vector<Tensor>* results_ = nullptr;
    std::unordered_multimap<const void*, Aim> aims_;
    std::unordered_set<const void*> reaches_;  // places from which an aim can be reached, when there are aims
};

void Walk::run_node(Node& node, InlineVector<Tensor, 2>& dy) {
    for (const Node::Watch& watch : node.watches) {
        Tensor& g = dy[static_cast<std::size_t>(watch.output)];
        if (!g.defined()) continue;
        run_hooks(*watch.slot, g);
        if (watch.slot->retain) watch.slot->grad = watch.slot->grad.defined() ? plus(watch.slot->grad, g) : g;
    }
    if (results_)
        for (std::size_t i = 0; i < dy.size(); ++i) capture(&node, static_cast<int>(i), dy[i]);

    const auto& edges = node.inputs();
    InlineVector<Tensor, 4> dx(edges.size());
    InlineVector<bool, 4> needs(edges.size());
    bool any = false;
    for (std::size_t i = 0; i < edges.size(); ++i) any |= needs[i] = wanted(edges[i]);
    if (!any) return;

    const SiteScope scope(node.site());  // ops called by the node name the line of its forward
    const Autocast as_forward(node.factors());
    const Call call(node.name(), node.site());
    if (profiling()) [[unlikely]]
        profile_backward(node.profiled_module());
    call.check(!node.freed(), "the graph was already freed by an earlier backward; to run backward twice, give the first one "
                              "{.retain_graph = true}");
    node.backward({{dy.begin(), dy.size()}, {dx.begin(), dx.size()}, needs.begin()});
    if (detecting_anomaly()) [[unlikely]]
        check_made(call, node, {dy.begin(), dy.size()}, {dx.begin(), dx.size()});
    if (witness) [[unlikely]]
        witness->walked(node, {dy.begin(), dy.size()}, {dx.begin(), dx.size()});
    if (!retain_graph_) node.free_saved();
    dy = {};
    for (std::size_t i = 0; i < edges.size(); ++i) {
        if (!needs[i] || !dx[i].defined()) continue;
        const Shape& shape = edges[i].node ? edges[i].node->output_shape(edges[i].output) : edges[i].leaf->shape;
        call.check(dx[i].shape() == shape, "backward gave input ", i, " a gradient ", dx[i].shape(), "; the input is ", shape);
        deliver(edges[i], std::move(dx[i]));
    }
}

void Walk::aim_at(const std::vector<Tensor>& inputs, std::vector<Tensor>& results) {
    results_ = &results;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Edge edge = edge_to(inputs[i]);
        aims_.insert({key_of(edge), {edge.output, i}});
        reaches_.insert(key_of(edge));
    }
    // Every node behind the roots, earliest first: its inputs' answers are known when its turn comes.
    std::vector<Node*> nodes;
    std::unordered_set<Node*> seen;
    const auto visit = [&](Node* node) {
        if (node && seen.insert(node).second) nodes.push_back(node);
    };
    for (const Tensor& root : roots_) visit(root.node());
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const Edge& edge : nodes[i]->inputs()) visit(edge.node.get());
    std::sort(nodes.begin(), nodes.end(), [](Node* a, Node* b) { return a->sequence() < b->sequence(); });
    for (Node* node : nodes)
        for (const Edge& edge : node->inputs())
            if (edge.defined() && reaches_.contains(key_of(edge))) reaches_.insert(node);
}

// The gradient to start from: what the user gave, checked, or 1.
Tensor seed_for(const Call& call, const Tensor& y, const Tensor& gradient) {
    call.check(y.defined(), "the tensor is undefined");
    call.check(y.requires_grad(), "the tensor ", y.shape(), " does not require grad: no leaf that it was computed from does");
    if (!gradient.defined()) {
        call.check(y.numel() == 1, "the tensor is ", y.shape(), "; without a gradient argument it must have one element");
        return full(y.shape(), 1.0, {.dtype = y.dtype(), .device = y.device()});
    }
    call.check(gradient.shape() == y.shape() && gradient.dtype() == y.dtype() && gradient.device() == y.device(), "the gradient is ",
               gradient.shape(), " ", gradient.dtype(), " on ", gradient.device(), ", the tensor ", y.shape(), " ", y.dtype(), " on ", y.device());
    return gradient;
}

}  // namespace

void Tensor::backward(BackwardOptions options, Site site) const { backward(Tensor(), options, site); }

void Tensor::backward(const Tensor& gradient, BackwardOptions options, Site site) const {
    const Call call("backward", site);
    if (profiling()) [[unlikely]]
        profile_region();
    Walk walk(options.retain_graph, options.create_graph);
    walk.start_at(*this, seed_for(call, *this, gradient));
    walk.run();
}

std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs, GradOptions options, Site site) {
    const Call call("grad", site);
    if (profiling()) [[unlikely]]
        profile_region();
    call.check(options.grad_outputs.empty() || options.grad_outputs.size() == outputs.size(), options.grad_outputs.size(),
               " grad_outputs for ", outputs.size(), " outputs");
    for (const Tensor& x : inputs) call.check(x.defined() && x.requires_grad(), "an input does not require grad");
    std::vector<Tensor> results(inputs.size());
    Walk walk(options.retain_graph, options.create_graph);
    for (std::size_t i = 0; i < outputs.size(); ++i)
        walk.start_at(outputs[i], seed_for(call, outputs[i], options.grad_outputs.empty() ? Tensor() : options.grad_outputs[i]));
    walk.aim_at(inputs, results);
    walk.run();
    for (std::size_t i = 0; i < results.size(); ++i)
        call.check(results[i].defined() || options.allow_unused, "input ", i, " ", inputs[i].shape(),
                   " was not used to compute the outputs; allow that with {.allow_unused = true}");
    return results;
}

Tensor jacobian(const Tensor& y, const Tensor& x, Site site) {
    const Call call("jacobian", site);
    call.check(y.defined() && x.defined() && x.requires_grad(), "y and x must be defined and x must require grad");
    Shape shape = y.shape();
    for (std::int64_t size : x.shape()) shape.push_back(size);
    const NoGrad no_grad;
    Tensor rows = zeros({y.numel(), x.numel()}, {.dtype = x.dtype(), .device = x.device()});
    for (std::int64_t i = 0; i < y.numel(); ++i) {
        Tensor one_hot = zeros({y.numel()}, {.dtype = y.dtype(), .device = y.device()});
        one_hot.select(0, i).fill_(1);
        const auto dx = grad({y}, {x}, {.grad_outputs = {one_hot.reshape(y.shape())}, .retain_graph = true, .allow_unused = true}, site);
        if (dx[0].defined()) rows.select(0, i).copy_(dx[0].reshape({x.numel()}));
    }
    return rows.reshape(shape);
}

}  // namespace vitrine
