// gru: r and z are gates, n = tanh(a_n + r r_n), h = (1 - z) n + z h'.
#include "recurrent_sequence.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine {
namespace {

struct GruBackward : RecurrentBackward {
    Tensor gates, r_n, dr;
    Tensor direct;  // the part of dh' that does not pass W_hh

    GruBackward(RecurrentNode& node, const Grads& grads, const Saved& saved_gates, const Saved& saved_r_n)
        : RecurrentBackward(node, grads),
          gates(saved_gates.unpack(node)),
          r_n(saved_r_n.unpack(node)),
          dr(empty_like(da)),
          direct(zeros_like_h()) {}

    template <class T>
    void operator()(auto on) {
        const auto product = prepare_backward_product<T>(on, q, in);
        for (std::int64_t s = q.T - 1, t = q.place(s); s >= 0; t = q.place(--s)) {
            kernels::gru_step_backward(on, q.at<T>(gates, t), q.at<T>(r_n, t), q.before<T>(h, t), q.at<T>(dy, t), raw<T>(dh), raw<T>(direct), q.at<T>(da, t), q.at<T>(dr, t), q.step());
            if (s > 0 || g.needs(5)) product(q.at<T>(dr, t), raw<T>(dh_before));
            dh = dh_before;
        }
    }
    template <class T>
    void all_steps() {
        const auto all = AllSteps<T>::backward(q, in);
        dh_before.copy_(dh);
        kernels::gru_steps_backward(kernels::Cpu{}, all.w(), q.first<T>(gates), q.first<T>(r_n), q.first_before<T>(h),
                                    q.first<T>(dy), raw<T>(dh_before), raw<T>(direct), q.first<T>(da), q.first<T>(dr),
                                    all.n, g.needs(5), all.workspace());
    }
};

struct GruNode final : RecurrentNode {
    Saved gates;  // r z n of all steps, (T, B, 3 H)
    Saved r_n;    // (T, B, H)

    const char* name() const override { return "gru"; }
    void saved(SavedVisitor& v) override {
        RecurrentNode::saved(v);
        v("gates", gates), v("r_n", r_n);
    }

    void forward(const NodeValues& v) override {
        const Tensor rows = ids_of(v);
        const RecurrentWeights w{v.in[1], v.in[2], v.in[3], v.in[4]};
        const RecurrentOptions options{.reverse = q.reverse};
        const RnnResult r =
            rows.defined() ? gru(v.in[0], rows, v.in[5], w, options) : gru(v.in[0], v.in[5], w, options);
        v.out[0] = r.y, v.out[1] = r.h;
    }
    void backward_kernels(const Grads& g) override {
        GruBackward op(*this, g, gates, r_n);
        op.at_once ? dispatch_floats({name(), site()}, op.h, AtOnce{op}) : dispatch_floats({name(), site()}, op.h, op);
        products_over_steps(g, op.in, op.da, op.dr, q.before_steps(op.h));
        if (g.needs(5)) g.in[5] = op.dh_before + op.direct;
    }

    std::vector<Tensor> simple_ops(const RecurrentInputs& in) const override {
        const Tensor a = input_products(in);
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

struct GruCall : InputProduct<GruCall> {
    Tensor r_n;

    GruCall(const Operand& operand, const Tensor& h0, const RecurrentWeights& w, const RecurrentOptions& options,
            const Tensor* ids = nullptr)
        : InputProduct("gru", operand, w, h0, {}, 3, options.reverse, ids),
          r_n(make_tensor({q.T, q.B, q.H}, {q.B * q.H, q.H, 1}, a.dtype(), a.device())) {}

    // a becomes the gates.
    template <class T>
    void steps(auto on) {
        const NoGrad no_grad;
        if (in_one_call) return all_steps<T>();
        const auto product = prepare_forward_product<T>(on, q, in);
        for (std::int64_t s = 0; s < q.T; ++s) {
            const std::int64_t t = q.place(s);
            product(q.before<T>(h, t), raw<T>(r));
            kernels::gru_step(on, raw<T>(r), q.before<T>(h, t), q.at<T>(a, t), q.at<T>(r_n, t), q.behind<T>(h, t),
                              q.step());
        }
    }
    template <class T>
    void all_steps() {
        const auto all = AllSteps<T>::forward(q, in);
        kernels::gru_steps(kernels::Cpu{}, all.w(), all.b(), q.first<T>(a), q.first<T>(r_n), q.first_before<T>(h),
                           all.n, all.workspace());
    }
    RnnResult recorded() {
        RnnResult result{q.behind_steps(h), q.final_state(h)};
        if (auto* node = record_layer<GruNode>(call, in, result.y, {&result.h})) {
            node->save(in, h, q);
            node->gates = Saved(a), node->r_n = Saved(r_n);
        }
        return result;
    }
};

}  // namespace

RnnResult gru(Operand x, const Tensor& h0, const RecurrentWeights& w, RecurrentOptions options) {
    GruCall op(x, h0, w, options);
    dispatch_floats(op.call, op.a, op);
    return op.recorded();
}

RnnResult gru(Operand p, const Tensor& ids, const Tensor& h0, const RecurrentWeights& w, RecurrentOptions options) {
    GruCall op(p, h0, w, options, &ids);
    dispatch_floats(op.call, op.a, StepsAlone{op});
    return op.recorded();
}

}  // namespace vitrine
