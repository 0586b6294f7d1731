// gru: r and z are gates, n = tanh(a_n + r r_n), h = (1 - z) n + z h'.
#include "recurrent_sequence.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine {
namespace {

struct GruNode final : RecurrentNode {
    Saved gates;  // r z n of all steps, (T, B, 3 H)
    Saved r_n;    // (T, B, H)

    const char* name() const override { return "gru"; }
    void saved(SavedVisitor& v) override {
        RecurrentNode::saved(v);
        v("gates", gates), v("r_n", r_n);
    }

    void forward(const NodeValues& v) override {
        const RnnResult r = gru(v.in[0], v.in[5], {v.in[1], v.in[2], v.in[3], v.in[4]}, {.reverse = q.reverse});
        v.out[0] = r.y, v.out[1] = r.h;
    }
    void backward_kernels(const Grads& g) override {
        RecurrentInputs in = unpack();
        const Tensor h = states.unpack(*this), gates_ = gates.unpack(*this), r_n_ = r_n.unpack(*this);
        const Tensor dy = gradient_or_zeros(g.out[0], {q.T, q.B, q.H}, h);
        Tensor dh = gradient_or_zeros(g.out[1], {q.B, q.H}, h);
        const Tensor direct = gradient_or_zeros({}, {q.B, q.H}, h);
        const Tensor da = make_tensor(gates_.shape(), gates_.strides(), h.dtype(), h.device());
        const Tensor dr = make_tensor(gates_.shape(), gates_.strides(), h.dtype(), h.device());
        const Tensor dh_before = make_tensor({q.B, q.H}, {q.H, 1}, h.dtype(), h.device());
        dispatch_floats({name(), site()}, h, [&]<class T>(auto on) {
            const auto product = backward_product<T>(on, q, in);
            for (std::int64_t s = q.T - 1; s >= 0; --s) {
                const std::int64_t t = q.place(s), one = t * q.states(), three = t * q.products();
                kernels::gru_step_backward(on, raw<T>(gates_) + three, raw<T>(r_n_) + one, raw<T>(h) + q.before(t),
                                           raw<T>(dy) + one, raw<T>(dh), raw<T>(direct), raw<T>(da) + three,
                                           raw<T>(dr) + three, q.step());
                if (s > 0 || g.needs(5)) product(raw<T>(dr) + three, raw<T>(dh_before));
                dh = dh_before;
            }
        });
        products_over_steps(g, in, da, dr, q.before_steps(h));
        if (g.needs(5)) g.in[5] = dh_before + direct;
    }

    std::vector<Tensor> simple_ops(const RecurrentInputs& in) const override {
        const Tensor a = linear(in.x, in.w_ih, in.b_ih);
        const auto gate = [&](const Tensor& v, int k) { return v.slice(1, k * q.H, (k + 1) * q.H); };
        std::vector<Tensor> y(static_cast<std::size_t>(q.T));
        Tensor h = in.h0;
        for (std::int64_t s = 0; s < q.T; ++s) {
            const std::int64_t t = q.place(s);
            const Tensor a_t = a.select(0, t), r_t = linear(h, in.w_hh, in.b_hh);
            const Tensor r = sigmoid(gate(a_t, 0) + gate(r_t, 0)), z = sigmoid(gate(a_t, 1) + gate(r_t, 1));
            const Tensor n = tanh(gate(a_t, 2) + r * gate(r_t, 2));
            h = (1 - z) * n + z * h;
            y[static_cast<std::size_t>(t)] = h.unsqueeze(0);
        }
        return {cat(y, 0), h};
    }
};

}  // namespace

RnnResult gru(Operand operand, const Tensor& h0, const RecurrentWeights& w, RecurrentOptions options) {
    const Call call("gru", operand);
    RecurrentInputs in{call.floating(operand), w.w_ih, w.w_hh, w.b_ih, w.b_hh, h0, {}};
    const Sequence q = check_sequence(call, in, 3, options.reverse);

    Tensor gates, r_n, h;
    RnnResult result;
    {
        const NoGrad no_grad;
        gates = input_product(call, in);
        h = q.new_states(in.x, in.h0);
        r_n = make_tensor({q.T, q.B, q.H}, {q.B * q.H, q.H, 1}, h.dtype(), h.device());
        const Tensor r = make_tensor({q.B, 3 * q.H}, {3 * q.H, 1}, h.dtype(), h.device());
        dispatch_floats(call, in.x, [&]<class T>(auto on) {
            const auto product = forward_product<T>(on, q, in);
            for (std::int64_t s = 0; s < q.T; ++s) {
                const std::int64_t t = q.place(s);
                product(raw<T>(h) + q.before(t), raw<T>(r));
                kernels::gru_step(on, raw<T>(r), raw<T>(h) + q.before(t), raw<T>(gates) + t * q.products(),
                                  raw<T>(r_n) + t * q.states(), raw<T>(h) + q.behind(t), q.step());
            }
        });
        result = {q.behind_steps(h), q.final_state(h)};
    }
    if (auto* node = record_layer<GruNode>(call, in, result.y, {&result.h})) {
        node->save(in, h, q);
        node->gates = Saved(gates), node->r_n = Saved(r_n);
    }
    return result;
}

}  // namespace vitrine
