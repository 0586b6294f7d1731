// Recurrent layers: RNN, GRU and LSTM over whole sequences, and their cells for one step.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "embedding.h"
#include "module.h"
#include "vitrine/core/ops/recurrent.h"

namespace vitrine::nn {

struct LSTMOptions {
    std::int64_t num_layers = 1;  ///< each further layer reads the outputs of the one before
    bool bias = true;
    bool batch_first = false;    ///< x and output are (B, T, ...) instead of (T, B, ...); states are not
    double dropout = 0;          ///< of every layer's outputs but the last one's, in training mode
    bool bidirectional = false;  ///< a second walk from the last step to the first; outputs side by side
    DType dtype = DType::f32;    ///< f32 or f64
    Device device = Device::cpu;
};
using GRUOptions = LSTMOptions;

struct RNNOptions {
    std::int64_t num_layers = 1;
    RnnNonlinearity nonlinearity = RnnNonlinearity::tanh;
    bool bias = true;
    bool batch_first = false;
    double dropout = 0;
    bool bidirectional = false;
    DType dtype = DType::f32;
    Device device = Device::cpu;
};

/// States of all layers and directions, (num_layers directions, B, H): layer 0 forward, layer 0 reverse, layer 1, ...
struct LSTMState {
    Tensor h, c;
    /// The same numbers outside the graph: where truncated backpropagation through time cuts.
    LSTMState detach() const { return {h.detach(), c.detach()}; }
};
struct LSTMOutput {
    Tensor output;    ///< h of the last layer at every step, (T, B, directions H)
    LSTMState state;  ///< behind the last step
};
struct RNNOutput {
    Tensor output;
    Tensor state;  ///< as h of LSTMState
};

/// What RNN, GRU and LSTM share: the weights of all layers and directions, and the walk through them.
class RecurrentStack {
public:
    /// What a layer reads, time steps first: x, or a table of products x and ids of its rows.
    struct Input {
        Tensor x, ids;
    };
    /// One layer, one direction: y, h and, of lstm, c.
    using Layer =
        std::function<LstmResult(const Input& in, const LSTMState& initial, const RecurrentWeights& w, bool reverse)>;

    RecurrentStack(const char* name, int gates, std::int64_t input_size, std::int64_t hidden_size, LSTMOptions options,
                   Site site);
    void reset_parameters();
    void members(Members& m);
    std::string describe() const;
    LSTMOutput run(const Tensor& x, const LSTMState& state, bool training, const Layer& layer) const;
    /// The same of x = embedding(ids).
    LSTMOutput run(const Tensor& ids, const Embedding& embedding, const LSTMState& state, bool training,
                   const Layer& layer) const;

    std::int64_t directions() const { return options.bidirectional ? 2 : 1; }
    /// With the dtype and the device that the weights have now.
    LSTMOptions options_now() const;

    const char* name;
    int gates;
    std::int64_t input_size, hidden_size;
    LSTMOptions options;
    std::vector<RecurrentWeights> weights;  ///< layer 0 forward, layer 0 reverse, layer 1, ...

private:
    void check(const Call& call, const Tensor& x, const LSTMState& state) const;
    void check_state(const Call& call, const char* letter, const Tensor& x, const LSTMState& state) const;
    /// What layer 0 is called with, in each direction.
    struct First {
        Input in;
        RecurrentWeights w;
    };
    template <class FirstOf>
    LSTMOutput walk(const LSTMState& state, bool training, const Layer& layer, const FirstOf& first_of) const;
};

/// Long short-term memory (see lstm in core/ops/recurrent.h). Parameters are named as torch.nn.LSTM's: weight_ih_l0
/// (4 H, I), weight_hh_l0 (4 H, H), bias_ih_l0, bias_hh_l0, then weight_ih_l0_reverse, ..., weight_ih_l1, ...; all
/// start uniform in +-1 / sqrt(H).
class LSTM : public Module<LSTM> {
public:
    /// Throws Error unless input_size >= 0, hidden_size and num_layers >= 1, 0 <= dropout <= 1, the dtype is floating
    /// and the device available.
    LSTM(std::int64_t input_size, std::int64_t hidden_size, LSTMOptions options = {}, Site site = Site::here());

