#include "recurrent.h"

#include "recurrent_sequence.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/embedding.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/view.h"

namespace vitrine {
namespace {

Tensor as_rows(const Tensor& x) { return x.reshape({x.size(0) * x.size(1), x.size(2)}); }

// a^T b over all rows, lying in memory as the weight does whose gradient it is.
Tensor weight_gradient(const Tensor& a, const Tensor& b, const Tensor& weight) {
    if (weight.is_contiguous()) return matmul(a.transpose(0, 1), b);
    return matmul(b.transpose(0, 1), a).transpose(0, 1);
}

}  // namespace

Tensor Sequence::new_states(const Tensor& x, const Tensor& initial) const {
    Tensor states = make_tensor({T + 1, B, H}, {B * H, H, 1}, x.dtype(), x.device());
    Tensor first = states.select(0, reverse ? T : 0);
    initial.defined() ? first.copy_(initial) : first.zero_();
    return states;
}

kernels::RecurrentSteps Sequence::steps(const Tensor& x) const {
    kernels::RecurrentSteps n{T, B, H, gates, reverse ? -1 : 1};
    n.bf16_factors = x.dtype() == DType::f32 && autocast_dtype() == DType::bf16 && kernels::matmul_bf16_packs() &&
                     kernels::matmul_bf16_pays({.M = B, .N = H, .K = H});
    return n;
}

bool Sequence::in_one_call(const Tensor& x) const {
    return x.device() == Device::cpu && kernels::recurrent_steps_pay(steps(x));
}

namespace {

// T and B of a layer that multiplies x. Throws Error unless x and w_ih fit.
std::pair<std::int64_t, std::int64_t> check_vectors(const Call& call, const RecurrentInputs& in, std::int64_t rows) {
    const Tensor& x = in.x;
    call.check(in.w_ih.shape() == Shape{rows, x.size(2)}, "w_ih ", in.w_ih.shape(), " for x ", x.shape(), " and w_hh ",
               in.w_hh.shape(), "; it must be ", Shape{rows, x.size(2)});
    call.check(in.b_ih.defined() == in.b_hh.defined(), in.b_ih.defined() ? "b_ih" : "b_hh",
               " without the other bias; give both or none");
    return {x.size(0), x.size(1)};
}

// T and B of a layer that reads rows of the table p. Throws Error unless p and ids fit; embedding() checks their range.
std::pair<std::int64_t, std::int64_t> check_table(const Call& call, const RecurrentInputs& in, std::int64_t rows) {
    const Tensor &p = in.x, &ids = in.ids;
    call.check(ids.defined(), "ids is undefined");
    call.check(!in.w_ih.defined() && !in.b_ih.defined(), in.w_ih.defined() ? "w_ih" : "b_ih",
               " with ids; the rows of p are products already: leave w_ih and b_ih out");
    call.check(p.dim() == 2 && p.size(1) == rows, "p ", p.shape(), " for w_hh ", in.w_hh.shape(),
               "; it must be (rows of a table, ", rows, ')');
    call.check(ids.dim() == 2, "ids ", ids.shape(), "; they must be (time steps, batch)");
    call.check(ids.size(0) > 0, "ids ", ids.shape(), " have no time steps; allowed are 1 and more");
    return {ids.size(0), ids.size(1)};
}

}  // namespace

Sequence check_sequence(const Call& call, RecurrentInputs& in, int gates, bool reverse, bool table) {
    const Tensor& x = in.x;
    const char* const letter = table ? "p" : "x";
    if (!table) {
        call.check(x.dim() == 3, "x ", x.shape(), "; it must be (time steps, batch, inputs)");
        call.check(x.size(0) > 0, "x ", x.shape(), " has no time steps; allowed are 1 and more");
        call.check_alike(x, in.w_ih, "x", "w_ih");
    }
    call.check_alike(x, in.w_hh, letter, "w_hh");
    call.check(in.w_hh.dim() == 2 && in.w_hh.size(0) == gates * in.w_hh.size(1), "w_hh ", in.w_hh.shape(),
               "; it must be (", gates == 1 ? "" : join(gates, ' '), "H, H)");
    const std::int64_t H = in.w_hh.size(1), rows = gates * H;
    const auto [T, B] = table ? check_table(call, in, rows) : check_vectors(call, in, rows);
    const auto check_shape = [&](const Tensor& t, const char* name, const Shape& shape) {
        if (!t.defined()) return;
        call.check_alike(x, t, letter, name);
        call.check(t.shape() == shape, name, ' ', t.shape(), " for ", table ? "ids " : "x ",
                   (table ? in.ids : x).shape(), " and w_hh ", in.w_hh.shape(), "; it must be ", shape);
    };
    check_shape(in.b_ih, "b_ih", {rows});
    check_shape(in.b_hh, "b_hh", {rows});
    check_shape(in.h0, "h0", {B, H});
    check_shape(in.c0, "c0", {B, H});
    return {T, B, H, gates, reverse};
}

RecurrentCall::RecurrentCall(const char* op, const Operand& operand, const RecurrentWeights& w, const Tensor& h0,
                             const Tensor& c0, int gates, bool reverse, const Tensor* ids)
    : call(op, operand), in{call.floating(operand, ids ? "p" : "x"), w.w_ih, w.w_hh, w.b_ih, w.b_hh, h0, c0,
                            ids ? *ids : Tensor()},
      q(check_sequence(call, in, gates, reverse, ids != nullptr)) {
    const NoGrad no_grad;
    if (in.ids.defined()) a = embedding({in.x, call.site()}, in.ids);
    else prepare_product();
    h = q.new_states(in.x, in.h0);
    in_one_call = q.in_one_call(in.x);
    if (!in_one_call) r = make_tensor({q.B, gates * q.H}, {gates * q.H, 1}, in.x.dtype(), in.x.device());
}

void RecurrentCall::prepare_product() {
    x = in.x.contiguous(call.site());
    b_ih = in.b_ih.defined() ? in.b_ih.contiguous(call.site()) : in.b_ih;
    const std::int64_t inputs = x.size(2), rows = q.gates * q.H;
    check_product_step(call, x, "x");
    const Strides& w = in.w_ih.strides();
    input = product_shape({q.T * q.B, inputs}, {inputs, 1}, {inputs, rows}, {w[1], w[0]}, {});
    a = make_tensor({q.T, q.B, rows}, {q.B * rows, rows, 1}, x.dtype(), x.device());
    count_flops(2.0 * static_cast<double>(a.numel()) * static_cast<double>(inputs));
}

RecurrentBackward::RecurrentBackward(RecurrentNode& node, const Grads& grads)
    : g(grads),
      in(node.unpack()),
      q(node.q),
      h(node.states.unpack(node)),
      dy(gradient_or_zeros(g.out[0], {q.T, q.B, q.H}, h)),
      dh(gradient_or_zeros(g.out[1], {q.B, q.H}, h)),
      dh_before(make_tensor({q.B, q.H}, {q.H, 1}, h.dtype(), h.device())) {
    const std::int64_t rows = q.gates * q.H;
    da = make_tensor({q.T, q.B, rows}, {q.B * rows, rows, 1}, h.dtype(), h.device());
    at_once = q.in_one_call(h);
}

Tensor gradient_or_zeros(const Tensor& dy, const Shape& shape, const Tensor& like) {
    return dy.defined() ? dy.contiguous() : zeros(shape, {.dtype = like.dtype(), .device = like.device()});
}

void products_over_steps(const Grads& g, const RecurrentInputs& in, const Tensor& da, const Tensor& dr,
                         const Tensor& h_before) {
    const Tensor da_rows = as_rows(da), dr_rows = as_rows(dr);
    if (g.needs(0)) g.in[0] = in.ids.defined() ? embedding_backward(da, in.ids, in.x.size(0)) : matmul(da, in.w_ih);
    if (g.needs(1)) g.in[1] = weight_gradient(da_rows, as_rows(in.x), in.w_ih);
    if (g.needs(2)) g.in[2] = weight_gradient(dr_rows, as_rows(h_before), in.w_hh);
    if (g.needs(3)) g.in[3] = sum(da_rows, 0);
    if (!g.needs(4)) return;
    if (da.impl() != dr.impl()) g.in[4] = sum(dr_rows, 0);
    else if (g.needs(3)) g.in[4] = g.in[3];
    else g.in[4] = in.ids.defined() && g.needs(0) ? sum(g.in[0], 0) : sum(da_rows, 0);  // a table has fewer rows
}

Tensor input_products(const RecurrentInputs& in) {
    return in.ids.defined() ? embedding(in.x, in.ids) : linear(in.x, in.w_ih, in.b_ih);
}

void RecurrentNode::saved(SavedVisitor& v) {
    v("x", x), v("w_ih", w_ih), v("w_hh", w_hh), v("b_ih", b_ih), v("b_hh", b_hh);
    v("h0", h0), v("c0", c0), v("ids", ids), v("h", states);
}

void RecurrentNode::save(const RecurrentInputs& in, const Tensor& h_states, const Sequence& sequence) {
    const auto keep = [](const Tensor& t) { return t.defined() ? Saved(t) : Saved(); };
    x = keep(in.x), w_ih = keep(in.w_ih), w_hh = keep(in.w_hh), b_ih = keep(in.b_ih), b_hh = keep(in.b_hh);
    h0 = keep(in.h0), c0 = keep(in.c0), ids = keep(in.ids), states = keep(h_states);
    q = sequence;
}

RecurrentInputs RecurrentNode::unpack() {
    x.unpack(*this);  // an error if backward has run and freed all
    const auto get = [this](const Saved& s) { return s.peek().defined() ? s.unpack(*this) : Tensor(); };
    return {get(x), get(w_ih), get(w_hh), get(b_ih), get(b_hh), get(h0), get(c0), get(ids)};
}

void RecurrentNode::backward(const Grads& g) {
    if (!is_grad_enabled()) return backward_kernels(g);

    // Views of the inputs, so that each gradient is that of this layer alone even where one input was computed from
    // another.
    RecurrentInputs in = unpack();
    for (Tensor* state : {&in.h0, &in.c0})
        if (!state->defined()) *state = zeros({q.B, q.H}, {.dtype = in.x.dtype(), .device = in.x.device()});
    std::vector<Tensor> wanted;
    for (std::size_t i = 0; i < RecurrentInputs::count; ++i) {
        Tensor& input = *in.all()[i];
        if (input.defined() && input.requires_grad()) input = reshape(input, input.shape());
        if (g.needs(i)) wanted.push_back(input);
    }
    std::vector<Tensor> outputs, gradients;
    const std::vector<Tensor> layer = simple_ops(in);
    for (std::size_t i = 0; i < layer.size(); ++i)
        if (g.out[i].defined()) outputs.push_back(layer[i]), gradients.push_back(g.out[i]);
    const auto found = grad(outputs, wanted, {.grad_outputs = gradients, .create_graph = true, .allow_unused = true});
    std::size_t next = 0;
    for (std::size_t i = 0; i < RecurrentInputs::count; ++i)
        if (g.needs(i)) g.in[i] = found[next++];
}

}  // namespace vitrine
