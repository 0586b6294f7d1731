#include "pool.h"

#include "pool_shape.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine {
namespace {

// y = x where the maxima stood: the gradient of max_pool2d_backward, and it is this one's.
Tensor max_pool2d_gather(Operand x, const Tensor& index, const kernels::PoolShape& n);

MaxPool pool_by(const Call& call, const Tensor& x, const kernels::PoolShape& n, bool with_indices);

struct MaxPoolNode final : Node {
    Saved index;
    kernels::PoolShape n;

    const char* name() const override { return "max_pool2d"; }
    void saved(SavedVisitor& v) override { v("index", index); }
    void forward(const NodeValues& v) override { v.out[0] = pool_by(Call(name(), site()), v.in[0], n, false).values; }
    void backward(const Grads& g) override { g.in[0] = max_pool2d_backward(g.out[0], index.unpack(*this), n); }
};

struct MaxPoolBackwardNode final : Node {
    Saved index;
    kernels::PoolShape n;

    const char* name() const override { return "max_pool2d_backward"; }
    void saved(SavedVisitor& v) override { v("index", index); }
    void forward(const NodeValues& v) override { v.out[0] = max_pool2d_backward(v.in[0], v.here(index.unpack(*this)), n); }
    void backward(const Grads& g) override { g.in[0] = max_pool2d_gather({g.out[0], site()}, index.unpack(*this), n); }
};

struct MaxPoolGatherNode final : Node {
    Saved index;
    kernels::PoolShape n;

    const char* name() const override { return "max_pool2d_gather"; }
    void saved(SavedVisitor& v) override { v("index", index); }
    void forward(const NodeValues& v) override { v.out[0] = max_pool2d_gather(v.in[0], v.here(index.unpack(*this)), n); }
    void backward(const Grads& g) override { g.in[0] = max_pool2d_backward(g.out[0], index.unpack(*this), n); }
};

// y, and where its values stood, i32.
MaxPool pool_by(const Call& call, const Tensor& x, const kernels::PoolShape& n, bool with_indices) {
    const Tensor xd = channels_last(x);
    Tensor y = make_channels_last(y_shape(n), x.dtype(), x.device()), index;
    if (with_indices || recording(x)) index = make_channels_last(y_shape(n), DType::i32, x.device());
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::max_pool_forward(on, raw<T>(xd), raw<T>(y), index.defined() ? raw<std::int32_t>(index) : nullptr, n);
    });

    if (recording(x)) {
        auto* node = record<MaxPoolNode>(call, y, x);
        node->index = Saved(index);
        node->n = n;
    }
    return {y, index};
}

MaxPool pool(const Call& call, const Tensor& x, Pair2 kernel, const MaxPool2dOptions& options, bool with_indices) {
    const PoolWindows windows{kernel, options.stride, options.padding, options.dilation, options.ceil_mode};
    return pool_by(call, x, pool_shape(call, x, windows), with_indices);
}

void check_index(const Call& call, const Tensor& like, const Tensor& index, const kernels::PoolShape& n) {
    call.check(index.defined() && index.dtype() == DType::i32 && index.device() == like.device() &&
                   index.shape() == y_shape(n),
               "index does not belong to images ", x_shape(n), " pooled to ", y_shape(n));
}

Tensor max_pool2d_gather(Operand operand, const Tensor& index, const kernels::PoolShape& n) {
    const Call call("max_pool2d_gather", operand);
    const Tensor x = call.floating(operand);
    call.check(x.shape() == x_shape(n), "x ", x.shape(), "; it must be ", x_shape(n));
    check_index(call, x, index, n);

    const Tensor xd = channels_last(x), at = channels_last(index);
    Tensor y = make_channels_last(y_shape(n), x.dtype(), x.device());
    dispatch_floats(call, x, [&]<class T>(auto on) {
        kernels::max_pool_gather(on, raw<T>(xd), raw<std::int32_t>(at), raw<T>(y), n);
    });

    if (recording(x)) {
        auto* node = record<MaxPoolGatherNode>(call, y, x);
        node->index = Saved(index);
        node->n = n;
    }
    return y;
}

}  // namespace

Tensor max_pool2d(Operand operand, Pair2 kernel, MaxPool2dOptions options) {
    const Call call("max_pool2d", operand);
    return pool(call, call.floating(operand), kernel, options, false).values;
}

MaxPool max_pool2d_with_indices(Operand operand, Pair2 kernel, MaxPool2dOptions options) {
    const Call call("max_pool2d_with_indices", operand);
    const MaxPool y = pool(call, call.floating(operand), kernel, options, true);
    return {y.values, y.indices.to(DType::i64, call.site())};
}

Tensor max_pool1d(Operand operand, std::int64_t kernel, MaxPool1dOptions o) {
    const Call call("max_pool1d", operand);
    const Tensor images = as_images(call, call.floating(operand));
    const MaxPool2dOptions options{{1, o.stride}, {0, o.padding}, {1, o.dilation}, o.ceil_mode};
    return pool(call, images, {1, kernel}, options, false).values.squeeze(2, call.site());
}

Tensor max_pool2d_backward(Operand operand, const Tensor& index, const kernels::PoolShape& n) {
    const Call call("max_pool2d_backward", operand);
    const Tensor dy = call.floating(operand, "dy");
    call.check(dy.shape() == y_shape(n), "dy ", dy.shape(), "; it must be ", y_shape(n));
    check_index(call, dy, index, n);

    const Tensor dyd = channels_last(dy), at = channels_last(index);
    Tensor dx = make_channels_last(x_shape(n), dy.dtype(), dy.device());
    dispatch_floats(call, dy, [&]<class T>(auto on) {
        kernels::max_pool_backward(on, raw<std::int32_t>(at), raw<T>(dyd), raw<T>(dx), n);
    });

    if (recording(dy)) {
        auto* node = record<MaxPoolBackwardNode>(call, dx, dy);
        node->index = Saved(index);
        node->n = n;
    }
    return dx;
}

}  // namespace vitrine
