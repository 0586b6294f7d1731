// Cases of matmul and linear, with references written from the formulas.
#pragma once

#include "op_case.h"
#include "vitrine/core/ops/matmul.h"

namespace vitrine::testing {

/// Offset of matrix number `index` of a batch of shape `batch` in x (..., rows, cols), whose own batch may be smaller.
inline std::int64_t matrix_offset(const Shape& x, const Shape& batch, std::int64_t index) {
    std::int64_t offset = 0, step = x[x.dims() - 2] * x[x.dims() - 1];
    for (int d = batch.dims() - 1, own = x.dims() - 3; d >= 0; --d, --own) {
        const std::int64_t at = index % batch[d];
        index /= batch[d];
        if (own < 0) break;
        if (x[own] > 1) offset += at * step;
        step *= x[own];
    }
    return offset;
}

/// y_ij = sum_k a_ik b_kj for every matrix of the batch.
inline std::vector<double> matmul_reference(Array a, Array b) {
    if (a.shape.dims() == 1) a.shape.insert(0, 1);
    if (b.shape.dims() == 1) b.shape.push_back(1);
    Shape batch;
    for (int d = std::max(a.shape.dims(), b.shape.dims()) - 3; d >= 0; --d) {
        const int ad = a.shape.dims() - 3 - d, bd = b.shape.dims() - 3 - d;
        const std::int64_t an = ad < 0 ? 1 : a.shape[ad], bn = bd < 0 ? 1 : b.shape[bd];
        batch.push_back(an == 1 ? bn : an);
    }
    const std::int64_t M = a.shape[a.shape.dims() - 2], K = a.shape.back(), N = b.shape.back();
    std::vector<double> y;
    for (std::int64_t n = 0; n < batch.numel(); ++n) {
        const double* am = a.values.data() + matrix_offset(a.shape, batch, n);
        const double* bm = b.values.data() + matrix_offset(b.shape, batch, n);
        for (std::int64_t i = 0; i < M; ++i) {
            for (std::int64_t j = 0; j < N; ++j) {
                double sum = 0;
                for (std::int64_t k = 0; k < K; ++k) sum += am[i * K + k] * bm[k * N + j];
                y.push_back(sum);
            }
        }
    }
    return y;
}

inline OpCase matmul_case(const char* name, Input a, Input b) {
    a.low = b.low = -1, a.high = b.high = 1;
    return {.name = join("matmul ", name, " ", a.shape, " ", b.shape),
            .inputs = {a, b},
            .op = [](const std::vector<Tensor>& in) { return matmul(in[0], in[1]); },
            .reference = [](const std::vector<Array>& in) { return matmul_reference(in[0], in[1]); },
            .f32_tolerance = 3e-5,
            .covers = "matmul"};
}

/// y_nj = sum_i x_ni w_ji + bias_j.
inline std::vector<double> linear_reference(const std::vector<Array>& in) {
    const Array &x = in[0], &w = in[1];
    const std::int64_t inputs = w.shape[1], outputs = w.shape[0];
    std::int64_t rows = 1;
    for (int d = 0; d < x.shape.dims() - 1; ++d) rows *= x.shape[d];
    std::vector<double> y;
    for (std::int64_t n = 0; n < rows; ++n) {
        for (std::int64_t j = 0; j < outputs; ++j) {
            double sum = in.size() == 3 ? in[2].values[static_cast<std::size_t>(j)] : 0;
            for (std::int64_t i = 0; i < inputs; ++i)
                sum += x.values[static_cast<std::size_t>(n * inputs + i)] *
                       w.values[static_cast<std::size_t>(j * inputs + i)];
            y.push_back(sum);
        }
    }
    return y;
}

inline OpCase linear_case(const char* name, std::vector<Input> inputs) {
    std::string shapes;
    for (Input& in : inputs) in.low = -1, in.high = 1, shapes += join(" ", in.shape);
    return {.name = join("linear ", name, shapes),
            .inputs = inputs,
            .op = [](const std::vector<Tensor>& in) { return linear(in[0], in[1], in.size() == 3 ? in[2] : Tensor()); },
            .reference = linear_reference,
            .f32_tolerance = 3e-5,
            .covers = "linear"};
}

inline std::vector<OpCase> matmul_cases() {
    std::vector<OpCase> cases;
    for (std::int64_t size : {1, 7, 31, 32, 33, 65}) {
        cases.push_back(matmul_case("square", {{size, size}}, {{size, size}}));
        cases.back().differentiable = size == 7 || size == 33;  // the others would only take longer
    }
    cases.push_back(matmul_case("flat", {{15, 3}}, {{3, 17}}));
    cases.push_back(matmul_case("deep", {{3, 401}}, {{401, 5}}));  // more than one block of k
    cases.push_back(matmul_case("wide", {{2, 3}}, {{3, 801}}));
    cases.push_back(matmul_case("no rows", {{0, 3}}, {{3, 4}}));
    cases.push_back(matmul_case("no columns", {{2, 3}}, {{3, 0}}));
    cases.push_back(matmul_case("empty sums", {{2, 0}}, {{0, 4}}));
    for (Layout a : {Layout::rows, Layout::transposed, Layout::gaps, Layout::broadcast}) {
        for (Layout b : {Layout::rows, Layout::transposed, Layout::gaps, Layout::broadcast}) {
            cases.push_back(matmul_case("layouts", {{17, 19}, a}, {{19, 35}, b}));
            cases.back().differentiable = a == b;
        }
    }
    cases.push_back(matmul_case("dot", {{13}}, {{13}}));
    cases.push_back(matmul_case("dot with gaps", {{13}, Layout::gaps}, {{13}, Layout::gaps}));
    cases.push_back(matmul_case("vector times matrix", {{5}}, {{5, 7}}));
    cases.push_back(matmul_case("matrix times vector", {{5, 7}, Layout::transposed}, {{7}}));
    cases.push_back(matmul_case("vector times batch", {{4}}, {{2, 4, 3}}));
    cases.push_back(matmul_case("batch times vector", {{2, 3, 4}}, {{4}}));
    cases.push_back(matmul_case("batch", {{3, 5, 4}}, {{3, 4, 6}}));
    cases.push_back(
        matmul_case("batch of transposed", {{3, 5, 4}, Layout::transposed}, {{3, 4, 6}, Layout::transposed}));
    cases.push_back(matmul_case("one b for a batch", {{3, 5, 4}}, {{4, 6}}));
    cases.push_back(matmul_case("one b for a batch with gaps", {{3, 5, 4}, Layout::gaps}, {{4, 6}}));
    cases.push_back(matmul_case("one a for a batch", {{5, 4}}, {{3, 4, 6}}));
    cases.push_back(matmul_case("broadcast batches", {{2, 1, 3, 4}}, {{5, 4, 2}}));
    cases.push_back(matmul_case("broadcast both ways", {{2, 1, 2, 3}}, {{1, 3, 3, 2}}));
    cases.push_back(matmul_case("repeated with stride 0", {{3, 2, 4}, Layout::broadcast}, {{3, 4, 2}}));
    cases.push_back(matmul_case("empty batch", {{0, 2, 3}}, {{3, 4}}));

    cases.push_back(linear_case("layer", {{{5, 7}}, {{33, 7}}, {{33}}}));
    cases.push_back(linear_case("weight as Linear keeps it", {{{5, 7}}, {{33, 7}, Layout::transposed}, {{33}}}));
    cases.push_back(linear_case("one output", {{{5, 7}}, {{1, 7}, Layout::transposed}, {{1}}}));
    cases.push_back(linear_case("without bias", {{{5, 7}}, {{3, 7}}}));
    cases.push_back(linear_case("bias with gaps", {{{5, 7}}, {{3, 7}}, {{3}, Layout::gaps}}));
    cases.push_back(linear_case("sequence", {{{2, 3, 7}}, {{4, 7}}, {{4}}}));
    cases.push_back(linear_case("sequence, transposed", {{{2, 3, 7}, Layout::transposed}, {{4, 7}}, {{4}}}));
    cases.push_back(linear_case("one vector", {{{7}}, {{4, 7}}, {{4}}}));
    cases.push_back(linear_case("no rows", {{{0, 7}}, {{4, 7}}, {{4}}}));
    cases.push_back(linear_case("no inputs", {{{2, 0}}, {{4, 0}}, {{4}}}));
    // How an operand lies matters to kernels, not to the graph: the first derivative is enough to see it.
    for (OpCase& c : cases)
        for (const Input& in : c.inputs) c.twice = c.twice && in.layout == Layout::rows;
    return cases;
}

}  // namespace vitrine::testing
