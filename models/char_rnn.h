// A recurrent network that says which character comes next.
//
// A. Graves, "Generating Sequences With Recurrent Neural Networks", 2013; sizes as in A. Karpathy's char-rnn, 2015.
//
//     e_t = embedding of character t      (h_t, state) = rnn, gru or lstm of e_t and the state
//     logits_t = W h_t + b                softmax(logits_t) are the probabilities of character t + 1
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sampling.h"
#include "vitrine/nn/embedding.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/recurrent.h"

namespace vitrine::models {

enum class CellKind { rnn, gru, lstm };
/// "rnn", "gru" or "lstm". Throws Error for another name.
CellKind parse_cell(const std::string& name, Site site = Site::here());

struct CharRnnOptions {
    std::int64_t vocabulary = 65;
    CellKind cell = CellKind::lstm;
    std::int64_t embedding = 128;
    std::int64_t hidden = 128;
    std::int64_t layers = 2;
    double dropout = 0.1;  ///< between layers
};

struct CharRnnOutput {
    Tensor logits;        ///< (T, B, vocabulary)
    nn::LSTMState state;  ///< behind the last step; c is lstm's alone
};

class CharRnn : public nn::Module<CharRnn> {
public:
    /// Throws Error for a size or a dropout that a layer does not allow.
    explicit CharRnn(CharRnnOptions options = {}, Site site = Site::here());

    /// ids (T, B) i64, and the state that an earlier call gave, or none. Throws Error for an id out of range, and as
    /// the layers do.
    CharRnnOutput forward(const Tensor& ids, const nn::LSTMState& state = {});

    /// `count` characters (count) i64 that follow on `prime` (T >= 1) i64, one drawn after the other, in eval mode and
    /// without a graph.
    Tensor sample(const Tensor& prime, std::int64_t count, SamplingOptions options = {},
                  Generator& generator = default_generator(), Site site = Site::here());

    void members(nn::Members& m) override;
    const CharRnnOptions& options() const { return options_; }

private:
    CharRnnOptions options_;
    nn::Embedding embedding_;
    std::unique_ptr<nn::RNN> rnn_;  // one of the three
    std::unique_ptr<nn::GRU> gru_;
    std::unique_ptr<nn::LSTM> lstm_;
    nn::Linear head_;
};

}  // namespace vitrine::models
