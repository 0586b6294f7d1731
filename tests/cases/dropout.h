// Cases of dropout, with a reference written from the formula and Philox's.
#pragma once

#include "cases/random.h"
#include "op_case.h"
#include "vitrine/core/ops/dropout.h"

namespace vitrine::testing {

/// y_i = x_i / (1 - p) where the uniform of element i's place in memory is p or more, else 0. A matrix whose elements
/// lie transposed counts down its columns.
inline std::vector<double> dropout_reference(const Array& x, double p, std::uint64_t seed, bool columns) {
    std::vector<double> y(x.values.size());
    const std::int64_t rows = columns ? x.shape[0] : 1, cols = columns ? x.shape[1] : 1;
    for (std::size_t at = 0; at < y.size(); ++at) {
        const auto i = static_cast<std::int64_t>(at);
        const std::int64_t place = columns ? i % cols * rows + i / cols : i;
        y[at] = unit_reference({seed, 0}, place, false) >= p ? x.values[at] / (1 - p) : 0;
    }
    return y;
}

inline OpCase dropout_case(const char* name, Input x, double p) {
    const bool columns = x.layout == Layout::transposed;
    return {.name = name,
            .inputs = {x},
            .op =
                [=](const std::vector<Tensor>& in) {
                    Generator generator(17);
                    return dropout(in[0], p, true, generator);
                },
            .reference = [=](const std::vector<Array>& in) { return dropout_reference(in[0], p, 17, columns); },
            .covers = "dropout"};
}

/// dropout_case with the second input added.
inline OpCase dropout_add_case(const char* name, Input x, Input residual, double p) {
    OpCase c = dropout_case(name, x, p);
    c.name += " added";
    c.inputs.push_back(residual);
    c.covers = "dropout_add";
    c.op = [=](const std::vector<Tensor>& in) {
        Generator generator(17);
        return dropout_add(in[0], in[1], p, true, generator);
    };
    c.reference = [plain = c.reference](const std::vector<Array>& in) {
        std::vector<double> y = plain(in);
        for (std::size_t i = 0; i < y.size(); ++i) y[i] += in[1].values[i];
        return y;
    };
    return c;
}

inline std::vector<OpCase> dropout_cases() {
    std::vector<OpCase> cases;
    for (std::int64_t n : {0, 1, 2, 3, 5, 31, 32, 33, 63, 64, 65, 257})
        cases.push_back(dropout_case("sizes", {{n}}, 0.5));
    for (double p : {0.1, 0.3, 0.9}) cases.push_back(dropout_case("rates", {{7, 13}}, p));
    cases.push_back(dropout_case("one number", {{}}, 0.25));
    cases.push_back(dropout_case("over a block", {{1025}}, 0.2));
    // Finite differences would step x in a row-major copy, where other elements are dropped.
    cases.push_back(dropout_case("transposed", {{5, 7}, Layout::transposed}, 0.4));
    cases.back().differentiable = false;
    cases.push_back(dropout_case("gaps", {{5, 7}, Layout::gaps}, 0.4));
    cases.push_back(dropout_case("broadcast", {{5, 7}, Layout::broadcast}, 0.4));

    for (std::int64_t n : {0, 1, 33, 257}) cases.push_back(dropout_add_case("sizes", {{n}}, {{n}}, 0.5));
    cases.push_back(dropout_add_case("over a block", {{1025}}, {{1025}}, 0.2));
    cases.push_back(dropout_add_case("transposed", {{5, 7}, Layout::transposed}, {{5, 7}}, 0.4));
    cases.back().differentiable = false;
    cases.push_back(dropout_add_case("gaps", {{5, 7}, Layout::gaps}, {{5, 7}, Layout::transposed}, 0.4));
    return cases;
}

}  // namespace vitrine::testing
