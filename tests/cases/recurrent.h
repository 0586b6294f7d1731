// Cases of rnn, gru and lstm, with a reference written from the formulas.
#pragma once

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/recurrent.h"

namespace vitrine::testing {

enum class Cell { rnn_tanh, rnn_relu, gru, lstm };

struct RecurrentCase {
    const char* name;
    Cell cell;
    std::int64_t T, B, I, H;
    bool bias = true, reverse = false, states = true;
    Layout layout = Layout::rows;  // of x and the weights
    std::int64_t table = 0;        // rows of a table of products that x is then, without w_ih and b_ih; I is not used
};

inline std::int64_t gates_of(Cell cell) { return cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1; }

/// The inputs of a case, in the order x [w_ih] w_hh [b_ih] [b_hh] [h0 c0] [ids].
inline std::vector<Input> recurrent_inputs(const RecurrentCase& k) {
    const std::int64_t rows = gates_of(k.cell) * k.H;
    std::vector<Input> in;
    if (k.table > 0) in = {{{k.table, rows}, k.layout, -1, 1}};
    else in = {{{k.T, k.B, k.I}, k.layout, -1, 1}, {{rows, k.I}, k.layout, -1, 1}};
    in.push_back({{rows, k.H}, k.layout, -0.5, 0.5});
    if (k.bias && k.table == 0) in.push_back({{rows}, Layout::rows, -1, 1});
    if (k.bias) in.push_back({{rows}, Layout::rows, -1, 1});
    if (k.states) in.push_back({{k.B, k.H}, Layout::rows, -1, 1});
    if (k.states && k.cell == Cell::lstm) in.push_back({{k.B, k.H}, Layout::rows, -1, 1});
    const auto ends = static_cast<double>(k.table);
    if (k.table > 0) in.push_back({{k.T, k.B}, Layout::rows, 0, ends, false, true});
    return in;
}

/// The same by name; left out: made by default.
template <class X>
struct Named {
    X x, w_ih, w_hh, b_ih, b_hh, h0, c0, ids;

