#include "verify.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <typeinfo>
#include <unordered_map>
#include <unordered_set>

#include "backward.h"
#include "generator.h"
#include "node.h"
#include "vitrine/core/ops/random.h"

namespace vitrine::verify {
namespace {

/// A tensor's numbers in row-major order.
struct Numbers {
    Shape shape;
    std::vector<double> values;
    bool f64 = false;

    explicit Numbers(const Tensor& x) {
        if (!x.defined()) return;
        const NoGrad no_grad;
        shape = x.shape(), f64 = x.dtype() == DType::f64;
        values = x.detach().to(DType::f64).to_vector<double>();
    }
    double largest() const {
        double most = 0;
        for (const double v : values)
            if (std::isfinite(v)) most = std::max(most, std::fabs(v));
        return most;
    }
    /// As short as it can be told from its neighbours.
    std::string text(std::size_t i) const {
        char digits[64];
        const auto end = f64 ? std::to_chars(digits, digits + sizeof digits, values[i])
                             : std::to_chars(digits, digits + sizeof digits, static_cast<float>(values[i]));
        return {digits, end.ptr};
    }
};

Shape index_in(const Shape& shape, std::size_t element) {
    Shape index = shape;
    auto rest = static_cast<std::int64_t>(element);
    for (int d = shape.dims() - 1; d >= 0; --d) index[d] = rest % shape[d], rest /= shape[d];
    return index;
}

/// "input 0 (2, 3) holds 1, [2], 3 at (1, 0..2)": x around an index of a result, which is counted from the last dimension,
/// as in broadcasting, and ends where x ends.
std::string around(const std::string& what, const Numbers& x, const Shape& index) {
    if (x.values.empty()) return "";
    Shape at = x.shape;
    std::size_t element = 0;
    for (int d = 0; d < x.shape.dims(); ++d) {
        const int from = d + index.dims() - x.shape.dims();
        at[d] = from < 0 ? 0 : std::min(index[from], x.shape[d] - 1);
        element = element * static_cast<std::size_t>(x.shape[d]) + static_cast<std::size_t>(at[d]);
    }
    std::string text = join("; ", what, " ", x.shape, " holds ");
    const std::int64_t column = x.shape.dims() ? at.back() : 0, columns = x.shape.dims() ? x.shape.back() : 1;
    if (column > 0) text += x.text(element - 1) + ", ";
    text += "[" + x.text(element) + "]";
    if (column + 1 < columns) text += ", " + x.text(element + 1);
    return join(text, " around ", at);
}

struct Difference {
    std::size_t element = 0;
    double allowed = 0, share = 0;  // the largest |p - q| / allowed
    bool found = false;
};

bool same(double p, double q) { return p == q || (std::isnan(p) && std::isnan(q)); }

Difference compare(const Numbers& p, const Numbers& q, double tolerance, double given) {
    const double eps = p.f64 ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
    Difference d{.allowed = tolerance * p.largest() + 16 * eps * given};
    for (std::size_t i = 0; i < p.values.size() && !d.found; ++i) {
        if (same(p.values[i], q.values[i])) continue;
        const double apart = std::fabs(p.values[i] - q.values[i]);
        d.found = !(apart <= d.allowed);
        d.element = i;
        if (!d.found) d.share = std::max(d.share, apart / d.allowed);
    }
    return d;
}

// A node that is just being recorded may not know its name yet: the op fills its fields afterwards.
std::string name_of(const Node& node) { return join(*node.name() ? node.name() : "another op", " (", node.site(), ")"); }

/// The run on device a: every node, in the order of its making.
class First final : public KeepValues {
public:
    void made(Node& node, Tensor& y) override {
        KeepValues::made(node, y);
        if (node.outputs() == 1) nodes.emplace_back(&node);
    }
    std::vector<Ref<Node>> nodes;
};

/// The run on device b, held against the first.
class Second final : public Witness {
public:
    Second(const Call& call, Device a, Device b, const std::vector<Ref<Node>>& nodes, const LockstepOptions& options)
        : call_(call), a_(a), b_(b), nodes_(nodes), options_(options) {}

    void took(Node&, const Tensor&) override {}

    void made(Node& node, Tensor& y) override {
        const int output = node.outputs() - 1;
        if (output == 0) follow(node);
        const Node& first = *nodes_[places_.at(&node)];
        const Tensor wanted = first.kept_value(output);
        call_.check(wanted.defined() && wanted.shape() == y.shape() && wanted.dtype() == y.dtype(), name_of(node), " made ",
                    y.shape(), " ", y.dtype(), " on ", b_, " and ", name_of(first), " something else on ", a_);
        const NoGrad no_grad;
        double given = 0;
        for (const Saved& x : first.kept()->inputs) given = std::max(given, Numbers(x.peek()).largest());
        Tensor value = y.detach();
        if (check(first, join("output ", output), wanted, value, given, {})) value.copy_(wanted);
        ++found.nodes;
    }

