// What rnn, gru and lstm share: the checked call and its product, where the states of a sequence lie, the product of a
// step, what a node keeps, and its checked backward. Private to core/ops.
#pragma once

#include <array>
#include <type_traits>
#include <vector>

#include "matmul_call.h"
#include "recurrent.h"
#include "vitrine/core/autocast.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/workspace.h"
#include "vitrine/kernels/matmul/matmul_bf16.h"
#include "vitrine/kernels/recurrent/recurrent_steps.h"

namespace vitrine {

/// All inputs of a layer, in the order of its node's inputs; biases and states may be undefined, and c0 is lstm's. With
/// ids x is a table of products, and there is no w_ih.
struct RecurrentInputs {
    Tensor x, w_ih, w_hh, b_ih, b_hh, h0, c0;
    Tensor ids = {};  // passes no gradient

    static constexpr std::size_t count = 7;
    /// A pointer to each.
    std::array<Tensor*, count> all() { return {&x, &w_ih, &w_hh, &b_ih, &b_hh, &h0, &c0}; }
};

/// The sizes of a layer's call, and places in its memory. States lie in one tensor of T + 1 slots, (T + 1, B, H): the
/// initial state and one behind each step. So "the states before the steps" and "those behind them" are views of it.
struct Sequence {
    std::int64_t T, B, H;
    int gates;
    bool reverse;

    kernels::RecurrentSize step() const { return {B, H}; }
    /// Whether all steps are made in one call: where that is faster, on the CPU.
    bool in_one_call(const Tensor& x) const;
    /// The steps with factors of bf16 where an Autocast says so and the processor has them.
    kernels::RecurrentSteps steps(const Tensor& x) const;
    std::int64_t states() const { return B * H; }            ///< elements of a state
    std::int64_t products() const { return B * gates * H; }  ///< elements of a, or r, of a step
    /// Where in x the s-th step walked is.
    std::int64_t place(std::int64_t s) const { return reverse ? T - 1 - s : s; }
    /// Where in the states the one before, and the one behind, the step at place t begins.
    std::int64_t before(std::int64_t t) const { return (reverse ? t + 1 : t) * states(); }
    std::int64_t behind(std::int64_t t) const { return (reverse ? t : t + 1) * states(); }
    /// The same as pointers; and where the step at place t begins in what has a part for each step, (T, ...).
    template <class E>
    E* before(const Tensor& slots, std::int64_t t) const { return raw<E>(slots) + before(t); }
    template <class E>
    E* behind(const Tensor& slots, std::int64_t t) const { return raw<E>(slots) + behind(t); }
    template <class E>
    E* at(const Tensor& parts, std::int64_t t) const { return raw<E>(parts) + t * (parts.numel() / T); }

    /// Where the first step walked begins in them.
    template <class E>
    E* first_before(const Tensor& slots) const { return before<E>(slots, place(0)); }
    template <class E>
    E* first(const Tensor& parts) const { return at<E>(parts, place(0)); }

    /// Slots for states like x, the first one walked from filled with `initial`, or 0 if that is undefined.
    Tensor new_states(const Tensor& x, const Tensor& initial) const;
    /// (T, B, H): the states behind the steps, or before them; views.
    Tensor behind_steps(const Tensor& states) const { return states.slice(0, reverse ? 0 : 1, reverse ? T : T + 1); }
    Tensor before_steps(const Tensor& states) const { return states.slice(0, reverse ? 1 : 0, reverse ? T + 1 : T); }
    /// (B, H): a copy of the state behind the last step walked.
    Tensor final_state(const Tensor& states) const { return states.select(0, reverse ? 0 : T).clone(); }
};

/// The call's sizes. Throws Error unless everything fits; `gates` are those of the layer's kind; `table`: x is one, with ids.
Sequence check_sequence(const Call& call, RecurrentInputs& in, int gates, bool reverse, bool table);

/// A layer, checked. What its steps fill is made: a (T, B, gates H), h in slots, and r (B, gates H) of one step.
struct RecurrentCall {
    Call call;
    RecurrentInputs in;
    Sequence q;
    Tensor x, b_ih;              ///< as the kernel reads them: without gaps
    kernels::MatmulShape input;  ///< a = x W_ih^T + b_ih: one product
    Tensor a, h, r;
    bool in_one_call;

    /// With `ids` the operand is a table, and `a` its rows.
    RecurrentCall(const char* op, const Operand& operand, const RecurrentWeights& w, const Tensor& h0, const Tensor& c0,
                  int gates, bool reverse, const Tensor* ids);

private:
    void prepare_product();
};

/// Dispatched, it makes that product and runs the steps of Layer, which is derived from it.
template <class Layer>
struct InputProduct : RecurrentCall {
    using RecurrentCall::RecurrentCall;

