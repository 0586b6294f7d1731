// lstm: gates i f g o, c = f c' + i g, h = o tanh c.
#include "recurrent_sequence.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine {
namespace {

struct LstmNode final : RecurrentNode {
    Saved gates;  // i f g o of all steps, (T, B, 4 H)
    Saved cells;  // c before and behind the steps

    const char* name() const override { return "lstm"; }
    void saved(SavedVisitor& v) override {
        RecurrentNode::saved(v);
        v("gates", gates), v("c", cells);
    }

    void forward(const NodeValues& v) override {
        const LstmResult r = lstm(v.in[0], v.in[5], v.in[6], {v.in[1], v.in[2], v.in[3], v.in[4]}, {.reverse = q.reverse});
        v.out[0] = r.y, v.out[1] = r.h, v.out[2] = r.c;
    }
    void backward_kernels(const Grads& g) override {
        RecurrentInputs in = unpack();
        const Tensor h = states.unpack(*this), gates_ = gates.unpack(*this), c = cells.unpack(*this);
        const Tensor dy = gradient_or_zeros(g.out[0], {q.T, q.B, q.H}, h);
        Tensor dh = gradient_or_zeros(g.out[1], {q.B, q.H}, h);
        const Tensor dc = g.out[2].defined() ? g.out[2].clone().contiguous() : gradient_or_zeros({}, {q.B, q.H}, h);
        const Tensor da = make_tensor(gates_.shape(), gates_.strides(), h.dtype(), h.device());
        const Tensor dh_before = make_tensor({q.B, q.H}, {q.H, 1}, h.dtype(), h.device());
        dispatch_floats({name(), site()}, h, [&]<class T>(auto on) {
            const auto product = backward_product<T>(on, q, in);
            for (std::int64_t s = q.T - 1; s >= 0; --s) {
                const std::int64_t t = q.place(s), four = t * q.products();
                kernels::lstm_step_backward(on, raw<T>(gates_) + four, raw<T>(c) + q.before(t), raw<T>(c) + q.behind(t),
                                            raw<T>(dy) + t * q.states(), raw<T>(dh), raw<T>(dc), raw<T>(da) + four,
                                            q.step());
                if (s > 0 || g.needs(5)) product(raw<T>(da) + four, raw<T>(dh_before));
                dh = dh_before;
            }
        });
        products_over_steps(g, in, da, da, q.before_steps(h));
        if (g.needs(5)) g.in[5] = dh_before;
        if (g.needs(6)) g.in[6] = dc;
    }

    std::vector<Tensor> simple_ops(const RecurrentInputs& in) const override {
        const Tensor a = linear(in.x, in.w_ih, in.b_ih);
        std::vector<Tensor> y(static_cast<std::size_t>(q.T));
        Tensor h = in.h0, c = in.c0;
        for (std::int64_t s = 0; s < q.T; ++s) {
            const std::int64_t t = q.place(s);
            const Tensor v = a.select(0, t) + linear(h, in.w_hh, in.b_hh);
            const auto gate = [&](int k) { return v.slice(1, k * q.H, (k + 1) * q.H); };
            c = sigmoid(gate(1)) * c + sigmoid(gate(0)) * tanh(gate(2));
            h = sigmoid(gate(3)) * tanh(c);
            y[static_cast<std::size_t>(t)] = h.unsqueeze(0);
        }
        return {cat(y, 0), h, c};
    }
};

}  // namespace

LstmResult lstm(Operand operand, const Tensor& h0, const Tensor& c0, const RecurrentWeights& w,
                RecurrentOptions options) {
    const Call call("lstm", operand);
    RecurrentInputs in{call.floating(operand), w.w_ih, w.w_hh, w.b_ih, w.b_hh, h0, c0};
    const Sequence q = check_sequence(call, in, 4, options.reverse);

    Tensor gates, h, c;
    LstmResult result;
    {
        const NoGrad no_grad;
        gates = input_product(call, in);
        h = q.new_states(in.x, in.h0), c = q.new_states(in.x, in.c0);
        const Tensor r = make_tensor({q.B, 4 * q.H}, {4 * q.H, 1}, h.dtype(), h.device());
        dispatch_floats(call, in.x, [&]<class T>(auto on) {
            const auto product = forward_product<T>(on, q, in);
            for (std::int64_t s = 0; s < q.T; ++s) {
                const std::int64_t t = q.place(s);
                product(raw<T>(h) + q.before(t), raw<T>(r));
                kernels::lstm_step(on, raw<T>(r), raw<T>(c) + q.before(t), raw<T>(gates) + t * q.products(),
                                   raw<T>(c) + q.behind(t), raw<T>(h) + q.behind(t), q.step());
            }
        });
        result = {q.behind_steps(h), q.final_state(h), q.final_state(c)};
    }
    if (auto* node = record_layer<LstmNode>(call, in, result.y, {&result.h, &result.c})) {
        node->save(in, h, q);
        node->gates = Saved(gates), node->cells = Saved(c);
    }
    return result;
}

}  // namespace vitrine
