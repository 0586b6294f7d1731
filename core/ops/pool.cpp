#include "pool.h"

#include <utility>

#include "pool_shape.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine {
namespace {

// y = x where the maxima stood: the gradient of max_pool2d_backward, and it is this one's.
Tensor max_pool2d_gather(Operand x, const Tensor& index, const kernels::PoolShape& n);

// The op, its windows worked out already.
Tensor max_pool(const Tensor& x, Site site, const kernels::PoolShape& n);

struct MaxPoolNode final : Node {
    Saved index;
    kernels::PoolShape n;

    const char* name() const override { return "max_pool2d"; }
    NodeArguments arguments() const override { return arguments_of(n); }
    void forward(const NodeValues& v) override { v.out[0] = max_pool(v.in[0], site(), n); }
    void saved(SavedVisitor& v) override { v("index", index); }
    void backward(const Grads& g) override { g.in[0] = max_pool2d_backward(g.out[0], index.unpack(*this), n); }
};

struct MaxPoolBackwardNode final : Node {
    Saved index;
    kernels::PoolShape n;

    const char* name() const override { return "max_pool2d_backward"; }
    NodeArguments arguments() const override { return arguments_of(n); }
    void forward(const NodeValues& v) override { v.out[0] = max_pool2d_backward(v.in[0], v.here(index.unpack(*this)), n); }
    void saved(SavedVisitor& v) override { v("index", index); }
    void backward(const Grads& g) override { g.in[0] = max_pool2d_gather({g.out[0], site()}, index.unpack(*this), n); }
};

struct MaxPoolGatherNode final : Node {
    Saved index;
    kernels::PoolShape n;

    const char* name() const override { return "max_pool2d_gather"; }
    void forward(const NodeValues& v) override { v.out[0] = max_pool2d_gather(v.in[0], v.here(index.unpack(*this)), n); }
    void saved(SavedVisitor& v) override { v("index", index); }
    void backward(const Grads& g) override { g.in[0] = max_pool2d_backward(g.out[0], index.unpack(*this), n); }
};

// A checked call: y, and where its values stood, i32. Dispatched, it runs the kernel and records.
struct MaxPoolCall {
    Call call;
    Tensor x, xd, y, index;
    kernels::PoolShape n;

    MaxPoolCall(const Call& c, const Tensor& given, Pair2 kernel, const MaxPool2dOptions& o, bool with_indices)
        : MaxPoolCall(c, given, pool_shape(c, given, {kernel, o.stride, o.padding, o.dilation, o.ceil_mode}), with_indices) {}
    MaxPoolCall(const Call& c, const Tensor& given, const kernels::PoolShape& shape, bool with_indices)
        : call(c), x(given), xd(channels_last(x)), n(shape) {
        y = make_channels_last(y_shape(n), x.dtype(), x.device());
        if (with_indices || recording(x)) index = make_channels_last(y_shape(n), DType::i32, x.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::max_pool_forward(on, raw<T>(xd), raw<T>(y), raw_or_null<std::int32_t>(index), n);
        if (recording(x)) {
            auto* node = record<MaxPoolNode>(call, y, x);
            node->index = Saved(index);
            node->n = n;
        }
        return std::move(y);
    }
};

Tensor max_pool(const Tensor& x, Site site, const kernels::PoolShape& n) {
    MaxPoolCall op({"max_pool2d", site}, x, n, false);
    return dispatch_floats(op.call, x, op);
}

void check_index(const Call& call, const Tensor& like, const Tensor& index, const kernels::PoolShape& n) {
    call.check(index.defined() && index.dtype() == DType::i32 && index.device() == like.device() &&
                   index.shape() == y_shape(n),
               "index does not belong to images ", x_shape(n), " pooled to ", y_shape(n));
}

struct MaxPoolGatherCall {
    Call call;
    Tensor x, xd, index, y;
    kernels::PoolShape n;

    MaxPoolGatherCall(const Operand& operand, const Tensor& places, const kernels::PoolShape& shape)
        : call("max_pool2d_gather", operand), x(call.floating(operand)), n(shape) {
        call.check(x.shape() == x_shape(n), "x ", x.shape(), "; it must be ", x_shape(n));
        check_index(call, x, places, n);
        xd = channels_last(x), index = channels_last(places);
        y = make_channels_last(y_shape(n), x.dtype(), x.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::max_pool_gather(on, raw<T>(xd), raw<std::int32_t>(index), raw<T>(y), n);
        if (recording(x)) {
            auto* node = record<MaxPoolGatherNode>(call, y, x);
            node->index = Saved(index);
            node->n = n;
        }
        return std::move(y);
    }
};

Tensor max_pool2d_gather(Operand x, const Tensor& index, const kernels::PoolShape& n) {
    MaxPoolGatherCall op(x, index, n);
    return dispatch_floats(op.call, op.x, op);
}

struct MaxPoolBackwardCall {
    Call call;
    Tensor dy, dyd, index, dx;
    kernels::PoolShape n;

    MaxPoolBackwardCall(const Operand& operand, const Tensor& places, const kernels::PoolShape& shape)
        : call("max_pool2d_backward", operand), dy(call.floating(operand, "dy")), n(shape) {
        call.check(dy.shape() == y_shape(n), "dy ", dy.shape(), "; it must be ", y_shape(n));
        check_index(call, dy, places, n);
        dyd = channels_last(dy), index = channels_last(places);
        dx = make_channels_last(x_shape(n), dy.dtype(), dy.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::max_pool_backward(on, raw<std::int32_t>(index), raw<T>(dyd), raw<T>(dx), n);
        if (recording(dy)) {
            auto* node = record<MaxPoolBackwardNode>(call, dx, dy);
            node->index = Saved(index);
            node->n = n;
        }
        return std::move(dx);
    }
};

}  // namespace

Tensor max_pool2d(Operand operand, Pair2 kernel, MaxPool2dOptions options) {
    const Call call("max_pool2d", operand);
    MaxPoolCall op(call, call.floating(operand), kernel, options, false);
    return dispatch_floats(call, op.x, op);
}

MaxPool max_pool2d_with_indices(Operand operand, Pair2 kernel, MaxPool2dOptions options) {
    const Call call("max_pool2d_with_indices", operand);
    MaxPoolCall op(call, call.floating(operand), kernel, options, true);
    const Tensor y = dispatch_floats(call, op.x, op);
    return {y, op.index.to(DType::i64, call.site())};
}

Tensor max_pool1d(Operand operand, std::int64_t kernel, MaxPool1dOptions o) {
    const Call call("max_pool1d", operand);
    const Tensor images = as_images(call, call.floating(operand));
    MaxPoolCall op(call, images, {1, kernel}, {{1, o.stride}, {0, o.padding}, {1, o.dilation}, o.ceil_mode}, false);
    return dispatch_floats(call, images, op).squeeze(2, call.site());
}

Tensor max_pool2d_backward(Operand dy, const Tensor& index, const kernels::PoolShape& n) {
    MaxPoolBackwardCall op(dy, index, n);
    return dispatch_floats(op.call, op.dy, op);
}

}  // namespace vitrine