    /// x (T, B, I), or (B, T, I) if batch_first; a state whose tensors are undefined is 0. Throws Error for other
    /// sizes, and for a sequence without steps.
    LSTMOutput forward(const Tensor& x, const LSTMState& state = {}) const;
    /// The same of x = embedding(ids), ids (T, B), or (B, T) if batch_first: `lstm(ids, embedding, state)`. A table of
    /// V rows has V different x. Layer 0 multiplies those and reads a row at each place,
    ///     W_ih x + b_ih = p[id],   p = E W_ih^T + b_ih   (V, 4 H),
    /// where V < T B; backward, da is summed into the rows of p before it is multiplied. Values and gradients are those
    /// of `lstm(embedding(ids), state)` but for rounding; that is what runs where V >= T B, and for an embedding with a
    /// padding_index or with hooks. Throws Error for an id out of range, and as Embedding and forward(x) do.
    LSTMOutput forward(const Tensor& ids, const Embedding& embedding, const LSTMState& state = {}) const;
    /// Draws all weights again.
    void reset_parameters() { stack_.reset_parameters(); }
    LSTM clone() const { return Module::clone(stack_.input_size, stack_.hidden_size, options()); }

    void members(Members& m) override { stack_.members(m); }
    std::string describe() const override { return stack_.describe(); }

    std::int64_t input_size() const { return stack_.input_size; }
    std::int64_t hidden_size() const { return stack_.hidden_size; }
    LSTMOptions options() const { return stack_.options_now(); }

private:
    RecurrentStack stack_;
};

/// Gated recurrent unit (see gru in core/ops/recurrent.h); otherwise as LSTM, with 3 H rows in a weight and one state.
class GRU : public Module<GRU> {
public:
    GRU(std::int64_t input_size, std::int64_t hidden_size, GRUOptions options = {}, Site site = Site::here());

    RNNOutput forward(const Tensor& x, const Tensor& state = {}) const;
    /// Of x = embedding(ids), as LSTM's: `gru(ids, embedding, state)`.
    RNNOutput forward(const Tensor& ids, const Embedding& embedding, const Tensor& state = {}) const;
    void reset_parameters() { stack_.reset_parameters(); }
    GRU clone() const { return Module::clone(stack_.input_size, stack_.hidden_size, options()); }

    void members(Members& m) override { stack_.members(m); }
    std::string describe() const override { return stack_.describe(); }

    std::int64_t input_size() const { return stack_.input_size; }
    std::int64_t hidden_size() const { return stack_.hidden_size; }
    GRUOptions options() const { return stack_.options_now(); }

private:
    RecurrentStack stack_;
};

/// The simple recurrent layer, tanh or relu (see rnn in core/ops/recurrent.h); otherwise as GRU, with H rows in a
/// weight.
class RNN : public Module<RNN> {
public:
    RNN(std::int64_t input_size, std::int64_t hidden_size, RNNOptions options = {}, Site site = Site::here());

    RNNOutput forward(const Tensor& x, const Tensor& state = {}) const;
    /// Of x = embedding(ids), as LSTM's: `rnn(ids, embedding, state)`.
    RNNOutput forward(const Tensor& ids, const Embedding& embedding, const Tensor& state = {}) const;
    void reset_parameters() { stack_.reset_parameters(); }
    RNN clone() const { return Module::clone(stack_.input_size, stack_.hidden_size, options()); }

    void members(Members& m) override { stack_.members(m), m("nonlinearity", nonlinearity_); }
    std::string describe() const override;

    std::int64_t input_size() const { return stack_.input_size; }
    std::int64_t hidden_size() const { return stack_.hidden_size; }
    RNNOptions options() const;

private:
    RecurrentStack stack_;
    RnnNonlinearity nonlinearity_;
};

}  // namespace vitrine::nn