    template <class T>
    void operator()(auto on) {
        if constexpr (std::same_as<decltype(on), kernels::Cuda>)
            if (by_cublas<T>(on, raw<T>(x), raw<T>(in.w_ih), raw<T>(a), input, {.bias = raw_or_null<T>(b_ih)}))
                return layer().template steps<T>(on);
        {
            const Workspace w(x.device(), kernels::matmul_workspace_bytes<T>(on, input));
            kernels::matmul<T>(on, raw<T>(x), raw<T>(in.w_ih), raw<T>(a), input, {w.data(), w.bytes()}, {.bias = raw_or_null<T>(b_ih)});
        }
        layer().template steps<T>(on);
    }
    Layer& layer() { return static_cast<Layer&>(*this); }
};

/// Dispatched, it runs the steps alone: `a` is made.
template <class Layer>
struct StepsAlone {
    Layer& op;

    explicit StepsAlone(Layer& layer) : op(layer) {}
    template <class T>
    void operator()(auto on) const { op.template steps<T>(on); }
};

/// A product of each step, with its workspace for the whole sequence.
template <class T, class On>
class StepProduct {
public:
    StepProduct(On on, std::int64_t steps, const Tensor& weight, const Tensor& bias, const kernels::MatmulShape& shape)
        : on_(on), weight_(weight), bias_(bias.defined() ? bias.contiguous() : bias), shape_(shape) {
        shape_.bf16_factors = autocast_dtype() == DType::bf16 && kernels::matmul_bf16_pays(shape);
        if constexpr (on_cpu) {
            shape_.bf16_factors &= kernels::matmul_bf16_packs();  // rounding at each step would be slower than f32
            if (shape_.bf16_factors) {
                packed_ = bytes_for(kernels::matmul_bf16_packed_bytes(shape_));
                kernels::matmul_bf16_pack(raw<T>(weight_), shape_, packed_.impl()->data());
            }
            // In f32, too, the order of the kernel is made once for all steps.
            const std::int64_t elements = steps > 1 ? kernels::matmul_packed_elements(on, shape_) : 0;
            if (elements > 0) {
                weight_ = make_tensor({elements}, {1}, weight.dtype(), weight.device());
                kernels::matmul_pack_b<T>(on, raw<T>(weight), raw<T>(weight_), shape_);
                shape_.b_packed = true;
            }
        }
        workspace_ = bytes_for(kernels::matmul_workspace_bytes<T>(on, shape_));
    }
    void operator()(const T* a, T* c) const {
        const std::size_t bytes = static_cast<std::size_t>(workspace_.numel());
        if constexpr (on_cpu)
            if (packed_.defined()) {
                kernels::matmul_bf16_packed(a, packed_.impl()->data(), c, shape_, {workspace_.impl()->data(), bytes},
                                            {.bias = raw_or_null<T>(bias_)});
                return count_one();
            }
        kernels::matmul<T>(on_, a, raw<T>(weight_), c, shape_, {bytes ? raw<T>(workspace_) : nullptr, bytes}, {.bias = raw_or_null<T>(bias_)});
        count_one();
    }

private:
    static constexpr bool on_cpu = std::same_as<T, float> && std::same_as<On, kernels::Cpu>;
    void count_one() const { count_flops(2.0 * static_cast<double>(shape_.M * shape_.N) * static_cast<double>(shape_.K)); }
    Tensor bytes_for(std::size_t bytes) const {
        return make_tensor({static_cast<std::int64_t>(bytes)}, {1}, DType::u8, weight_.device());
    }

    On on_;
    Tensor weight_, bias_;
    Tensor packed_;  // the weight with factors of bf16, where an Autocast says so
    kernels::MatmulShape shape_;
    Tensor workspace_;
};

/// r (B, gates H) = h (B, H) W_hh^T + b_hh.
template <class T, class On>
StepProduct<T, On> prepare_forward_product(On on, const Sequence& q, const RecurrentInputs& in) {
    // A product that is made again at each step wants rows of W_hh^T that lie together.
    const Tensor w = q.T > 1 ? with_strides(in.w_hh, {1, q.gates * q.H}) : in.w_hh;
    const kernels::MatmulShape shape{
        .M = q.B, .N = q.gates * q.H, .K = q.H, .a_row = q.H, .b_row = w.strides()[1], .b_col = w.strides()[0]};
    return {on, q.T, w, in.b_hh, shape};
}

/// dh (B, H) = dr (B, gates H) W_hh.
template <class T, class On>
StepProduct<T, On> prepare_backward_product(On on, const Sequence& q, const RecurrentInputs& in) {
    const Tensor w = q.T > 1 ? with_strides(in.w_hh, {q.H, 1}) : in.w_hh;
    const std::int64_t K = q.gates * q.H;
    const kernels::MatmulShape shape{
        .M = q.B, .N = q.H, .K = K, .a_row = K, .b_row = w.strides()[0], .b_col = w.strides()[1]};
    return {on, q.T, w, {}, shape};
}

/// All steps in one call of recurrent_steps.h: what that needs.
template <class T>
struct AllSteps {
    kernels::RecurrentSteps n;
    Tensor weight, bias;
    Workspace memory;

