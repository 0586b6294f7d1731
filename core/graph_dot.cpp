#include "graph_dot.h"

#include <map>
#include <sstream>

#include "node.h"

namespace vitrine {
namespace {

constexpr std::int64_t shown = 8;

std::string value_text(const Tensor& x) {
    if (!x.defined()) return "";
    const NoGrad no_grad;
    const std::int64_t count = std::min(shown, x.numel());
    const auto values = x.detach().reshape({x.numel()}).slice(0, 0, count).to(DType::f64).to_vector<double>();
    std::ostringstream text;
    text << "\\n";
    if (x.dim() > 0) text << '[';
    for (std::size_t i = 0; i < values.size(); ++i) text << (i ? ", " : "") << values[i];
    if (x.numel() > shown) text << ", ...";
    if (x.dim() > 0) text << ']';
    return text.str();
}

std::string shape_text(const Shape& shape) { return join(shape); }

class Picture {
public:
    explicit Picture(const std::vector<std::pair<std::string, Tensor>>& names) {
        for (const auto& [name, tensor] : names) names_[tensor.impl()] = name;
    }

    std::string draw(const Tensor& y) {
        out_ << "digraph vitrine {\n  rankdir=TB;\n  node [fontname=\"monospace\", fontsize=10];\n";
        const std::string root = y.node() ? visit(y.node()) : leaf(y.impl());
        while (!todo_.empty()) {
            Node* node = todo_.back();
            todo_.pop_back();
            describe(*node);
        }
        out_ << "  y [shape=plaintext, label=\"y " << shape_text(y.shape()) << value_text(y) << "\"];\n";
        out_ << "  " << root << " -> y;\n}\n";
        return out_.str();
    }

private:
    std::string visit(Node* node) {
        const auto [place, fresh] = ids_.try_emplace(node, join("n", ids_.size()));
        if (fresh) todo_.push_back(node);
        return place->second;
    }

    std::string leaf(TensorImpl* impl) {
        const auto [place, fresh] = ids_.try_emplace(impl, join("n", ids_.size()));
        if (fresh) {
            const auto named = names_.find(impl);
            const std::string name = named != names_.end() ? named->second : join("x", ++unnamed_);
            out_ << "  " << place->second << " [shape=ellipse, label=\"" << name << " " << shape_text(impl->shape) << value_text(Tensor(Ref(impl)))
                 << "\"];\n";
        }
        return place->second;
    }

    void describe(Node& node) {
        const std::string me = ids_.at(&node);
        out_ << "  " << me << " [shape=box, label=\"" << node.name() << " " << shape_text(node.output_shape(0)) << value_text(node.kept_value(0))
             << "\\n" << node.site() << "\"];\n";
        for (const Edge& edge : node.inputs()) {
            if (!edge.defined()) continue;
            out_ << "  " << (edge.node ? visit(edge.node.get()) : leaf(edge.leaf.get())) << " -> " << me;
            if (edge.output > 0) out_ << " [label=\"" << edge.output << "\"]";
            out_ << ";\n";
        }
    }

    std::ostringstream out_;
    std::map<const void*, std::string> ids_, names_;
    std::vector<Node*> todo_;
    int unnamed_ = 0;
};

}  // namespace

std::string graph_dot(const Tensor& y, const std::vector<std::pair<std::string, Tensor>>& names) {
    VITRINE_CHECK(y.defined(), "graph_dot: the tensor is undefined");
    return Picture(names).draw(y);
}

}  // namespace vitrine
