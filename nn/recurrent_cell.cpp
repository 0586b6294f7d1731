#include "recurrent_cell.h"

#include <cmath>

#include "vitrine/core/tensor_impl.h"

namespace vitrine::nn {

CellWeights::CellWeights(const char* kind, int gates, std::int64_t inputs, std::int64_t units, CellOptions given,
                         Site site)
    : name(kind), input_size(inputs), hidden_size(units), options(given) {
    const Call call(name, site);
    call.check(input_size >= 0 && hidden_size >= 1, "input_size ", input_size, ", hidden_size ", hidden_size,
               "; allowed are 0 and more, and 1 and more");
    call.check(is_floating(options.dtype), "dtype ", options.dtype, "; allowed are f32 and f64");
    call.check(is_available(options.device), "device ", options.device, " is not available here");
    const std::int64_t rows = gates * hidden_size;
    w.w_ih = make_tensor({rows, input_size}, {1, rows}, options.dtype, options.device);
    w.w_hh = make_tensor({rows, hidden_size}, {1, rows}, options.dtype, options.device);
    if (options.bias) w.b_ih = make_tensor({rows}, {1}, options.dtype, options.device);
    if (options.bias) w.b_hh = make_tensor({rows}, {1}, options.dtype, options.device);
    reset_parameters();
    for (Tensor* t : {&w.w_ih, &w.w_hh, &w.b_ih, &w.b_hh})
        if (t->defined()) t->requires_grad_();
}

void CellWeights::reset_parameters() {
    const double bound = 1 / std::sqrt(static_cast<double>(hidden_size));
    for (Tensor* t : {&w.w_ih, &w.w_hh, &w.b_ih, &w.b_hh})
        if (t->defined()) init::uniform_(*t, -bound, bound);
}

void CellWeights::members(Members& m) {
    m("weight_ih", w.w_ih), m("weight_hh", w.w_hh);
    m("bias_ih", w.b_ih), m("bias_hh", w.b_hh);
}

std::string CellWeights::describe() const {
    return join(name, '(', input_size, ", ", hidden_size, options.bias ? ")" : ", no bias)");
}

void CellWeights::check(const Tensor& x, const Tensor& h, const Tensor& c) const {
    const Call call(name, Site::here());
    call.check(x.dim() == 2 && x.size(1) == input_size, "x ", x.shape(), " for ", describe(), "; it must be (batch, ",
               input_size, ')');
    const Shape wanted{x.size(0), hidden_size};
    for (const auto& [letter, t] : {std::pair("h", &h), std::pair("c", &c)})
        call.check(!t->defined() || t->shape() == wanted, letter, ' ', t->defined() ? t->shape() : Shape(), " for ",
                   describe(), " and x ", x.shape(), "; it must be ", wanted);
}

RNNCell::RNNCell(std::int64_t input_size, std::int64_t hidden_size, RNNCellOptions o, Site site)
    : cell_("RNNCell", 1, input_size, hidden_size, {o.bias, o.dtype, o.device}, site), nonlinearity_(o.nonlinearity) {}

RNNCell RNNCell::clone() const {
    const CellOptions o = cell_.options_now();
    return Module::clone(cell_.input_size, cell_.hidden_size, RNNCellOptions{o.bias, nonlinearity_, o.dtype, o.device});
}

Tensor RNNCell::forward(const Tensor& x, const Tensor& h) const {
    cell_.check(x, h);
    return rnn(x.unsqueeze(0), h, cell_.w, {.nonlinearity = nonlinearity_}).h;
}

GRUCell::GRUCell(std::int64_t input_size, std::int64_t hidden_size, CellOptions options, Site site)
    : cell_("GRUCell", 3, input_size, hidden_size, options, site) {}

Tensor GRUCell::forward(const Tensor& x, const Tensor& h) const {
    cell_.check(x, h);
    return gru(x.unsqueeze(0), h, cell_.w).h;
}

LSTMCell::LSTMCell(std::int64_t input_size, std::int64_t hidden_size, CellOptions options, Site site)
    : cell_("LSTMCell", 4, input_size, hidden_size, options, site) {}

LSTMState LSTMCell::forward(const Tensor& x, const LSTMState& state) const {
    cell_.check(x, state.h, state.c);
    const LstmResult r = lstm(x.unsqueeze(0), state.h, state.c, cell_.w);
    return {r.h, r.c};
}

}  // namespace vitrine::nn
