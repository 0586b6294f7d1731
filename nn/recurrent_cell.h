// One step of a recurrent layer at a time, for loops of your own.
#pragma once

#include <cstdint>
#include <string>

#include "module.h"
#include "recurrent.h"

namespace vitrine::nn {

struct CellOptions {
    bool bias = true;
    DType dtype = DType::f32;  ///< f32 or f64
    Device device = Device::cpu;
};

struct RNNCellOptions {
    bool bias = true;
    RnnNonlinearity nonlinearity = RnnNonlinearity::tanh;
    DType dtype = DType::f32;
    Device device = Device::cpu;
};

/// What the cells share: weights named as PyTorch's, weight_ih (gates H, I), weight_hh (gates H, H), bias_ih, bias_hh,
/// uniform in +-1 / sqrt(H).
class CellWeights {
public:
    CellWeights(const char* name, int gates, std::int64_t input_size, std::int64_t hidden_size, CellOptions options,
                Site site);
    void reset_parameters();
    void members(Members& m);
    std::string describe() const;
    /// With the dtype and the device that the weights have now.
    CellOptions options_now() const { return {options.bias, w.w_ih.dtype(), w.w_ih.device()}; }
    /// Throws Error unless x is (B, I) and the states, where defined, (B, H).
    void check(const Tensor& x, const Tensor& h, const Tensor& c = {}) const;

    const char* name;
    std::int64_t input_size, hidden_size;
    CellOptions options;
    RecurrentWeights w;
};

/// h of the next step: x (B, I), h (B, H) or undefined for 0. (See rnn in core/ops/recurrent.h.)
class RNNCell : public Module<RNNCell> {
public:
    /// Throws Error unless input_size >= 0, hidden_size >= 1, the dtype is floating and the device available.
    RNNCell(std::int64_t input_size, std::int64_t hidden_size, RNNCellOptions options = {}, Site site = Site::here());

    /// Throws Error for other sizes.
    Tensor forward(const Tensor& x, const Tensor& h = {}) const;
    void reset_parameters() { cell_.reset_parameters(); }
    RNNCell clone() const;
    void members(Members& m) override { cell_.members(m), m("nonlinearity", nonlinearity_); }
    std::string describe() const override { return cell_.describe(); }

private:
    CellWeights cell_;
    RnnNonlinearity nonlinearity_;
};

/// The same of gru.
class GRUCell : public Module<GRUCell> {
public:
    GRUCell(std::int64_t input_size, std::int64_t hidden_size, CellOptions options = {}, Site site = Site::here());

    Tensor forward(const Tensor& x, const Tensor& h = {}) const;
    void reset_parameters() { cell_.reset_parameters(); }
    GRUCell clone() const { return Module::clone(cell_.input_size, cell_.hidden_size, cell_.options_now()); }
    void members(Members& m) override { cell_.members(m); }
    std::string describe() const override { return cell_.describe(); }

private:
    CellWeights cell_;
};

/// h and c of the next step of lstm, (B, H) each.
class LSTMCell : public Module<LSTMCell> {
public:
    LSTMCell(std::int64_t input_size, std::int64_t hidden_size, CellOptions options = {}, Site site = Site::here());

    LSTMState forward(const Tensor& x, const LSTMState& state = {}) const;
    void reset_parameters() { cell_.reset_parameters(); }
    LSTMCell clone() const { return Module::clone(cell_.input_size, cell_.hidden_size, cell_.options_now()); }
    void members(Members& m) override { cell_.members(m); }
    std::string describe() const override { return cell_.describe(); }

private:
    CellWeights cell_;
};

}  // namespace vitrine::nn
