#include "embedding.h"

#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/kernels/embedding/embedding.h"

namespace vitrine {
namespace {

struct EmbeddingNode final : Node {
    Saved ids;
    std::int64_t rows = 0;
    EmbeddingOptions options;

    const char* name() const override { return "embedding"; }
    NodeArguments arguments() const override { return {{"padding_index", options.padding_index.value_or(-1)}}; }
    void saved(SavedVisitor& v) override { v("ids", ids); }
    void forward(const NodeValues& v) override { v.out[0] = embedding(v.in[0], v.here(ids.unpack(*this)), options); }
    void backward(const Grads& g) override { g.in[0] = embedding_backward(g.out[0], ids.unpack(*this), rows, options); }
};

// Linear in dy; here g is the gradient of dw. The padding row of dw does not depend on dy.
struct EmbeddingBackwardNode final : Node {
    Saved ids;
    std::int64_t padding = -1;

    const char* name() const override { return "embedding_backward"; }
    NodeArguments arguments() const override { return {{"padding_index", padding}}; }
    void saved(SavedVisitor& v) override { v("ids", ids); }
    void forward(const NodeValues& v) override {
        EmbeddingOptions options;
        if (padding >= 0) options.padding_index = padding;
        v.out[0] = embedding_backward(v.in[0], v.here(ids.unpack(*this)), output_shape(0)[0], options);
    }
    void backward(const Grads& g) override {
        const Tensor t = ids.unpack(*this), picked = embedding(g.out[0], t);
        g.in[0] = padding < 0 ? picked : picked * ne(t, padding).to(picked.dtype()).unsqueeze(-1);
    }
};

/// The padding row counted from 0; -1 without one.
std::int64_t padding_row(const Call& call, EmbeddingOptions options, std::int64_t rows) {
    if (!options.padding_index) return -1;
    const std::int64_t index = *options.padding_index;
    call.check(index >= -rows && index < rows, "padding_index ", index, " for a table of ", rows, " rows");
    return index < 0 ? index + rows : index;
}

/// ids as kernels read them: row-major i64.
Tensor check_ids(const Call& call, const Tensor& ids, const Tensor& like, const char* letter) {
    call.check(ids.defined(), "ids is undefined");
    call.check(ids.dtype() == DType::i64 || ids.dtype() == DType::i32, "ids is ", ids.dtype(), "; allowed are i64 and i32");
    call.check(ids.device() == like.device(), letter, " is on ", like.device(), " and ids on ", ids.device(),
               "; both must be on one device: copy one with to()");
    return (ids.dtype() == DType::i64 ? ids : ids.to(DType::i64, call.site())).contiguous(call.site());
}

void check_range(const Call& call, const Tensor& like, const Tensor& t, kernels::EmbeddingShape n) {
    const Tensor bad = empty({1}, {.dtype = DType::i64, .device = t.device()});
    dispatch_floats(call, like, [&]<class T>(auto on) {
        kernels::embedding_check(on, raw<std::int64_t>(t), raw<std::int64_t>(bad), n);
    });
    const auto first = bad.item<std::int64_t>();
    if (first < 0) return;

    const auto id = t.reshape({n.count}).slice(0, first, first + 1).item<std::int64_t>();
    Shape index;
    std::int64_t rest = first;
    for (const std::int64_t step : contiguous_strides(t.shape())) {
        index.push_back(rest / step);
        rest %= step;
    }
    call.check(n.rows > 0, "id ", id, " at ", index, " of ids; the table has no rows");
    call.fail(join("id ", id, " at ", index, " of ids ", t.shape(), "; allowed are 0 to ", n.rows - 1,
                   ", the table has ", n.rows, " rows"));
}

// Checked calls. Dispatched, they run the kernel and give the recorded result.
struct EmbeddingCall {
    Call call;
    Tensor weight, t, w, y;
    EmbeddingOptions options;
    kernels::EmbeddingShape n{};

    EmbeddingCall(const Operand& operand, const Tensor& ids, const EmbeddingOptions& o)
        : call("embedding", operand), weight(call.floating(operand, "weight")), options(o) {
        call.check(weight.dim() == 2, "weight ", weight.shape(), "; allowed is (V, C)");
        t = check_ids(call, ids, weight, "weight");
        call.check(t.dim() < Shape::max_dims, "ids ", t.shape(), " has too many dimensions; allowed are ", Shape::max_dims - 1);
        n = {weight.shape()[0], weight.shape()[1], t.numel(), padding_row(call, options, weight.shape()[0])};
        check_range(call, weight, t, n);
        w = weight.contiguous(call.site());
        Shape shape = t.shape();
        shape.push_back(n.cols);
        y = empty(shape, {.dtype = w.dtype(), .device = w.device()});
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::embedding_forward(on, raw<T>(w), raw<std::int64_t>(t), raw<T>(y), n);
        if (recording(weight)) {
            auto* node = record<EmbeddingNode>(call, y, weight);
            node->ids = Saved(t);
            node->rows = n.rows, node->options = options;
        }
        return std::move(y);
    }
};

struct EmbeddingBackwardCall {
    Call call;
    Tensor dy, t, dyd, dw;
    kernels::EmbeddingShape n{};

    EmbeddingBackwardCall(const Operand& operand, const Tensor& ids, std::int64_t rows, const EmbeddingOptions& options)
        : call("embedding_backward", operand), dy(call.floating(operand, "dy")) {
        call.check(rows >= 0, "rows ", rows, "; a table cannot have fewer than 0");
        t = check_ids(call, ids, dy, "dy");
        Shape wanted = t.shape();
        if (dy.dim() > 0 && t.dim() < Shape::max_dims) wanted.push_back(dy.shape().back());
        call.check(dy.dim() == t.dim() + 1 && dy.shape() == wanted, "dy ", dy.shape(), " for ids ", t.shape(), "; allowed is ids' shape and C");
        n = {rows, dy.shape().back(), t.numel(), padding_row(call, options, rows)};
        check_range(call, dy, t, n);
        dyd = dy.contiguous(call.site());
        dw = empty({rows, n.cols}, {.dtype = dy.dtype(), .device = dy.device()});
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::embedding_backward(on, raw<std::int64_t>(t), raw<T>(dyd), raw<T>(dw), n);
        if (recording(dy)) {
            auto* node = record<EmbeddingBackwardNode>(call, dw, dy);
            node->ids = Saved(t), node->padding = n.padding;
        }
        return std::move(dw);
    }
};

}  // namespace

Tensor embedding(Operand weight, const Tensor& ids, EmbeddingOptions options) {
    EmbeddingCall op(weight, ids, options);
    return dispatch_floats(op.call, op.weight, op);
}

Tensor embedding_backward(Operand dy, const Tensor& ids, std::int64_t rows, EmbeddingOptions options) {
    EmbeddingBackwardCall op(dy, ids, rows, options);
    return dispatch_floats(op.call, op.dy, op);
}

}  // namespace vitrine
