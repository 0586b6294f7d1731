#include "recurrent.h"

#include <cmath>

#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::nn {
namespace {

// Columns together in memory, as Linear's: the products of forward read them in order.
Tensor new_weight(std::int64_t rows, std::int64_t columns, const LSTMOptions& options) {
    return make_tensor({rows, columns}, {1, rows}, options.dtype, options.device);
}
Tensor new_bias(std::int64_t rows, const LSTMOptions& options) {
    return options.bias ? make_tensor({rows}, {1}, options.dtype, options.device) : Tensor();
}

Tensor stacked(std::vector<Tensor> states) {
    if (!states[0].defined()) return {};
    for (Tensor& state : states) state = state.unsqueeze(0);
    return cat(states, 0);
}

LSTMOptions common(const RNNOptions& o) {
    return {o.num_layers, o.bias, o.batch_first, o.dropout, o.bidirectional, o.dtype, o.device};
}

}  // namespace

RecurrentStack::RecurrentStack(const char* kind, int gates_, std::int64_t inputs, std::int64_t units, LSTMOptions given,
                               Site site)
    : name(kind), gates(gates_), input_size(inputs), hidden_size(units), options(given) {
    const Call call(name, site);
    call.check(input_size >= 0 && hidden_size >= 1, "input_size ", input_size, ", hidden_size ", hidden_size,
               "; allowed are 0 and more, and 1 and more");
    call.check(options.num_layers >= 1, "num_layers ", options.num_layers, "; allowed are 1 and more");
    call.check(options.dropout >= 0 && options.dropout <= 1, "dropout ", options.dropout, "; allowed is 0 to 1");
    call.check(is_floating(options.dtype), "dtype ", options.dtype, "; allowed are f32 and f64");
    call.check(is_available(options.device), "device ", options.device, " is not available here");
    const std::int64_t rows = gates * hidden_size;
    for (std::int64_t layer = 0; layer < options.num_layers; ++layer) {
        const std::int64_t columns = layer == 0 ? input_size : directions() * hidden_size;
        for (std::int64_t d = 0; d < directions(); ++d)
            weights.push_back({new_weight(rows, columns, options), new_weight(rows, hidden_size, options),
                               new_bias(rows, options), new_bias(rows, options)});
    }
    reset_parameters();
    for (RecurrentWeights& w : weights)
        for (Tensor* t : {&w.w_ih, &w.w_hh, &w.b_ih, &w.b_hh})
            if (t->defined()) t->requires_grad_();
}

void RecurrentStack::reset_parameters() {
    const double bound = 1 / std::sqrt(static_cast<double>(hidden_size));
    for (RecurrentWeights& w : weights)
        for (Tensor* t : {&w.w_ih, &w.w_hh, &w.b_ih, &w.b_hh})
            if (t->defined()) init::uniform_(*t, -bound, bound);
}

void RecurrentStack::members(Members& m) {
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t n = static_cast<std::size_t>(directions());
        const std::string suffix = join("_l", i / n, i % n == 1 ? "_reverse" : "");
        m("weight_ih" + suffix, weights[i].w_ih);
        m("weight_hh" + suffix, weights[i].w_hh);
        m("bias_ih" + suffix, weights[i].b_ih);
        m("bias_hh" + suffix, weights[i].b_hh);
    }
}

LSTMOptions RecurrentStack::options_now() const {
    LSTMOptions now = options;
    now.dtype = weights[0].w_ih.dtype(), now.device = weights[0].w_ih.device();
    return now;
}

std::string RecurrentStack::describe() const {
    std::string text = join(name, '(', input_size, ", ", hidden_size);
    if (options.num_layers > 1) text += join(", ", options.num_layers, " layers");
    if (!options.bias) text += ", no bias";
    if (options.batch_first) text += ", batch first";
    if (options.dropout > 0) text += join(", dropout ", options.dropout);
    if (options.bidirectional) text += ", bidirectional";
    return text + ')';
}

void RecurrentStack::check(const Call& call, const Tensor& x, const LSTMState& state) const {
    const char* const order = options.batch_first ? "(batch, time steps, " : "(time steps, batch, ";
    call.check(x.dim() == 3 && x.size(2) == input_size, "x ", x.shape(), " for ", describe(), "; it must be ", order,
               input_size, ')');
    check_state(call, "x", x, state);
}

void RecurrentStack::check_state(const Call& call, const char* letter, const Tensor& x, const LSTMState& state) const {
    const int time = options.batch_first ? 1 : 0;
    call.check(x.size(time) > 0, letter, ' ', x.shape(), " has no time steps; allowed are 1 and more");
    const Shape wanted{options.num_layers * directions(), x.size(1 - time), hidden_size};
    for (const auto& [name_of, t] : {std::pair("h", &state.h), std::pair("c", &state.c)})
        call.check(!t->defined() || t->shape() == wanted, "state ", name_of, ' ', t->defined() ? t->shape() : Shape(),
                   " for ", describe(), " and ", letter, ' ', x.shape(), "; it must be ", wanted);
}

template <class FirstOf>
LSTMOutput RecurrentStack::walk(const LSTMState& state, bool training, const Layer& layer,
                                const FirstOf& first_of) const {
    const auto initial = [](const Tensor& states, std::size_t i) {
        return states.defined() ? states.select(0, static_cast<std::int64_t>(i)) : Tensor();
    };
    Tensor x;
    std::vector<Tensor> h, c;
    for (std::size_t i = 0; i < weights.size();) {
        std::vector<Tensor> outputs;
        for (std::int64_t d = 0; d < directions(); ++d, ++i) {
            const First first = x.defined() ? First{{x, {}}, weights[i]} : first_of(weights[i]);
            LstmResult r = layer(first.in, {initial(state.h, i), initial(state.c, i)}, first.w, d == 1);
            outputs.push_back(r.y), h.push_back(r.h), c.push_back(r.c);
        }
        x = directions() == 1 ? outputs[0] : cat(outputs, 2);
        if (i < weights.size()) x = dropout(x, options.dropout, training);
    }
    return {options.batch_first ? x.transpose(0, 1) : x, {stacked(h), stacked(c)}};
}