    Named(const RecurrentCase& k, const std::vector<X>& in) {
        std::size_t i = 0;
        const auto next = [&](bool there) { return there ? in[i++] : X(); };
        x = next(true), w_ih = next(k.table == 0), w_hh = next(true);
        b_ih = next(k.bias && k.table == 0), b_hh = next(k.bias);
        h0 = next(k.states), c0 = next(k.states && k.cell == Cell::lstm), ids = next(k.table > 0);
    }
};

struct Outputs {
    Tensor y, h, c;
};

inline Outputs run_recurrent(const RecurrentCase& k, const std::vector<Tensor>& inputs) {
    const Named<Tensor> in(k, inputs);
    const RecurrentWeights w{in.w_ih, in.w_hh, in.b_ih, in.b_hh};
    const bool table = k.table > 0;
    if (k.cell == Cell::lstm) {
        const RecurrentOptions options{.reverse = k.reverse};
        const LstmResult r = table ? lstm(in.x, in.ids, in.h0, in.c0, w, options)
                                   : lstm(in.x, in.h0, in.c0, w, options);
        return {r.y, r.h, r.c};
    }
    if (k.cell == Cell::gru) {
        const RecurrentOptions options{.reverse = k.reverse};
        const RnnResult r = table ? gru(in.x, in.ids, in.h0, w, options) : gru(in.x, in.h0, w, options);
        return {r.y, r.h, {}};
    }
    const RnnOptions options{k.cell == Cell::rnn_tanh ? RnnNonlinearity::tanh : RnnNonlinearity::relu, k.reverse};
    const RnnResult r = table ? rnn(in.x, in.ids, in.h0, w, options) : rnn(in.x, in.h0, w, options);
    return {r.y, r.h, {}};
}

/// y, h and c one behind the other.
inline std::vector<double> recurrent_reference(const RecurrentCase& k, const std::vector<Array>& inputs) {
    const Named<Array> in(k, inputs);
    const auto at = [](const std::vector<double>& v, std::int64_t i) { return v[static_cast<std::size_t>(i)]; };
    const auto s = [](double v) { return 1 / (1 + std::exp(-v)); };
    const std::int64_t gates = gates_of(k.cell), H = k.H;
    std::vector<double> h(static_cast<std::size_t>(k.B * H)), c = h, y(static_cast<std::size_t>(k.T * k.B * H));
    if (k.states) h = in.h0.values;
    if (k.states && k.cell == Cell::lstm) c = in.c0.values;
    for (std::int64_t step = 0; step < k.T; ++step) {
        const std::int64_t t = k.reverse ? k.T - 1 - step : step;
        std::vector<double> next = h;
        for (std::int64_t b = 0; b < k.B; ++b) {
            for (std::int64_t j = 0; j < H; ++j) {
                double a[4] = {}, r[4] = {};  // the two products, gate by gate
                for (std::int64_t q = 0; q < gates; ++q) {
                    const std::int64_t row = q * H + j;
                    for (std::int64_t i = 0; i < k.I && k.table == 0; ++i)
                        a[q] += at(in.x.values, (t * k.B + b) * k.I + i) * at(in.w_ih.values, row * k.I + i);
                    if (k.table > 0)
                        a[q] = at(in.x.values, std::llround(at(in.ids.values, t * k.B + b)) * gates * H + row);
                    for (std::int64_t i = 0; i < H; ++i) r[q] += at(h, b * H + i) * at(in.w_hh.values, row * H + i);
                    if (k.bias && k.table == 0) a[q] += at(in.b_ih.values, row);
                    if (k.bias) r[q] += at(in.b_hh.values, row);
                }
                const auto u = static_cast<std::size_t>(b * H + j);
                if (k.cell == Cell::rnn_tanh) next[u] = std::tanh(a[0] + r[0]);
                if (k.cell == Cell::rnn_relu) next[u] = std::max(a[0] + r[0], 0.0);
                if (k.cell == Cell::gru) {
                    const double reset = s(a[0] + r[0]), z = s(a[1] + r[1]);
                    next[u] = (1 - z) * std::tanh(a[2] + reset * r[2]) + z * h[u];
                }
                if (k.cell == Cell::lstm) {
                    c[u] = s(a[1] + r[1]) * c[u] + s(a[0] + r[0]) * std::tanh(a[2] + r[2]);
                    next[u] = s(a[3] + r[3]) * std::tanh(c[u]);
                }
            }
        }
        h = next;
        std::copy(h.begin(), h.end(), y.begin() + t * k.B * H);
    }
    y.insert(y.end(), h.begin(), h.end());
    if (k.cell == Cell::lstm) y.insert(y.end(), c.begin(), c.end());
    return y;
}

inline OpCase recurrent_case(const RecurrentCase& k, bool differentiable) {
    return {.name = join(k.name, " ", gates_of(k.cell), " ", k.T, " ", k.B, " ", k.I, " ", k.H, " ", k.table),
            .inputs = recurrent_inputs(k),
            .op =
                [k](const std::vector<Tensor>& in) {
                    const Outputs out = run_recurrent(k, in);
                    std::vector<Tensor> all{out.y.flatten(), out.h.flatten()};
                    if (out.c.defined()) all.push_back(out.c.flatten());
                    return cat(all, 0);
                },
            .reference = [k](const std::vector<Array>& in) { return recurrent_reference(k, in); },
            .differentiable = differentiable,
            .f32_tolerance = 2e-5,
            .covers = k.cell == Cell::lstm ? "lstm" : k.cell == Cell::gru ? "gru" : "rnn"};
}

inline std::vector<OpCase> recurrent_cases() {
    std::vector<OpCase> cases;
    for (Cell cell : {Cell::rnn_tanh, Cell::rnn_relu, Cell::gru, Cell::lstm}) {
        const auto add = [&](const RecurrentCase& k, bool differentiable = true) {
            cases.push_back(recurrent_case(k, differentiable));
        };
        add({"forward", cell, 3, 2, 3, 2});
        add({"backward", cell, 3, 2, 3, 2, true, true});
        add({"no bias, no states", cell, 2, 2, 1, 3, false, false, false});
        add({"one step", cell, 1, 2, 2, 1});
        add({"weights the other way round", cell, 2, 1, 2, 3, true, false, true, Layout::transposed});
        add({"with gaps", cell, 2, 1, 2, 2, true, true, true, Layout::gaps});
        add({"no rows", cell, 2, 0, 3, 2}, false);
        add({"no rows, steps in one call", cell, 2, 0, 3, 44}, false);
        add({"no inputs", cell, 2, 2, 0, 3}, false);
        add({"one of each", cell, 1, 1, 1, 1}, false);
        for (std::int64_t H : {7, 31, 32, 33, 47}) add({"units", cell, 2, 3, 5, H}, false);
        add({"more than a block", cell, 2, 9, 2, 33}, false);
        add({"table", cell, 3, 2, 0, 2, true, false, true, Layout::rows, 4});
        add({"table, backward", cell, 2, 3, 0, 1, false, true, false, Layout::gaps, 7});
        add({"table of one row", cell, 2, 1, 0, 3, true, true, true, Layout::transposed, 1});
        add({"table, no rows", cell, 2, 0, 0, 2, true, false, true, Layout::rows, 3}, false);
        add({"table, steps in one call", cell, 3, 9, 0, 47, true, true, true, Layout::rows, 5}, false);
    }
    return cases;
}

}  // namespace vitrine::testing
