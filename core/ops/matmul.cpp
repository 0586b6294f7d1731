#include "matmul.h"

#include "vitrine/core/allocator.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/ladder.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/kernels/matmul/matmul_cublas.h"

#include "matmul_backend.h"

#include <algorithm>
#include <concepts>

namespace vitrine {
namespace {

// What a kernel asked for, from the device's allocator, until the end of the call.
class Workspace {
public:
    Workspace(Device device, std::size_t bytes) : device_(device), memory_{nullptr, bytes} {
        if (bytes > 0) memory_.data = Allocator::of(device).allocate(bytes);
    }
    ~Workspace() {
        if (memory_.data) Allocator::of(device_).release(memory_.data, memory_.bytes);
    }
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;
    operator kernels::MatmulWorkspace() const { return memory_; }

private:
    Device device_;
    kernels::MatmulWorkspace memory_;
};

// C by cuBLAS: false unless it was chosen and takes this product.
template <class T, class On>
bool by_cublas(On on, const T* a, const T* b, const T* bias, T* c, const kernels::MatmulShape& s) {
    if constexpr (std::same_as<On, kernels::Cuda>) {
        const MatmulBackend backend = matmul_backend();
        if (backend != MatmulBackend::own && s.step == KernelStep::automatic)
            return kernels::matmul_cublas<T>(on, a, b, bias, c, s, backend == MatmulBackend::cublas_tf32);
    }
    return false;
}

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

// Leading dimensions of a product: those of a and b broadcast against each other.
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

// The product as kernels see it. Batch dimensions that lie behind each other in both operands become one; the last
// one becomes rows of A where b is the same for all of them: one large product instead of many small ones.
kernels::MatmulShape product_shape(const Matrices& a, const Matrices& b, const Shape& batch) {
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
    return s;
}

void check_step(const Call& call, const Tensor& x, const char* letter) {
    call.check(x.dtype() == DType::f32 || x.device() == Device::cpu ||
                   kernel_step(Ladder::matmul) != KernelStep::tensor_cores,
               letter, " is ", x.dtype(), "; the kernel step tensor_cores multiplies f32");
}

// x with all but its last dimension joined.
Tensor as_rows(const Tensor& x, Site site) {
    if (x.dim() == 2) return x;
    std::int64_t rows = 1;
    for (int d = 0; d < x.dim() - 1; ++d) rows *= x.shape()[d];
    return x.reshape({rows, x.shape().back()}, site);
}

struct MatmulNode final : Node {
    Saved a, b;  // of two dimensions or more

    const char* name() const override { return "matmul"; }
    void saved(SavedVisitor& v) override { v("a", a), v("b", b); }
    void forward(const NodeValues& v) override { v.out[0] = matmul(v.in[0], v.in[1]); }
    void backward(const Grads& g) override {
        const Tensor a_ = a.unpack(*this), b_ = b.unpack(*this), &dy = g.out[0];
        if (g.needs(0)) g.in[0] = sum_to(matmul(dy, b_.transpose(-1, -2)), a_.shape());
        if (!g.needs(1)) return;
        // One matrix b for a whole batch: its gradient is one product over all rows, not a sum of products.
        if (b_.dim() == 2)
            g.in[1] = matmul(as_rows(a_, site()).transpose(0, 1), as_rows(dy, site()));
        else
            g.in[1] = sum_to(matmul(a_.transpose(-1, -2), dy), b_.shape());
    }
};

struct LinearNode final : Node {
    Saved x, weight;

    const char* name() const override { return "linear"; }
    void saved(SavedVisitor& v) override { v("x", x), v("weight", weight); }
    void forward(const NodeValues& v) override {
        v.out[0] = linear(v.in[0], v.in[1], v.in.size() == 3 ? v.in[2] : Tensor());
    }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this), w_ = weight.unpack(*this), &dy = g.out[0];
        const Tensor rows = as_rows(dy, site());
        if (g.needs(0)) g.in[0] = matmul(dy, w_);
        if (g.needs(1)) {
            // A product comes out row-major; dw must lie as w does, and Linear keeps w the other way round.
            const bool row_major = w_.is_contiguous();
            const Tensor x_rows = as_rows(x_, site());
            g.in[1] =
                row_major ? matmul(rows.transpose(0, 1), x_rows) : matmul(x_rows.transpose(0, 1), rows).transpose(0, 1);
        }
        if (inputs().size() == 3 && g.needs(2)) g.in[2] = sum(rows, 0);
    }
};

}  // namespace

