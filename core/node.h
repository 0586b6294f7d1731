// The graph: nodes that ops record, and what a node keeps for its backward.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "anomaly.h"
#include "grad_mode.h"
#include "inline_vector.h"
#include "node_argument.h"
#include "operand.h"
#include "tensor.h"
#include "tensor_impl.h"
#include "witness.h"

namespace vitrine {

/// Where the gradient of one input goes: to an output of another node, into a leaf, or nowhere.
struct Edge {
    Ref<Node> node;
    Ref<TensorImpl> leaf;
    int output = 0;
    bool defined() const { return node || leaf; }
};

/// What backward is given and what it fills: dy for each output (undefined where nothing came back), dx for each input.
struct Grads {
    std::span<const Tensor> out;
    std::span<Tensor> in;
    const bool* wanted;
    /// False when nobody asks for input i's gradient: leave g.in[i] undefined.
    bool needs(std::size_t i) const { return wanted[i]; }
};

/// What forward is given and what it fills when a node runs again: see replay(). The inputs are those of record(), in its
/// order, undefined where a number or nothing was given.
struct NodeValues {
    std::span<const Tensor> in;
    std::span<Tensor> out;
    Device device;  // of the inputs and the outputs
    /// A tensor that the node keeps besides, on that device; an undefined one stays so.
    Tensor here(const Tensor& kept) const;
};

/// A tensor that a node keeps for backward. Reading it after an in-place change is an error, not a wrong gradient.
class Saved {
public:
    Saved() = default;
    /// Keeps an input, with its node, so that the backward can itself be differentiated.
    explicit Saved(const Tensor& input);
    /// Keeps output number `index` of the node: its storage without the node (else the node would own itself).
    static Saved output(const Tensor& y, int index = 0);

    /// The tensor; `self` is the node that keeps it. An output comes back with `self` for its node. Throws Error if
    /// the storage was changed in place since.
    Tensor unpack(Node& self) const;
    const Tensor& peek() const { return tensor_; }  ///< as kept, unchecked; undefined once released
    bool changed() const;                           ///< in place, since it was saved
    void release() { tensor_ = Tensor(); }

private:
    Tensor tensor_;
    std::uint32_t version_ = 0;
    int output_ = -1;  // -1: an input
};

/// What Node::saved() reports to: called with each saved tensor's name in the formula.
class SavedVisitor {
public:
    virtual void operator()(const char* name, Saved& saved) = 0;

protected:
    ~SavedVisitor() = default;
};

/// What a node keeps while a KeepValues lives, outside the graph: what went in and came out, forward and backward.
struct Kept {
    std::vector<Saved> inputs, outputs;
    std::vector<Tensor> output_gradients, input_gradients;  // of the latest backward; undefined where there was none
};

class Node;
/// Frees a node and, one after the other instead of one inside the other, every node that only it kept alive.
void destroy(Node* node);

/// One recorded call of an op. Derive a named struct whose fields are what backward needs.
class Node : public Counted, public Pooled {
public:
    virtual ~Node() = default;

    /// The op's name, as its errors print it.
    virtual const char* name() const = 0;
    /// Fills g.in from g.out by calling ops; never changes what it is given.
    virtual void backward(const Grads& g) = 0;
    /// Fills v.out from v.in by calling the op again. Throws Error unless the node has one of its own.
    virtual void forward(const NodeValues& v);
    /// Reports every Saved field with its name in the formula.
    virtual void saved(SavedVisitor&) {}
    /// What the op was told besides tensors, by the names of its declaration: a file of the call has them.
    virtual NodeArguments arguments() const { return {}; }

    const Site& site() const { return site_; }                ///< the user's call
    std::uint64_t sequence() const { return sequence_; }      ///< later nodes have larger numbers
    DType factors() const { return factors_; }                ///< autocast_dtype() of the forward
    const InlineVector<Edge, 2>& inputs() const { return inputs_; }
    int outputs() const { return static_cast<int>(shapes_.size()); }
    const Shape& output_shape(int i) const { return shapes_[static_cast<std::size_t>(i)]; }
    /// What was kept while a KeepValues lived; nullptr without one.
    const Kept* kept() const { return kept_.get(); }
    /// Output i's elements, outside the graph, if they were kept; else undefined.
    Tensor kept_value(int i) const;
    bool freed() const { return freed_; }                     ///< backward has run and did not retain the graph

    // ---- for record() and the engine
    void open(Site site);
    void add_input(const Tensor& x);
    /// Makes y the next output of this node.
    void add_output(Tensor& y) { add_output(y, Ref(this)); }
    void add_output(Tensor& y, Ref<Node> self);
    void free_saved();
    std::uint32_t profiled_module() const { return module_; }
    struct Watch {
        int output;
        Ref<GradSlot> slot;
    };
    std::vector<Watch> watches;  // outputs with hooks or a kept gradient

private:
    Site site_;
    std::uint64_t sequence_ = 0;
    InlineVector<Edge, 2> inputs_;
    InlineVector<Shape, 1> shapes_;  // of the outputs
    std::unique_ptr<Kept> kept_;
    DType factors_ = DType::f32;
    bool freed_ = false;
    std::uint32_t module_ = 0;   // that recorded it, while a profile is made
    Node* next_dead_ = nullptr;  // while it waits to be deleted
    friend class KeepValues;
    friend void destroy(Node* node);
};

/// True when an op on these tensors must record a node.
template <class... Tensors>
bool recording(const Tensors&... inputs) {
    return is_grad_enabled() && (inputs.requires_grad() || ...);
}

/// Records a node of type N that computed y from the inputs, and returns it so that the op can fill its fields:
///     if (recording(x)) record<SoftmaxNode>(call, y, x)->y = Saved::output(y);
template <class N, class... Inputs>
N* record(const Call& call, Tensor& y, const Inputs&... inputs) {
    if (detecting_anomaly()) [[unlikely]]
        check_made(call, y, {&inputs...});
    N* node = new N;
    Ref<Node> held = Ref<Node>::first(node);
    node->open(call.site());
    (node->add_input(inputs), ...);
    node->add_output(y, std::move(held));
    return node;
}

}  // namespace vitrine