LSTMOutput RecurrentStack::run(const Tensor& given, const LSTMState& state, bool training, const Layer& layer) const {
    check(Call(name, Site::here()), given, state);
    const Tensor x = options.batch_first ? given.transpose(0, 1).contiguous() : given;
    return walk(state, training, layer, [&](const RecurrentWeights& w) { return First{{x, {}}, w}; });
}

LSTMOutput RecurrentStack::run(const Tensor& given, const Embedding& embedding, const LSTMState& state, bool training,
                               const Layer& layer) const {
    const bool fewer_rows = embedding.num_embeddings() < given.numel() && given.dim() == 2;
    if (!fewer_rows || embedding.padding_index() || embedding.has_hooks())
        return run(embedding(given), state, training, layer);
    {
        const Call call(name, Site::here());
        call.check(embedding.embedding_dim() == input_size, embedding.describe(), " for ", describe(),
                   "; its vectors must be of ", input_size);
        call.check_alike(embedding.weight, weights[0].w_ih, "the embedding's weight", "weight_ih_l0");
        check_state(call, "ids", given, state);
    }
    const Tensor ids = options.batch_first ? given.transpose(0, 1).contiguous() : given;
    try {
        return walk(state, training, layer, [&](const RecurrentWeights& w) {
            const ProfiledModule profiled(embedding, Site::here());
            return First{{linear(embedding.weight, w.w_ih, w.b_ih), ids}, {.w_ih = {}, .w_hh = w.w_hh, .b_hh = w.b_hh}};
        });
    } catch (const Error&) {
        if (options.batch_first) embedding(given);  // tells where in `given`, not in `ids`, an id is out of range
        throw;
    }
}

namespace {

using Input = RecurrentStack::Input;

LstmResult lstm_layer(const Input& in, const LSTMState& first, const RecurrentWeights& w, bool reverse) {
    const RecurrentOptions options{.reverse = reverse};
    return in.ids.defined() ? lstm(in.x, in.ids, first.h, first.c, w, options)
                            : lstm(in.x, first.h, first.c, w, options);
}
LstmResult gru_layer(const Input& in, const LSTMState& first, const RecurrentWeights& w, bool reverse) {
    const RecurrentOptions options{.reverse = reverse};
    const RnnResult r = in.ids.defined() ? gru(in.x, in.ids, first.h, w, options) : gru(in.x, first.h, w, options);
    return {r.y, r.h, {}};
}
RecurrentStack::Layer rnn_layer(RnnNonlinearity f) {
    return [f](const Input& in, const LSTMState& first, const RecurrentWeights& w, bool reverse) -> LstmResult {
        const RnnOptions options{.nonlinearity = f, .reverse = reverse};
        const RnnResult r = in.ids.defined() ? rnn(in.x, in.ids, first.h, w, options) : rnn(in.x, first.h, w, options);
        return {r.y, r.h, {}};
    };
}

RNNOutput one_state(const LSTMOutput& out) { return {out.output, out.state.h}; }

}  // namespace

LSTM::LSTM(std::int64_t input_size, std::int64_t hidden_size, LSTMOptions options, Site site)
    : stack_("LSTM", 4, input_size, hidden_size, options, site) {}

LSTMOutput LSTM::forward(const Tensor& x, const LSTMState& state) const {
    return stack_.run(x, state, is_training(), lstm_layer);
}
LSTMOutput LSTM::forward(const Tensor& ids, const Embedding& embedding, const LSTMState& state) const {
    return stack_.run(ids, embedding, state, is_training(), lstm_layer);
}

GRU::GRU(std::int64_t input_size, std::int64_t hidden_size, GRUOptions options, Site site)
    : stack_("GRU", 3, input_size, hidden_size, options, site) {}

RNNOutput GRU::forward(const Tensor& x, const Tensor& state) const {
    return one_state(stack_.run(x, {state, {}}, is_training(), gru_layer));
}
RNNOutput GRU::forward(const Tensor& ids, const Embedding& embedding, const Tensor& state) const {
    return one_state(stack_.run(ids, embedding, {state, {}}, is_training(), gru_layer));
}

RNN::RNN(std::int64_t input_size, std::int64_t hidden_size, RNNOptions options, Site site)
    : stack_("RNN", 1, input_size, hidden_size, common(options), site), nonlinearity_(options.nonlinearity) {}

RNNOutput RNN::forward(const Tensor& x, const Tensor& state) const {
    return one_state(stack_.run(x, {state, {}}, is_training(), rnn_layer(nonlinearity_)));
}
RNNOutput RNN::forward(const Tensor& ids, const Embedding& embedding, const Tensor& state) const {
    return one_state(stack_.run(ids, embedding, {state, {}}, is_training(), rnn_layer(nonlinearity_)));
}

RNNOptions RNN::options() const {
    const LSTMOptions o = stack_.options_now();
    return {o.num_layers, nonlinearity_, o.bias, o.batch_first, o.dropout, o.bidirectional, o.dtype, o.device};
}

std::string RNN::describe() const {
    std::string text = stack_.describe();
    if (nonlinearity_ == RnnNonlinearity::relu) text.insert(text.size() - 1, ", relu");
    return text;
}

}  // namespace vitrine::nn
