#include "attention.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/workspace.h"
#include "vitrine/kernels/attention/attention.h"

namespace vitrine {
namespace {

// What a call is, besides its tensors, which have four dimensions here: (B, H, rows, columns).
struct Settings {
    double scale = 1;
    bool causal = false;
    double dropout_p = 0;
    kernels::Philox from;

    NodeArguments arguments() const {
        return {{"scale", scale}, {"causal", causal}, {"dropout_p", dropout_p}, {"seed", from.seed}, {"offset", from.offset}};
    }
};

// ---- the composite: simple ops, each with a node of its own, and an N x M matrix

constexpr double hidden = -1e30;  // instead of -inf: a row of it has a softmax, and exp(hidden - m) is 0 all the same

/// 0 where key j <= query i, else hidden.
Tensor causal_mask(const Tensor& s) {
    const TensorOptions integers{.dtype = DType::i64, .device = s.device()};
    const Tensor i = arange(0, double(s.size(-2)), 1, integers), j = arange(0, double(s.size(-1)), 1, integers);
    return gt(j, i.unsqueeze(1)).to(s.dtype()) * hidden;
}

/// p = softmax(scale q k^T + mask), 0 in a row that sees nothing.
Tensor probabilities(const Tensor& q, const Tensor& k, const Tensor& mask, const Settings& settings) {
    Tensor s = matmul(q, k.transpose(-1, -2)) * settings.scale;
    if (mask.defined()) s = s + maximum(mask, hidden);
    if (settings.causal) s = s + causal_mask(s);
    const Tensor p = softmax(s, -1);
    if (!mask.defined()) return p;
    return p * gt(no_grad([&] { return max(s, -1, true); }), hidden / 2).to(p.dtype());
}

/// z: 0 or 1 / (1 - dropout_p) for each probability, as the kernels draw it: rows of whole Philox blocks.
Tensor dropout_factors(const Tensor& p, const Settings& settings) {
    Shape padded = p.shape();
    const int last = padded.dims() - 1;
    padded[last] = 4 * kernels::attention_row_blocks(padded[last]);
    const NoGrad no_grad;
    const Tensor all = ones(padded, {.dtype = p.dtype(), .device = p.device()});
    return dropout_backward(all, {settings.dropout_p, settings.from, contiguous_strides(padded)}).slice(-1, 0, p.size(-1));
}

struct Gradients {
    Tensor dq, dk, dv, dmask;
};

// The formulas of kernels/attention/attention.h with whole matrices.
Gradients composite_backward(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, const Tensor& dy,
                             const Settings& settings) {
    const Tensor p = probabilities(q, k, mask, settings);
    Tensor pz = p, dp = matmul(dy, v.transpose(-1, -2));
    if (settings.dropout_p > 0) {
        const Tensor z = dropout_factors(p, settings);
        pz = p * z, dp = dp * z;
    }
    const Tensor ds = p * (dp - sum(dp * p, -1, true));
    return {matmul(ds, k) * settings.scale, matmul(ds.transpose(-1, -2), q) * settings.scale,
            matmul(pz.transpose(-1, -2), dy), mask.defined() ? sum_to(ds, mask.shape()) : Tensor()};
}

// ---- the kernels

/// x itself if the elements of a row lie together, else a copy.
Tensor with_whole_rows(const Tensor& x, Site site) {
    return x.strides().back() == 1 || x.shape().back() == 1 ? x : x.contiguous(site);
}

/// A new tensor in the order of dimensions of `like`, but for the last one, whose elements lie together.
Tensor make_rows(const Shape& shape, const Tensor& like) {
    const std::int64_t cols = shape.back();
    Shape rows = shape;
    Strides of_like = like.strides();
    rows.erase(rows.dims() - 1), of_like.erase(of_like.dims() - 1);
    Strides strides = dense_strides(rows, of_like);
    for (int d = 0; d < strides.dims(); ++d) strides[d] *= std::max<std::int64_t>(cols, 1);
    strides.push_back(1);
    return make_tensor(shape, strides, like.dtype(), like.device());
}

// For a profile: of so many products over D and over E. Forward these are the scores and o; backward the scores again, dq
// and dk, then dv and dp. The half of the scores that a causal mask hides is not computed.
double attention_flops(const kernels::AttentionShape& n, int over_d, int over_e) {
    const double scores = static_cast<double>(n.batch * n.heads) * static_cast<double>(n.queries * n.keys);
    return (n.causal ? 1.0 : 2.0) * scores * static_cast<double>(over_d * n.head_dim + over_e * n.value_dim);
}

kernels::HeadStrides head_strides(const Tensor& x) { return {x.strides()[0], x.strides()[1], x.strides()[2]}; }

kernels::AttentionShape attention_shape(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
                                        const Tensor& o, const Settings& settings) {
    kernels::AttentionShape n{};
    n.batch = q.shape()[0], n.heads = q.shape()[1];
    n.queries = q.shape()[2], n.keys = k.shape()[2];
    n.head_dim = q.shape()[3], n.value_dim = v.shape()[3];
    n.q = head_strides(q), n.k = head_strides(k), n.v = head_strides(v), n.o = head_strides(o);
    if (mask.defined()) {
        const Strides at = broadcast_strides(mask, {n.batch, n.heads, n.queries, n.keys});
        n.mask_batch = at[0], n.mask_head = at[1], n.mask_row = at[2], n.mask_col = at[3];
    }
    n.scale = settings.scale, n.causal = settings.causal;
    n.dropout_p = settings.dropout_p, n.from = settings.from;
    return n;
}

// ---- the node

Tensor attend(const Call& call, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, const Settings& settings);

struct AttentionNode final : Node {
    Saved q, k, v, mask, o, lse;
    bool masked = false;
    Settings settings;

