// Cases of scaled_dot_product_attention, with a reference written from the formula.
#pragma once

#include <cmath>

#include "cases/random.h"
#include "op_case.h"
#include "vitrine/core/ops/attention.h"

namespace vitrine::testing {

struct AttentionCase {
    Shape lead;  // batch, heads
    std::int64_t queries, keys, head_dim, value_dim;
    bool causal = false;
    double dropout_p = 0;
    std::optional<double> scale = std::nullopt;
};

/// o_i = sum_j p_ij z_ij v_j with p_i the softmax of scale q_i . k_j + mask_ij over j, and 0 in a row without keys. Word j
/// of row i's ceil(M / 4) Philox blocks decides z_ij. `mask` has the shape of the scores, or is empty.
inline std::vector<double> attention_reference(const Array& q, const Array& k, const Array& v, const std::vector<double>& mask,
                                               const AttentionCase& c, std::uint64_t seed) {
    const std::int64_t N = c.queries, M = c.keys, D = c.head_dim, E = c.value_dim, words = (M + 3) / 4 * 4;
    const double scale = c.scale.value_or(1 / std::sqrt(double(D)));
    const auto of = [](const Array& x, std::int64_t i) { return x.values[static_cast<std::size_t>(i)]; };
    std::vector<double> o;
    for (std::int64_t row = 0; row < c.lead.numel() * N; ++row) {
        const std::int64_t head = row / N, i = row % N;
        std::vector<double> e;
        double total = 0;
        for (std::int64_t j = 0; j < M; ++j) {
            double s = 0;
            for (std::int64_t d = 0; d < D; ++d) s += of(q, row * D + d) * of(k, (head * M + j) * D + d);
            s = s * scale + (mask.empty() ? 0 : mask[static_cast<std::size_t>(row * M + j)]);
            e.push_back(c.causal && j > i ? 0 : std::exp(s));
            total += e.back();
        }
        for (std::int64_t x = 0; x < E; ++x) {
            double sum = 0;
            for (std::int64_t j = 0; j < M; ++j) {
                const bool dropped = c.dropout_p > 0 && unit_reference({seed, 0}, row * words + j, false) < c.dropout_p;
                if (!dropped && total > 0) sum += e[static_cast<std::size_t>(j)] / total / (1 - c.dropout_p) * of(v, (head * M + j) * E + x);
            }
            o.push_back(sum);
        }
    }
    return o;
}

/// An additive mask for the scores, repeated along leading dimensions of size 1: reference values of a broadcast.
inline std::vector<double> broadcast_mask(const Array& mask, const Shape& scores) {
    std::vector<double> all;
    for (std::int64_t at = 0; at < scores.numel(); ++at) {
        std::int64_t rest = at, index = 0, step = 1;
        for (int d = scores.dims() - 1, own = mask.shape.dims() - 1; own >= 0; --d, --own) {
            if (mask.shape[own] > 1) index += rest % scores[d] * step;
            rest /= scores[d];
            step *= mask.shape[own];
        }
        all.push_back(mask.values[static_cast<std::size_t>(index)]);
    }
    return all;
}

inline OpCase attention_case(const char* name, const AttentionCase& c, const Shape& mask = {}, Layout layout = Layout::rows) {
    const auto shape = [&](std::int64_t rows, std::int64_t cols) {
        Shape s = c.lead;
        s.push_back(rows), s.push_back(cols);
        return s;
    };
    const Shape scores = shape(c.queries, c.keys);
    const bool masked = mask.dims() > 0;
    OpCase result{.name = name,
                  .inputs = {{shape(c.queries, c.head_dim), layout}, {shape(c.keys, c.head_dim), layout}, {shape(c.keys, c.value_dim), layout}},
                  .op =
                      [=](const std::vector<Tensor>& in) {
                          Generator generator(17);
                          AttentionOptions options{.causal = c.causal, .dropout_p = c.dropout_p, .scale = c.scale};
                          if (masked) options.mask = in[3];
                          return scaled_dot_product_attention(in[0], in[1], in[2], options, generator);
                      },
                  .reference =
                      [=](const std::vector<Array>& in) {
                          const auto added = masked ? broadcast_mask(in[3], scores) : std::vector<double>();
                          return attention_reference(in[0], in[1], in[2], added, c, 17);
                      }};
    if (masked) result.inputs.push_back({mask});
    return result;
}

inline std::vector<OpCase> attention_cases() {
    std::vector<OpCase> cases;
    const auto add = [&](const OpCase& c) { cases.push_back(c); };
    add(attention_case("small", {{1, 2}, 3, 3, 4, 4}));
    add(attention_case("other lengths and widths", {{2, 1}, 2, 5, 3, 7}));
    add(attention_case("more queries than keys, causal", {{1, 1}, 5, 3, 2, 1, true}));
    add(attention_case("more keys than queries, causal", {{1, 2}, 2, 5, 1, 3, true}));
    add(attention_case("one of everything", {{1, 1}, 1, 1, 1, 1}));
    add(attention_case("a scale", {{1, 1}, 3, 2, 3, 2, false, 0, -1.5}));
    add(attention_case("no batch", {{}, 3, 4, 2, 2}));
    add(attention_case("one leading dimension", {{2}, 3, 2, 2, 2}, {2, 1, 2}));
    add(attention_case("three leading dimensions", {{2, 1, 2}, 2, 2, 2, 1}, {1, 2, 2, 2}));
    add(attention_case("a mask of all scores", {{1, 2}, 2, 3, 2, 2}, {1, 2, 2, 3}));
    add(attention_case("a mask of the keys, causal", {{2, 1}, 3, 3, 2, 2, true}, {3}));
    add(attention_case("dropout", {{1, 2}, 3, 5, 2, 2, false, 0.4}));
    add(attention_case("dropout, causal, masked", {{1, 1}, 3, 3, 2, 2, true, 0.3}, {3, 3}));
    add(attention_case("transposed", {{1, 2}, 3, 3, 2, 2}, {}, Layout::transposed));
    add(attention_case("transposed, one column", {{1, 2}, 3, 4, 1, 2}, {}, Layout::transposed));
    add(attention_case("broadcast", {{2, 1}, 3, 3, 2, 3}, {}, Layout::broadcast));
    add(attention_case("gaps", {{1, 2}, 3, 3, 2, 2}, {}, Layout::gaps));
    add(attention_case("no batches", {{0, 2}, 3, 3, 2, 2}));
    add(attention_case("no queries", {{1, 2}, 0, 3, 2, 2}));
    add(attention_case("no value columns", {{1, 1}, 2, 3, 2, 0}));
    return cases;
}

/// Sizes around tiles (64 on the cpu; 32, 16, 8 on a GPU): values, and f32 gradients against f64 ones.
inline std::vector<OpCase> attention_tile_cases() {
    std::vector<OpCase> cases;
    const auto add = [&](const char* name, const AttentionCase& c, const Shape& mask = {}) {
        cases.push_back(attention_case(name, c, mask));
        cases.back().inputs.resize(mask.dims() > 0 ? 4 : 3);
        for (Input& in : cases.back().inputs) in.low = -1, in.high = 1;
        if (mask.dims() > 0) cases.back().inputs[3].requires_grad = false;
    };
    add("one over a tile", {{1, 1}, 33, 65, 5, 3});
    add("one over a tile, causal", {{2, 1}, 65, 65, 3, 4, true});
    add("tiles, causal, other lengths", {{1, 1}, 67, 131, 4, 4, true});
    add("tiles, causal, fewer keys", {{1, 2}, 131, 67, 4, 4, true}, {1, 1, 131, 67});
    add("tiles, dropout", {{1, 1}, 70, 71, 3, 3, true, 0.25});
    add("31 and 32", {{1, 1}, 31, 32, 31, 33});
    add("rows that fill the shared memory", {{1, 1}, 9, 5, 130, 256});
    return cases;
}

}  // namespace vitrine::testing
