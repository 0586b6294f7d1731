// lstm: gates i f g o, c = f c' + i g, h = o tanh c.
#include "recurrent_sequence.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine {
namespace {

struct LstmBackward : RecurrentBackward {
    Tensor gates, c, dc;

    LstmBackward(RecurrentNode& node, const Grads& grads, const Saved& saved_gates, const Saved& cells)
        : RecurrentBackward(node, grads),
          gates(saved_gates.unpack(node)),
          c(cells.unpack(node)),
          dc(g.out[2].defined() ? g.out[2].clone().contiguous() : zeros_like_h()) {}

    template <class T>
    void operator()(auto on) {
        const auto product = prepare_backward_product<T>(on, q, in);
        for (std::int64_t s = q.T - 1, t = q.place(s); s >= 0; t = q.place(--s)) {
            kernels::lstm_step_backward(on, q.at<T>(gates, t), q.before<T>(c, t), q.behind<T>(c, t), q.at<T>(dy, t), raw<T>(dh), raw<T>(dc), q.at<T>(da, t), q.step());
            if (s > 0 || g.needs(5)) product(q.at<T>(da, t), raw<T>(dh_before));
            dh = dh_before;
        }
    }
    template <class T>
    void all_steps() {
        const auto all = AllSteps<T>::backward(q, in);
        dh_before.copy_(dh);
        kernels::lstm_steps_backward(kernels::Cpu{}, all.w(), q.first<T>(gates), q.first_before<T>(c), q.first<T>(dy),
                                     raw<T>(dh_before), raw<T>(dc), q.first<T>(da), all.n, g.needs(5), all.workspace());
    }
};

struct LstmNode final : RecurrentNode {
    Saved gates;  // i f g o of all steps, (T, B, 4 H)
    Saved cells;  // c before and behind the steps

    const char* name() const override { return "lstm"; }
    void saved(SavedVisitor& v) override {
        RecurrentNode::saved(v);
        v("gates", gates), v("c", cells);
    }

    void forward(const NodeValues& v) override {
        const Tensor rows = ids_of(v);
        const RecurrentWeights w{v.in[1], v.in[2], v.in[3], v.in[4]};
        const RecurrentOptions options{.reverse = q.reverse};
        const LstmResult r = rows.defined() ? lstm(v.in[0], rows, v.in[5], v.in[6], w, options)
                                            : lstm(v.in[0], v.in[5], v.in[6], w, options);
        v.out[0] = r.y, v.out[1] = r.h, v.out[2] = r.c;
    }
    void backward_kernels(const Grads& g) override {
        LstmBackward op(*this, g, gates, cells);
        op.at_once ? dispatch_floats({name(), site()}, op.h, AtOnce{op}) : dispatch_floats({name(), site()}, op.h, op);
        products_over_steps(g, op.in, op.da, op.da, q.before_steps(op.h));
        if (g.needs(5)) g.in[5] = op.dh_before;
        if (g.needs(6)) g.in[6] = op.dc;
    }

    std::vector<Tensor> simple_ops(const RecurrentInputs& in) const override {
        const Tensor a = input_products(in);
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

struct LstmCall : InputProduct<LstmCall> {
    Tensor c;

    LstmCall(const Operand& operand, const Tensor& h0, const Tensor& c0, const RecurrentWeights& w,
             const RecurrentOptions& options, const Tensor* ids = nullptr)
        : InputProduct("lstm", operand, w, h0, c0, 4, options.reverse, ids),
          c(no_grad([&] { return q.new_states(a, in.c0); })) {}

    // a becomes the gates.
    template <class T>
    void steps(auto on) {
        const NoGrad no_grad;
        if (in_one_call) return all_steps<T>();
        const auto product = prepare_forward_product<T>(on, q, in);
        for (std::int64_t s = 0; s < q.T; ++s) {
            const std::int64_t t = q.place(s);
            product(q.before<T>(h, t), raw<T>(r));
            kernels::lstm_step(on, raw<T>(r), q.before<T>(c, t), q.at<T>(a, t), q.behind<T>(c, t), q.behind<T>(h, t),
                               q.step());
        }
    }
    template <class T>
    void all_steps() {
        const auto all = AllSteps<T>::forward(q, in);
        kernels::lstm_steps(kernels::Cpu{}, all.w(), all.b(), q.first<T>(a), q.first_before<T>(c), q.first_before<T>(h),
                            all.n, all.workspace());
    }
    LstmResult recorded() {
        LstmResult result{q.behind_steps(h), q.final_state(h), q.final_state(c)};
        if (auto* node = record_layer<LstmNode>(call, in, result.y, {&result.h, &result.c})) {
            node->save(in, h, q);
            node->gates = Saved(a), node->cells = Saved(c);
        }
        return result;
    }
};

}  // namespace

LstmResult lstm(Operand x, const Tensor& h0, const Tensor& c0, const RecurrentWeights& w, RecurrentOptions options) {
    LstmCall op(x, h0, c0, w, options);
    dispatch_floats(op.call, op.a, op);
    return op.recorded();
}

LstmResult lstm(Operand p, const Tensor& ids, const Tensor& h0, const Tensor& c0, const RecurrentWeights& w,
                RecurrentOptions options) {
    LstmCall op(p, h0, c0, w, options, &ids);
    dispatch_floats(op.call, op.a, StepsAlone{op});
    return op.recorded();
}

}  // namespace vitrine