Tensor matmul(Operand operand, const Tensor& b_given) {
    const Call call("matmul", operand);
    const Tensor a_given = call.floating(operand, "a");
    call.check_alike(a_given, b_given, "a", "b");
    check_step(call, a_given, "a");
    call.check(a_given.dim() > 0 && b_given.dim() > 0, "a ", a_given.shape(), " and b ", b_given.shape(),
               "; both need at least one dimension");
    const bool a_vector = a_given.dim() == 1, b_vector = b_given.dim() == 1;
    const Tensor a = a_vector ? a_given.unsqueeze(0, call.site()) : a_given;
    const Tensor b = b_vector ? b_given.unsqueeze(1, call.site()) : b_given;
    call.check(a.size(-1) == b.size(-2), "a ", a_given.shape(), " and b ", b_given.shape(),
               "; the last size of a must be the ", b_vector ? "size" : "last but one", " of b");

    Shape shape = batch_shape(call, a.shape(), b.shape());
    const kernels::MatmulShape s = product_shape({a.shape(), a.strides()}, {b.shape(), b.strides()}, shape);
    shape.push_back(a.size(-2)), shape.push_back(b.size(-1));
    Tensor y = make_tensor(shape, contiguous_strides(shape), a.dtype(), a.device());
    dispatch_floats(call, a, [&]<class T>(auto on) {
        if (by_cublas<T>(on, raw<T>(a), raw<T>(b), nullptr, raw<T>(y), s)) return;
        const Workspace workspace(a.device(), kernels::matmul_workspace_bytes<T>(on, s));
        kernels::matmul<T>(on, raw<T>(a), raw<T>(b), nullptr, raw<T>(y), s, workspace);
    });

    if (recording(a, b)) {
        auto* node = record<MatmulNode>(call, y, a, b);
        node->a = Saved(a), node->b = Saved(b);
    }
    if (a_vector) y = y.squeeze(-2, call.site());
    if (b_vector) y = y.squeeze(-1, call.site());
    return y;
}

Tensor linear(Operand operand, const Tensor& weight, const Tensor& bias) {
    const Call call("linear", operand);
    const Tensor x = call.floating(operand);
    call.check_alike(x, weight, "x", "weight");
    check_step(call, x, "x");
    call.check(weight.dim() == 2, "weight ", weight.shape(), "; it must be (out, in)");
    call.check(x.dim() > 0 && x.shape().back() == weight.size(1), "x ", x.shape(), " and weight ", weight.shape(),
               "; the last size of x must be ", weight.size(1));
    if (bias.defined()) {
        call.check_alike(x, bias, "x", "bias");
        call.check(bias.shape() == Shape{weight.size(0)}, "bias ", bias.shape(), " and weight ", weight.shape(),
                   "; the bias must be ", Shape{weight.size(0)});
    }

    Matrices rows{x.shape(), x.strides()};
    if (x.dim() == 1) rows.shape.insert(0, 1), rows.strides.insert(0, 1);
    const Matrices transposed{{weight.size(1), weight.size(0)}, {weight.strides()[1], weight.strides()[0]}};
    const kernels::MatmulShape s = product_shape(rows, transposed, batch_shape(call, rows.shape, transposed.shape));
    Shape shape = x.shape();
    shape[x.dim() - 1] = weight.size(0);
    Tensor y = make_tensor(shape, contiguous_strides(shape), x.dtype(), x.device());
    const Tensor b = bias.defined() ? bias.contiguous(call.site()) : bias;
    dispatch_floats(call, x, [&]<class T>(auto on) {
        const T* const bias_or_null = b.defined() ? raw<T>(b) : nullptr;
        if (by_cublas<T>(on, raw<T>(x), raw<T>(weight), bias_or_null, raw<T>(y), s)) return;
        const Workspace workspace(x.device(), kernels::matmul_workspace_bytes<T>(on, s));
        kernels::matmul<T>(on, raw<T>(x), raw<T>(weight), bias_or_null, raw<T>(y), s, workspace);
    });

    if (recording(x, weight) || (bias.defined() && recording(bias))) {
        auto* node =
            bias.defined() ? record<LinearNode>(call, y, x, weight, bias) : record<LinearNode>(call, y, x, weight);
        node->x = Saved(x), node->weight = Saved(weight);
    }
    return y;
}

}  // namespace vitrine
