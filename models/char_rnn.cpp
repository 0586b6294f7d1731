#include "char_rnn.h"

#include <vector>

#include "vitrine/core/ops/creation.h"

namespace vitrine::models {
namespace {

/// While one lives the module is in eval mode.
class EvalMode {
public:
    explicit EvalMode(nn::AnyModule& module) : module_(module), before_(module.is_training()) { module_.eval(); }
    ~EvalMode() { module_.train(before_); }
    EvalMode(const EvalMode&) = delete;
    EvalMode& operator=(const EvalMode&) = delete;

private:
    nn::AnyModule& module_;
    bool before_;
};

}  // namespace

CellKind parse_cell(const std::string& name, Site site) {
    if (name == "rnn") return CellKind::rnn;
    if (name == "gru") return CellKind::gru;
    Call("parse_cell", site).check(name == "lstm", '"', name, "\"; allowed are rnn, gru and lstm");
    return CellKind::lstm;
}

CharRnn::CharRnn(CharRnnOptions o, Site site)
    : options_(o), embedding_(o.vocabulary, o.embedding, {}, site), head_(o.hidden, o.vocabulary, {}, site) {
    const std::int64_t in = o.embedding, hidden = o.hidden;
    switch (o.cell) {
        case CellKind::rnn:
            rnn_ = std::make_unique<nn::RNN>(in, hidden, nn::RNNOptions{.num_layers = o.layers, .dropout = o.dropout},
                                             site);
            break;
        case CellKind::gru:
            gru_ = std::make_unique<nn::GRU>(in, hidden, nn::GRUOptions{.num_layers = o.layers, .dropout = o.dropout},
                                             site);
            break;
        case CellKind::lstm:
            lstm_ = std::make_unique<nn::LSTM>(in, hidden,
                                               nn::LSTMOptions{.num_layers = o.layers, .dropout = o.dropout}, site);
            break;
    }
}

void CharRnn::members(nn::Members& m) {
    m("embedding", embedding_);
    m("rnn", rnn_), m("gru", gru_), m("lstm", lstm_);
    m("head", head_);
}

CharRnnOutput CharRnn::forward(const Tensor& ids, const nn::LSTMState& state) {
    if (lstm_) {
        const nn::LSTMOutput out = (*lstm_)(ids, embedding_, state);
        return {head_(out.output), out.state};
    }
    const nn::RNNOutput out = gru_ ? (*gru_)(ids, embedding_, state.h) : (*rnn_)(ids, embedding_, state.h);
    return {head_(out.output), {out.state, {}}};
}

Tensor CharRnn::sample(const Tensor& prime, std::int64_t count, SamplingOptions options, Generator& generator,
                       Site site) {
    const Call call("CharRnn::sample", site);
    call.check(prime.defined() && prime.dim() == 1 && prime.numel() > 0, "prime ",
               prime.defined() ? prime.shape() : Shape(), "; needed is at least one character (T)");
    call.check(count >= 0, "count ", count, "; allowed are 0 and more");
    const NoGrad no_grad;
    const EvalMode eval_mode(*this);
    std::vector<std::int64_t> drawn;
    CharRnnOutput out = forward(prime.unsqueeze(1));
    while (static_cast<std::int64_t>(drawn.size()) < count) {
        drawn.push_back(sample_token(out.logits.select(0, -1).select(0, 0), options, generator, site));
        out = forward(tensor({drawn.back()}).reshape({1, 1}).to(prime.device()), out.state);
    }
    return from_vector(std::move(drawn), {count}, site);
}

}  // namespace vitrine::models
