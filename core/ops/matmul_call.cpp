#include "matmul_call.h"

#include <algorithm>

#include "vitrine/core/autocast.h"
#include "vitrine/kernels/matmul/matmul_bf16.h"

#include "view.h"

namespace vitrine {
namespace {

// An operand of two dimensions or more, as it lies in memory.
struct Matrices {
    Shape shape;
    Strides strides;

    int batch_dims() const { return shape.dims() - 2; }
    std::int64_t rows() const { return shape[shape.dims() - 2]; }
    std::int64_t cols() const { return shape.back(); }
    // Of a dimension of size 1 the stride says nothing, and 1 is what kernels like best.
    std::int64_t row_stride() const { return rows() == 1 ? 1 : strides[shape.dims() - 2]; }
    std::int64_t col_stride() const { return cols() == 1 ? 1 : strides[shape.dims() - 1]; }
    // Along dimension d of a batch of `rank` dimensions: 0 where this operand is repeated.
    std::int64_t batch_stride(int d, int rank) const {
        const int own = d - (rank - batch_dims());
        return own < 0 || shape[own] == 1 ? 0 : strides[own];
    }
};

// An argument: f32, f64 or bf16.
const Tensor& factor(const Call& call, const Operand& x, const char* letter) {
    const Tensor& t = call.tensor(x, letter);
    return t.dtype() == DType::bf16 ? t : call.floating(x, letter);
}

}  // namespace

void check_product_step(const Call& call, const Tensor& x, const char* letter) {
    call.check(x.dtype() != DType::f64 || x.device() == Device::cpu ||
                   kernel_step(Ladder::matmul) != KernelStep::tensor_cores,
               letter, " is ", x.dtype(), "; the kernel step tensor_cores multiplies f32");
}

Shape batch_shape(const Call& call, const Shape& a, const Shape& b) {
    const int rank = std::max(a.dims(), b.dims()) - 2;
    Shape batch = Shape::filled(rank, 1);
    for (const Shape* x : {&a, &b}) {
        for (int d = 0; d < x->dims() - 2; ++d) {
            const std::int64_t size = (*x)[d];
            std::int64_t& common = batch[rank - (x->dims() - 2) + d];
            call.check(size == common || size == 1 || common == 1, "a ", a, " and b ", b,
                       "; dimensions before the last two must be equal or 1");
            if (common == 1) common = size;
        }
    }
    return batch;
}

kernels::MatmulShape product_shape(const Shape& a_shape, const Strides& a_strides, const Shape& b_shape, const Strides& b_strides, const Shape& batch) {
    const Matrices a{a_shape, a_strides}, b{b_shape, b_strides};
    kernels::MatmulShape s;
    s.step = kernel_step(Ladder::matmul);
    s.M = a.rows(), s.K = a.cols(), s.N = b.cols();
    s.a_row = a.row_stride(), s.a_col = a.col_stride();
    s.b_row = b.row_stride(), s.b_col = b.col_stride();
    for (int d = 0; d < batch.dims(); ++d) {
        if (batch[d] == 1) continue;
        const std::int64_t size = batch[d], a_step = a.batch_stride(d, batch.dims()),
                           b_step = b.batch_stride(d, batch.dims());
        const int last = s.batch_rank - 1;
        const bool joins = last >= 0 && s.a_batch[last] == size * a_step && s.b_batch[last] == size * b_step;
        const int at = joins ? last : s.batch_rank++;
        s.batch[at] = joins ? s.batch[at] * size : size;
        s.a_batch[at] = a_step, s.b_batch[at] = b_step;
    }
    const int last = s.batch_rank - 1;
    if (last >= 0 && s.b_batch[last] == 0 && (s.M == 1 || s.a_batch[last] == s.M * s.a_row)) {
        if (s.M == 1) s.a_row = s.a_batch[last];
        s.M *= s.batch[last];
        --s.batch_rank;
    }
    s.bf16_factors = autocast_dtype() == DType::bf16 && kernels::matmul_bf16_pays(s);
    return s;
}

MatmulCall::MatmulCall(const Operand& operand, const Tensor& b_given) : call("matmul", operand) {
    const Tensor a_given = factor(call, operand, "a");
    call.check_alike(a_given, b_given, "a", "b");
    check_product_step(call, a_given, "a");
    call.check(a_given.dim() > 0 && b_given.dim() > 0, "a ", a_given.shape(), " and b ", b_given.shape(),
               "; both need at least one dimension");
    a_vector = a_given.dim() == 1, b_vector = b_given.dim() == 1;
    a = a_vector ? a_given.unsqueeze(0, call.site()) : a_given;
    b = b_vector ? b_given.unsqueeze(1, call.site()) : b_given;
    call.check(a.size(-1) == b.size(-2), "a ", a_given.shape(), " and b ", b_given.shape(),
               "; the last size of a must be the ", b_vector ? "size" : "last but one", " of b");
    Shape shape = batch_shape(call, a.shape(), b.shape());
    s = product_shape(a.shape(), a.strides(), b.shape(), b.strides(), shape);
    shape.push_back(a.size(-2)), shape.push_back(b.size(-1));
    y = make_tensor(shape, contiguous_strides(shape), a.dtype(), a.device());
    count_flops(2.0 * static_cast<double>(y.numel()) * static_cast<double>(s.K));
}

LinearCall::LinearCall(const char* op, const Operand& operand, const Tensor& weight_given, const Tensor& bias_given)
    : call(op, operand), x(factor(call, operand, "x")), weight(weight_given), bias(bias_given) {
    call.check_alike(x, weight, "x", "weight");
    check_product_step(call, x, "x");
    call.check(weight.dim() == 2, "weight ", weight.shape(), "; it must be (out, in)");
    call.check(x.dim() > 0 && x.shape().back() == weight.size(1), "x ", x.shape(), " and weight ", weight.shape(),
               "; the last size of x must be ", weight.size(1));
    if (bias.defined()) {
        call.check_alike(x, bias, "x", "bias");
        call.check(bias.shape() == Shape{weight.size(0)}, "bias ", bias.shape(), " and weight ", weight.shape(),
                   "; the bias must be ", Shape{weight.size(0)});
        dense_bias = bias.contiguous(call.site());
    }
    Shape rows = x.shape();
    Strides row_strides = x.strides();
    if (x.dim() == 1) rows.insert(0, 1), row_strides.insert(0, 1);
    const Shape transposed{weight.size(1), weight.size(0)};
    s = product_shape(rows, row_strides, transposed, {weight.strides()[1], weight.strides()[0]}, batch_shape(call, rows, transposed));
    Shape shape = x.shape();
    shape[x.dim() - 1] = weight.size(0);
    y = make_tensor(shape, contiguous_strides(shape), x.dtype(), x.device());
    count_flops(2.0 * static_cast<double>(y.numel()) * static_cast<double>(s.K));
}

Tensor joined_rows(const Tensor& x, Site site) {
    if (x.dim() == 2) return x;
    std::int64_t rows = 1;
    for (int d = 0; d < x.dim() - 1; ++d) rows *= x.shape()[d];
    return x.reshape({rows, x.shape().back()}, site);
}

}  // namespace vitrine