    const char* name() const override { return "scaled_dot_product_attention"; }
    NodeArguments arguments() const override { return settings.arguments(); }
    void saved(SavedVisitor& visit) override {
        visit("q", q), visit("k", k), visit("v", v), visit("o", o), visit("lse", lse);
        if (masked) visit("mask", mask);
    }
    void forward(const NodeValues& given) override {
        const Tensor mask_ = given.in.size() == 4 ? given.in[3] : masked ? given.here(mask.unpack(*this)) : Tensor();
        given.out[0] = attend({name(), site()}, given.in[0], given.in[1], given.in[2], mask_, settings);
    }
    void backward(const Grads& g) override;

    Tensor mask_given() { return masked ? mask.unpack(*this) : Tensor(); }
    bool wants_mask(const Grads& g) const { return inputs().size() == 4 && g.needs(3); }
    void give(const Grads& g, const Gradients& d) const {
        if (g.needs(0)) g.in[0] = d.dq;
        if (g.needs(1)) g.in[1] = d.dk;
        if (g.needs(2)) g.in[2] = d.dv;
        if (wants_mask(g)) g.in[3] = d.dmask;
    }
};

// What backward() gives the kernel. Dispatched, it runs it.
struct AttentionBackwardCall {
    Call call;
    Tensor q, k, v, mask, o, lse, dy;
    Gradients d;
    kernels::AttentionShape n;
    std::unique_ptr<Workspace> memory;

    AttentionBackwardCall(AttentionNode& node, const Grads& g)
        : call("scaled_dot_product_attention_backward", Site::here()), q(with_whole_rows(node.q.unpack(node), call.site())),
          k(with_whole_rows(node.k.unpack(node), call.site())), v(with_whole_rows(node.v.unpack(node), call.site())), mask(node.mask_given()),
          o(node.o.unpack(node)), lse(node.lse.unpack(node)), dy(with_strides(g.out[0], o.strides())),
          d{make_rows(q.shape(), q), make_rows(k.shape(), k), make_rows(v.shape(), v), Tensor()}, n(attention_shape(q, k, v, mask, o, node.settings)) {
        n.dq = head_strides(d.dq), n.dk = head_strides(d.dk), n.dv = head_strides(d.dv);
        count_flops(attention_flops(n, 3, 2));
    }

