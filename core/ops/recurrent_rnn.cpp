// rnn: h = f(a + r).
#include "recurrent_sequence.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine {
namespace {

// The f of the formula as the kernels' type.
template <class Body>
void with_function(RnnNonlinearity f, Body&& body) {
    f == RnnNonlinearity::tanh ? body(kernels::Tanh{}) : body(kernels::Relu{});
}

struct RnnNode final : RecurrentNode {
    RnnNonlinearity f = RnnNonlinearity::tanh;

    const char* name() const override { return "rnn"; }

    void forward(const NodeValues& v) override {
        const RnnResult r = rnn(v.in[0], v.in[5], {v.in[1], v.in[2], v.in[3], v.in[4]}, {.nonlinearity = f, .reverse = q.reverse});
        v.out[0] = r.y, v.out[1] = r.h;
    }
    void backward_kernels(const Grads& g) override {
        RecurrentInputs in = unpack();
        const Tensor h = states.unpack(*this);
        const Tensor dy = gradient_or_zeros(g.out[0], {q.T, q.B, q.H}, h);
        Tensor dh = gradient_or_zeros(g.out[1], {q.B, q.H}, h);
        const Tensor da = make_tensor({q.T, q.B, q.H}, {q.B * q.H, q.H, 1}, h.dtype(), h.device());
        const Tensor dh_before = make_tensor({q.B, q.H}, {q.H, 1}, h.dtype(), h.device());
        dispatch_floats({name(), site()}, h, [&]<class T>(auto on) {
            const auto product = backward_product<T>(on, q, in);
            for (std::int64_t s = q.T - 1; s >= 0; --s) {
                const std::int64_t t = q.place(s);
                T* const da_t = raw<T>(da) + t * q.states();
                with_function(f, [&](auto fn) {
                    kernels::rnn_step_backward(on, fn, raw<T>(h) + q.behind(t), raw<T>(dy) + t * q.states(), raw<T>(dh),
                                               da_t, q.step());
                });
                if (s > 0 || g.needs(5)) product(da_t, raw<T>(dh_before));
                dh = dh_before;
            }
        });
        products_over_steps(g, in, da, da, q.before_steps(h));
        if (g.needs(5)) g.in[5] = dh_before;
    }

    std::vector<Tensor> simple_ops(const RecurrentInputs& in) const override {
        const Tensor a = linear(in.x, in.w_ih, in.b_ih);
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

}  // namespace

RnnResult rnn(Operand operand, const Tensor& h0, const RecurrentWeights& w, RnnOptions options) {
    const Call call("rnn", operand);
    RecurrentInputs in{call.floating(operand), w.w_ih, w.w_hh, w.b_ih, w.b_hh, h0, {}};
    const Sequence q = check_sequence(call, in, 1, options.reverse);

    Tensor h;
    RnnResult result;
    {
        const NoGrad no_grad;
        const Tensor a = input_product(call, in);
        h = q.new_states(in.x, in.h0);
        const Tensor r = make_tensor({q.B, q.H}, {q.H, 1}, h.dtype(), h.device());
        dispatch_floats(call, in.x, [&]<class T>(auto on) {
            const auto product = forward_product<T>(on, q, in);
            for (std::int64_t s = 0; s < q.T; ++s) {
                const std::int64_t t = q.place(s);
                product(raw<T>(h) + q.before(t), raw<T>(r));
                with_function(options.nonlinearity, [&](auto f) {
                    kernels::rnn_step(on, f, raw<T>(a) + t * q.states(), raw<T>(r), raw<T>(h) + q.behind(t), q.step());
                });
            }
        });
        result = {q.behind_steps(h), q.final_state(h)};
    }
    if (auto* node = record_layer<RnnNode>(call, in, result.y, {&result.h})) {
        node->save(in, h, q);
        node->f = options.nonlinearity;
    }
    return result;
}

}  // namespace vitrine
