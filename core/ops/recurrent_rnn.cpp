// rnn: h = f(a + r).
#include "recurrent_sequence.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine {
namespace {

struct RnnBackward : RecurrentBackward {
    RnnNonlinearity f;

    RnnBackward(RecurrentNode& node, const Grads& grads, RnnNonlinearity function)
        : RecurrentBackward(node, grads), f(function) {}

    template <class T>
    void operator()(auto on) {
        const auto product = prepare_backward_product<T>(on, q, in);
        for (std::int64_t s = q.T - 1, t = q.place(s); s >= 0; t = q.place(--s)) {
            if (f == RnnNonlinearity::tanh) kernels::rnn_step_backward(on, kernels::Tanh{}, q.behind<T>(h, t), q.at<T>(dy, t), raw<T>(dh), q.at<T>(da, t), q.step());
            else kernels::rnn_step_backward(on, kernels::Relu{}, q.behind<T>(h, t), q.at<T>(dy, t), raw<T>(dh),
                                            q.at<T>(da, t), q.step());
            if (s > 0 || g.needs(5)) product(q.at<T>(da, t), raw<T>(dh_before));
            dh = dh_before;
        }
    }
    template <class T>
    void all_steps() {
        const auto all = AllSteps<T>::backward(q, in);
        dh_before.copy_(dh);
        const auto run = [&](auto function) {
            kernels::rnn_steps_backward(kernels::Cpu{}, function, all.w(), q.first_before<T>(h), q.first<T>(dy),
                                        raw<T>(dh_before), q.first<T>(da), all.n, g.needs(5), all.workspace());
        };
        f == RnnNonlinearity::tanh ? run(kernels::Tanh{}) : run(kernels::Relu{});
    }
};

struct RnnNode final : RecurrentNode {
    RnnNonlinearity f = RnnNonlinearity::tanh;

    const char* name() const override { return "rnn"; }
    NodeArguments arguments() const override { return {{"nonlinearity", f}, {"reverse", q.reverse}}; }

    void forward(const NodeValues& v) override {
        const Tensor rows = ids_of(v);
        const RecurrentWeights w{v.in[1], v.in[2], v.in[3], v.in[4]};
        const RnnOptions options{.nonlinearity = f, .reverse = q.reverse};
        const RnnResult r =
            rows.defined() ? rnn(v.in[0], rows, v.in[5], w, options) : rnn(v.in[0], v.in[5], w, options);
        v.out[0] = r.y, v.out[1] = r.h;
    }
    void backward_kernels(const Grads& g) override {
        RnnBackward op(*this, g, f);
        op.at_once ? dispatch_floats({name(), site()}, op.h, AtOnce{op}) : dispatch_floats({name(), site()}, op.h, op);
        products_over_steps(g, op.in, op.da, op.da, q.before_steps(op.h));
        if (g.needs(5)) g.in[5] = op.dh_before;
    }

    std::vector<Tensor> simple_ops(const RecurrentInputs& in) const override {
        const Tensor a = input_products(in);
        std::vector<Tensor> y(static_cast<std::size_t>(q.T));
        Tensor h = in.h0;
        for (std::int64_t s = 0; s < q.T; ++s) {
            const std::int64_t t = q.place(s);
            const Tensor v = a.select(0, t) + linear(h, in.w_hh, in.b_hh);
            h = f == RnnNonlinearity::tanh ? tanh(v) : relu(v);
            y[static_cast<std::size_t>(t)] = h.unsqueeze(0);
        }
        return {cat(y, 0), h};
    }
};

struct RnnCall : InputProduct<RnnCall> {
    RnnNonlinearity f;

    RnnCall(const Operand& operand, const Tensor& h0, const RecurrentWeights& w, const RnnOptions& options,
            const Tensor* ids = nullptr)
        : InputProduct("rnn", operand, w, h0, {}, 1, options.reverse, ids), f(options.nonlinearity) {}

    template <class T>
    void steps(auto on) {
        const NoGrad no_grad;
        if (in_one_call) return all_steps<T>();
        const auto product = prepare_forward_product<T>(on, q, in);
        for (std::int64_t s = 0; s < q.T; ++s) {
            const std::int64_t t = q.place(s);
            product(q.before<T>(h, t), raw<T>(r));
            if (f == RnnNonlinearity::tanh)
                kernels::rnn_step(on, kernels::Tanh{}, q.at<T>(a, t), raw<T>(r), q.behind<T>(h, t), q.step());
            else
                kernels::rnn_step(on, kernels::Relu{}, q.at<T>(a, t), raw<T>(r), q.behind<T>(h, t), q.step());
        }
    }
    template <class T>
    void all_steps() {
        const auto all = AllSteps<T>::forward(q, in);
        const auto run = [&](auto function) {
            kernels::rnn_steps(kernels::Cpu{}, function, all.w(), all.b(), q.first<T>(a), q.first_before<T>(h), all.n,
                               all.workspace());
        };
        f == RnnNonlinearity::tanh ? run(kernels::Tanh{}) : run(kernels::Relu{});
    }
    RnnResult recorded() {
        RnnResult result{q.behind_steps(h), q.final_state(h)};
        if (auto* node = record_layer<RnnNode>(call, in, result.y, {&result.h})) {
            node->save(in, h, q);
            node->f = f;
        }
        return result;
    }
};

}  // namespace

RnnResult rnn(Operand x, const Tensor& h0, const RecurrentWeights& w, RnnOptions options) {
    RnnCall op(x, h0, w, options);
    dispatch_floats(op.call, op.a, op);
    return op.recorded();
}

RnnResult rnn(Operand p, const Tensor& ids, const Tensor& h0, const RecurrentWeights& w, RnnOptions options) {
    RnnCall op(p, h0, w, options, &ids);
    dispatch_floats(op.call, op.a, StepsAlone{op});
    return op.recorded();
}

}  // namespace vitrine