    template <class T>
    kernels::AttentionBackward<T> pointers() const {
        return {raw<T>(q), raw<T>(k), raw<T>(v), raw_or_null<T>(mask), raw<T>(o), raw<T>(lse), raw<T>(dy), raw<T>(d.dq), raw<T>(d.dk), raw<T>(d.dv)};
    }
    template <class T>
    kernels::AttentionWorkspace scratch(auto on) {
        memory = std::make_unique<Workspace>(q.device(), kernels::attention_workspace_bytes<T>(on, n, kernels::AttentionPass::backward));
        return {memory->data(), memory->bytes()};
    }
    template <class T>
    void operator()(auto on) {
        kernels::attention_backward(on, pointers<T>(), n, scratch<T>(on));
    }
};

void AttentionNode::backward(const Grads& g) {
    // A backward that is recorded must be made of ops with backwards of their own.
    if (is_grad_enabled() || wants_mask(g)) return give(g, composite_backward(q.unpack(*this), k.unpack(*this), v.unpack(*this), mask_given(), g.out[0], settings));
    AttentionBackwardCall op(*this, g);
    dispatch_floats(op.call, op.q, op);
    give(g, op.d);
}

// ---- checks, and operands in four dimensions

/// All dimensions before the last three in one; missing ones before the last two of size 1.
Tensor four_dimensions(const Tensor& x, Site site) {
    if (x.dim() == 4) return x;
    if (x.dim() > 4) return x.flatten(0, x.dim() - 4, site);
    Tensor y = x.unsqueeze(-3, site);
    return y.dim() == 4 ? y : y.unsqueeze(0, site);
}

Tensor checked_mask(const Call& call, const Tensor& mask, const Tensor& q, const Shape& scores) {
    if (!mask.defined()) return mask;
    call.check(mask.device() == q.device(), "q is on ", q.device(), " and mask on ", mask.device(),
               "; both must be on one device: copy one with to()");
    call.check(mask.dtype() == q.dtype() || mask.dtype() == DType::boolean, "mask is ", mask.dtype(), "; allowed are bool and ",
               q.dtype(), ", as q is");
    bool fits = mask.dim() <= scores.dims();
    for (int i = 1; fits && i <= mask.dim(); ++i) {
        const std::int64_t size = mask.shape()[mask.dim() - i];
        fits = size == 1 || size == scores[scores.dims() - i];
    }
    call.check(fits, "mask ", mask.shape(), "; it must broadcast to ", scores);
    const Tensor added = mask.dtype() == DType::boolean ? log(mask.to(q.dtype(), call.site())) : mask;  // 0, or -inf
    if (scores.dims() == 4 || mask.dim() < 3) return added;
    return four_dimensions(added.expand(scores, call.site()), call.site());
}

Settings checked_settings(const Call& call, const Tensor& q, const Tensor& k, const AttentionOptions& options) {
    call.check_alike(q, k, "q", "k");
    call.check(q.dim() >= 2 && q.dim() < Shape::max_dims, "q ", q.shape(), "; allowed is (..., N, D)");
    call.check(k.dim() == q.dim(), "q ", q.shape(), " and k ", k.shape(), "; both need as many dimensions");
    for (int d = 0; d < q.dim() - 2; ++d)
        call.check(k.shape()[d] == q.shape()[d], "q ", q.shape(), " and k ", k.shape(),
                   "; dimensions before the last two must be equal");
    call.check(k.size(-1) == q.size(-1), "q ", q.shape(), " and k ", k.shape(), "; their last sizes must be equal");
    call.check(k.size(-2) > 0, "k ", k.shape(), " has no rows; a query needs at least one key");
    call.check(options.dropout_p >= 0 && options.dropout_p <= 1, "dropout_p ", options.dropout_p, "; allowed is 0 to 1");
    const double scale = 1 / std::sqrt(static_cast<double>(std::max<std::int64_t>(q.size(-1), 1)));
    return {.scale = options.scale.value_or(scale), .causal = options.causal, .dropout_p = options.dropout_p, .from = {}};
}

Shape scores_shape(const Tensor& q, const Tensor& k) {
    Shape shape = q.shape();
    shape[shape.dims() - 1] = k.size(-2);
    return shape;
}

void draw_dropout(Settings& settings, const Tensor& q, const Tensor& k, Generator& generator) {
    if (settings.dropout_p == 0) return;
    std::int64_t rows = 1;
    for (int d = 0; d < q.dim() - 1; ++d) rows *= q.shape()[d];
    settings.from = generator.take(kernels::attention_dropout_blocks(rows, k.size(-2)));
}

// ---- forward

// Operands in four dimensions, checked. Dispatched, it runs the kernel and gives the recorded result.
struct AttentionCall {
    Call call;
    Tensor q_given, k_given, v_given, mask;
    Settings settings;
    Shape shape;        // of the result for the user; empty: as it is
    Tensor q, k, v, o, lse;
    kernels::AttentionShape n;
    std::unique_ptr<Workspace> memory;