    void walked(Node& node, std::span<const Tensor> dy, std::span<Tensor> dx) override {
        const auto place = places_.find(&node);
        call_.check(place != places_.end(), "backward came to ", name_of(node), " on ", b_, ", which forward did not record");
        const Node& first = *nodes_[place->second];
        const std::vector<Tensor>& wanted = first.kept()->input_gradients;
        call_.check(wanted.size() == dx.size(), "backward came to ", name_of(node), " on ", b_, " and not on ", a_);
        double given = 0;
        for (const Tensor& g : dy) given = std::max(given, Numbers(g).largest());
        for (std::size_t i = 0; i < dx.size(); ++i) {
            call_.check(wanted[i].defined() == dx[i].defined(), "the backward of ", name_of(node), " made a gradient of input ", i,
                        " on ", dx[i].defined() ? b_ : a_, " alone");
            if (!dx[i].defined()) continue;
            if (check(first, join("the gradient of input ", i), wanted[i], dx[i], given, dy)) dx[i] = wanted[i].to(b_);
            ++found.gradients;
        }
    }

    void finish() const {
        call_.check(next_ == nodes_.size(), "the run on ", b_, " ended after ", next_, " nodes; on ", a_, " there follows ",
                    next_ < nodes_.size() ? name_of(*nodes_[next_]) : "");
    }

    Lockstep found;

private:
    void follow(Node& node) {
        call_.check(next_ < nodes_.size(), name_of(node), " is recorded on ", b_, "; on ", a_, " the forward ended before it");
        const Node& first = *nodes_[next_];
        call_.check(typeid(first) == typeid(node), "node ", next_, " is ", name_of(node), " on ", b_, " and ", name_of(first),
                    " on ", a_);
        kept_alive_.emplace_back(&node);
        places_[&node] = next_++;
    }

    double tolerance(const Node& node, DType dtype) const {
        const auto own = options_.of_op.find(node.name());
        if (own != options_.of_op.end()) return own->second;
        return dtype == DType::f64 ? options_.f64_tolerance : options_.f32_tolerance;
    }

    /// Throws at a difference. True when q is near p and not the same.
    bool check(const Node& node, const std::string& what, const Tensor& on_a, const Tensor& on_b, double given,
               std::span<const Tensor> dy) {
        const Numbers p(on_a), q(on_b);
        const Difference d = compare(p, q, tolerance(node, on_a.dtype()), given);
        found.closest = std::max(found.closest, d.share);
        if (!d.found) return d.share > 0;

        const Shape index = index_in(p.shape, d.element);
        std::string text = join(what, " ", p.shape, " at ", index, " is ", q.text(d.element), " on ", b_, " and ", p.text(d.element),
                                " on ", a_, "; they may lie ", static_cast<float>(d.allowed), " apart");
        for (std::size_t i = 0; i < dy.size(); ++i)
            text += around(join("the gradient of output ", i), Numbers(dy[i]), index);
        for (std::size_t i = 0; i < node.kept()->inputs.size(); ++i)
            text += around(join("input ", i), Numbers(node.kept()->inputs[i].peek()), index);
        Call(node.name(), node.site()).fail(text);
    }

    const Call& call_;
    Device a_, b_;
    const std::vector<Ref<Node>>& nodes_;
    const LockstepOptions& options_;
    std::size_t next_ = 0;
    std::unordered_map<const Node*, std::size_t> places_;
    std::vector<Ref<Node>> kept_alive_;  // so that no other node gets its address
};

/// Every leaf behind y.
std::vector<Tensor> leaves_of(const Tensor& y) {
    std::vector<Tensor> leaves;
    std::vector<Node*> nodes;
    std::unordered_set<const void*> seen;
    const auto visit = [&](Node* node) {
        if (node && seen.insert(node).second) nodes.push_back(node);
    };
    visit(y.node());
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const Edge& edge : nodes[i]->inputs()) {
            visit(edge.node.get());
            if (edge.leaf && seen.insert(edge.leaf.get()).second) leaves.emplace_back(edge.leaf);
        }
    return leaves;
}

void run_backward(const Call& call, const Tensor& y, std::uint64_t seed) {
    Generator generator(seed);
    const Tensor dy = y.numel() == 1 ? Tensor() : randn(y.shape(), {.dtype = y.dtype()}, generator).to(y.device());
    GradOptions options;
    if (dy.defined()) options.grad_outputs = {dy};
    grad({y}, leaves_of(y), options, call.site());
}

Tensor run_forward(const Call& call, Device device, const std::function<Tensor(Device)>& forward) {
    const Tensor y = forward(device);
    call.check(y.defined() && y.requires_grad() && y.device() == device, "forward(", device, ") must make a tensor on ", device,
               " that requires grad");
    return y;
}

}  // namespace

Lockstep run_both(Device a, Device b, const std::function<Tensor(Device)>& forward, const LockstepOptions& options, Site site) {
    const Call call("lockstep", site);
    const GradMode recording(true);
    const GeneratorState start = default_generator().get_state();
    First first;
    const Tensor on_a = run_forward(call, a, forward);
    run_backward(call, on_a, options.seed);

    default_generator().set_state(start);
    Second second(call, a, b, first.nodes, options);
    const Tensor on_b = run_forward(call, b, forward);
    second.finish();
    run_backward(call, on_b, options.seed);
    return second.found;
}

}  // namespace vitrine::verify