    static kernels::RecurrentSteps shared(kernels::RecurrentSteps n) { return n.parts = kernels::recurrent_steps_parts(n), n; }

    /// w is in.w_hh with the strides that the direction wants.
    AllSteps(const Sequence& q, const RecurrentInputs& in, const Strides& strides)
        : n(shared(q.steps(in.w_hh))), weight(with_strides(in.w_hh, strides)), bias(in.b_hh.defined() ? in.b_hh.contiguous() : in.b_hh),
          memory(weight.device(), static_cast<std::size_t>(kernels::recurrent_steps_workspace(n)) * sizeof(T)) {
        const double products = static_cast<double>(q.products()) * static_cast<double>(q.H);
        count_flops(2 * products * static_cast<double>(q.T));
    }
    static AllSteps forward(const Sequence& q, const RecurrentInputs& in) { return {q, in, {1, q.gates * q.H}}; }
    static AllSteps backward(const Sequence& q, const RecurrentInputs& in) { return {q, in, {q.H, 1}}; }

    const T* w() const { return raw<T>(weight); }
    const T* b() const { return raw_or_null<T>(bias); }
    T* workspace() const { return static_cast<T*>(memory.data()); }
};

/// The node of a layer. Its backward under create_graph records the layer once more out of simple ops.
struct RecurrentNode : Node {
    Saved x, w_ih, w_hh, b_ih, b_hh, h0, c0;
    Saved ids;
    Saved states;  // h before and behind the steps
    Sequence q{};

    void saved(SavedVisitor& v) override;
    NodeArguments arguments() const override { return {{"reverse", q.reverse}}; }
    void save(const RecurrentInputs& in, const Tensor& h_states, const Sequence& sequence);
    RecurrentInputs unpack();
    /// For a call that runs again: its ids if it has no w_ih, else undefined.
    Tensor ids_of(const NodeValues& v) { return v.in[1].defined() ? Tensor() : v.here(ids.unpack(*this)); }
    void backward(const Grads& g) final;

    /// Gradients by the kernels.
    virtual void backward_kernels(const Grads& g) = 0;
    /// y, h (and c) out of simple ops.
    virtual std::vector<Tensor> simple_ops(const RecurrentInputs& in) const = 0;
};

/// a (T, B, gates H) out of simple ops.
Tensor input_products(const RecurrentInputs& in);

/// Records a node of type N with all inputs, y and the final states, if any input requires grad; else returns nullptr.
template <class N>
N* record_layer(const Call& call, RecurrentInputs& in, Tensor& y, std::initializer_list<Tensor*> final_states) {
    if (!recording(in.x, in.w_ih, in.w_hh, in.b_ih, in.b_hh, in.h0, in.c0)) return nullptr;
    N* node = record<N>(call, y, in.x, in.w_ih, in.w_hh, in.b_ih, in.b_hh, in.h0, in.c0);
    for (Tensor* state : final_states) node->add_output(*state);
    return node;
}

/// dy of an output of `shape`: what came back, row-major, or 0 where nothing did.
Tensor gradient_or_zeros(const Tensor& dy, const Shape& shape, const Tensor& like);

/// The backward of a layer, unpacked. What its steps fill is made: da (T, B, gates H) and dh_before (B, H).
struct RecurrentBackward {
    const Grads& g;
    RecurrentInputs in;
    Sequence q;
    Tensor h, dy, dh;
    Tensor da, dh_before;
    bool at_once;  // all steps in one call

    RecurrentBackward(RecurrentNode& node, const Grads& grads);

    Tensor zeros_like_h() const { return gradient_or_zeros({}, {q.B, q.H}, h); }
};

/// Dispatched, it makes all steps of a backward.
template <class Backward>
struct AtOnce {
    Backward& op;

    explicit AtOnce(Backward& b) : op(b) {}
    template <class T>
    void operator()(auto) const { op.template all_steps<T>(); }
};

/// Gradients of x, weights and biases from da and dr, those of a and r of all steps (T, B, gates H): one product each.
void products_over_steps(const Grads& g, const RecurrentInputs& in, const Tensor& da, const Tensor& dr,
                         const Tensor& h_before);

}  // namespace vitrine