    AttentionCall(const Call& c, const Tensor& q4, const Tensor& k4, const Tensor& v4, const Tensor& mask4, const Settings& how)
        : call(c), q_given(q4), k_given(k4), v_given(v4), mask(mask4), settings(how), q(with_whole_rows(q4, c.site())), k(with_whole_rows(k4, c.site())),
          v(with_whole_rows(v4, c.site())), o(make_rows({q.shape()[0], q.shape()[1], q.shape()[2], v.shape()[3]}, q)),
          lse(empty({q.shape()[0], q.shape()[1], q.shape()[2]}, {.dtype = q.dtype(), .device = q.device()})), n(attention_shape(q, k, v, mask, o, settings)) {
        count_flops(attention_flops(n, 1, 1));
    }

    template <class T>
    kernels::AttentionForward<T> pointers() const {
        return {raw<T>(q), raw<T>(k), raw<T>(v), raw_or_null<T>(mask), raw<T>(o), raw<T>(lse)};
    }
    template <class T>
    kernels::AttentionWorkspace scratch(auto on) {
        memory = std::make_unique<Workspace>(q.device(), kernels::attention_workspace_bytes<T>(on, n, kernels::AttentionPass::forward));
        return {memory->data(), memory->bytes()};
    }
    template <class T>
    Tensor operator()(auto on) {
        kernels::attention_forward(on, pointers<T>(), n, scratch<T>(on));
        return recorded();
    }

    Tensor recorded() {
        const bool mask_counts = mask.defined() && mask.requires_grad();
        if (recording(q_given, k_given, v_given) || (is_grad_enabled() && mask_counts)) {
            auto* node = record<AttentionNode>(call, o, q_given, k_given, v_given);
            node->q = Saved(q_given), node->k = Saved(k_given), node->v = Saved(v_given);
            if (mask.defined()) node->mask = Saved(mask), node->masked = true;
            if (mask_counts) node->add_input(mask);
            node->o = Saved::output(o), node->lse = Saved(lse);
            node->settings = settings;
        }
        return shape.empty() ? o : o.reshape(shape, call.site());
    }
};

Tensor attend(const Call& call, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, const Settings& settings) {
    AttentionCall op(call, q, k, v, mask, settings);
    return dispatch_floats(call, op.q, op);
}

AttentionCall check_attention(const Call& call, const Operand& operand, const Tensor& k, const Tensor& v, const AttentionOptions& options,
                              Generator& generator) {
    const Tensor& q = call.floating(operand, "q");
    Settings settings = checked_settings(call, q, k, options);
    call.check_alike(q, v, "q", "v");
    Shape wanted = k.shape();
    if (v.dim() == k.dim()) wanted[wanted.dims() - 1] = v.size(-1);
    call.check(v.shape() == wanted, "k ", k.shape(), " and v ", v.shape(), "; all but their last sizes must be equal");
    const std::int64_t head = std::max(q.size(-1), v.size(-1));
    call.check(q.device() == Device::cpu || head <= kernels::attention_gpu_head_max, "rows of ", head, " numbers; at most ",
               kernels::attention_gpu_head_max, " on ", q.device());
    const Tensor mask = checked_mask(call, options.mask, q, scores_shape(q, k));

    draw_dropout(settings, q, k, generator);
    AttentionCall op(call, four_dimensions(q, call.site()), four_dimensions(k, call.site()), four_dimensions(v, call.site()), mask, settings);
    if (q.dim() == 4) return op;
    op.shape = q.shape();
    op.shape[op.shape.dims() - 1] = v.size(-1);
    return op;
}

}  // namespace

Tensor scaled_dot_product_attention(Operand operand, const Tensor& k, const Tensor& v, AttentionOptions options, Generator& generator) {
    AttentionCall op = check_attention({"scaled_dot_product_attention", operand}, operand, k, v, options, generator);
    return dispatch_floats(op.call, op.q, op);
}

Tensor attention_weights(Operand operand, const Tensor& k, AttentionOptions options, Generator& generator) {
    const Call call("attention_weights", operand);
    const Tensor q = call.floating(operand, "q");
    Settings settings = checked_settings(call, q, k, options);
    const Tensor mask = checked_mask(call, options.mask, q, scores_shape(q, k));

    draw_dropout(settings, q, k, generator);
    const Tensor p = probabilities(four_dimensions(q, call.site()), four_dimensions(k, call.site()), mask, settings);
    const Tensor pz = settings.dropout_p > 0 ? p * dropout_factors(p, settings) : p;
    return q.dim() == 4 ? pz : pz.reshape(scores_shape(q, k), call.site());
}

}  // namespace vitrine
