#include "node.h"

#include <atomic>

#include "autocast.h"

namespace vitrine {
namespace {
std::atomic<std::uint64_t> next_sequence{1};
}  // namespace

void Node::open(Site site) {
    site_ = site;
    factors_ = autocast_dtype();
    sequence_ = next_sequence.fetch_add(1, std::memory_order_relaxed);
    if (profiling()) [[unlikely]]
        module_ = profile_recorded();
}

void Node::add_input(const Tensor& x) {
    Edge edge;
    if (x.defined() && x.requires_grad()) {
        TensorImpl* impl = x.impl();
        if (impl->node) {
            edge.node = impl->node;
            edge.output = impl->output_index;
        } else {
            edge.leaf = Ref(impl);
        }
    }
    inputs_.push_back(std::move(edge));
    if (witness) [[unlikely]]
        witness->took(*this, x);
}

void Node::add_output(Tensor& y, Ref<Node> self) {
    y.impl()->node = std::move(self);
    y.impl()->output_index = outputs();
    shapes_.push_back(y.shape());
    if (witness) [[unlikely]]
        witness->made(*this, y);
}

Tensor Node::kept_value(int i) const {
    return kept_ && static_cast<std::size_t>(i) < kept_->outputs.size() ? kept_->outputs[static_cast<std::size_t>(i)].peek() : Tensor();
}

void Node::forward(const NodeValues&) {
    Call(name(), site_).fail("the node cannot run again: its struct has no forward() beside its backward()");
}

Tensor NodeValues::here(const Tensor& kept) const { return kept.defined() ? kept.to(device) : kept; }

void Node::free_saved() {
    struct Release final : SavedVisitor {
        bool any = false;
        void operator()(const char*, Saved& saved) override {
            saved.release();
            any = true;
        }
    } release;
    saved(release);
    freed_ = release.any;  // a node that keeps nothing can run backward again
}

// Deleting a node drops its edges and saved tensors, which may be the last to hold other nodes. Those are put on
// a list and deleted here, so that a chain of a million nodes needs no deeper stack than one.
void destroy(Node* node) {
    thread_local constinit Node* dead = nullptr;
    thread_local constinit bool busy = false;  // this thread is in the loop below
    if (busy) {
        node->next_dead_ = dead;
        dead = node;
        return;
    }
    busy = true;
    while (node) {
        delete node;
        node = dead;
        if (node) dead = node->next_dead_;
    }
    busy = false;
}

Saved::Saved(const Tensor& input) : tensor_(input), version_(input.version()) {}

Saved Saved::output(const Tensor& y, int index) {
    Saved saved;
    saved.tensor_ = y.detach();
    saved.version_ = y.version();
    saved.output_ = index;
    return saved;
}

bool Saved::changed() const { return tensor_.defined() && tensor_.version() != version_; }

namespace {
const char* name_in(Node& node, const Saved* wanted) {
    struct Find final : SavedVisitor {
        const Saved* wanted;
        const char* found = "a tensor";
        void operator()(const char* name, Saved& saved) override {
            if (&saved == wanted) found = name;
        }
    } find;
    find.wanted = wanted;
    node.saved(find);
    return find.found;
}
}  // namespace

Tensor Saved::unpack(Node& self) const {
    const Call call(self.name(), self.site());
    call.check(tensor_.defined(), "the graph was already freed by an earlier backward; to run backward twice, give the first one "
                                  "{.retain_graph = true}");
    call.check(!changed(), name_in(self, this), ", saved for backward, was changed in place afterwards (version ",
               tensor_.version(), ", saved at ", version_, ")");
    if (output_ < 0) return tensor_;
    Tensor y = tensor_.detach();
    y.impl()->node = Ref(&self);
    y.impl()->output_index = output_;
    return y;
}

}  // namespace vitrine
