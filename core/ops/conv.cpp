#include "conv.h"

#include <atomic>
#include <utility>

#include "conv_shape.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/core/workspace.h"

namespace vitrine {
namespace {

NodeArguments arguments_of(const ConvOptions& o, Pair2 output_padding = 0) {
    return {{"stride", o.stride}, {"padding", o.padding}, {"output_padding", output_padding}, {"dilation", o.dilation}, {"groups", o.groups}};
}

// y = x * w + b: linear in x and in w.
struct ConvNode final : Node {
    Saved x, w;
    ConvOptions options;

    const char* name() const override { return "conv2d"; }
    NodeArguments arguments() const override { return arguments_of(options); }
    void saved(SavedVisitor& v) override { v("x", x), v("w", w); }
    void forward(const NodeValues& v) override {
        v.out[0] = conv2d(v.in[0], v.in[1], v.in.size() == 3 ? v.in[2] : Tensor(), options);
    }
    void backward(const Grads& g) override {
        if (g.needs(0)) g.in[0] = conv2d_backward_data(g.out[0], w.unpack(*this), x.unpack(*this).shape(), options);
        if (g.needs(1)) g.in[1] = conv2d_backward_weight(x.unpack(*this), g.out[0], w.unpack(*this).shape(), options);
        if (inputs().size() == 3 && g.needs(2)) g.in[2] = sum(g.out[0], {0, 2, 3});
    }
};

// dx from dy and w; g is the gradient of dx. Also a transposed convolution: its x is this dy, its y this dx.
struct ConvBackwardDataNode final : Node {
    const char* op;
    Saved dy, w;
    ConvOptions options;
    Pair2 output_padding = 0;  // of a transposed convolution

    ConvTransposeOptions transposed() const {
        return {options.stride, options.padding, output_padding, options.dilation, options.groups};
    }

    const char* name() const override { return op; }
    NodeArguments arguments() const override { return arguments_of(options, output_padding); }
    void saved(SavedVisitor& v) override { v("dy", dy), v("w", w); }
    void forward(const NodeValues& v) override {
        const bool backward = op == std::string_view("conv2d_backward_data");
        v.out[0] = backward ? conv2d_backward_data(v.in[0], v.in[1], output_shape(0), options)
                            : conv_transpose2d(v.in[0], v.in[1], v.in.size() == 3 ? v.in[2] : Tensor(), transposed());
    }
    void backward(const Grads& g) override {
        if (g.needs(0)) g.in[0] = conv2d(g.out[0], w.unpack(*this), {}, options);
        if (g.needs(1)) g.in[1] = conv2d_backward_weight(g.out[0], dy.unpack(*this), w.unpack(*this).shape(), options);
        if (inputs().size() == 3 && g.needs(2)) g.in[2] = sum(g.out[0], {0, 2, 3});
    }
};

// dw from x and dy; g is the gradient of dw.
struct ConvBackwardWeightNode final : Node {
    Saved x, dy;
    ConvOptions options;

    const char* name() const override { return "conv2d_backward_weight"; }
    NodeArguments arguments() const override { return arguments_of(options); }
    void saved(SavedVisitor& v) override { v("x", x), v("dy", dy); }
    void forward(const NodeValues& v) override {
        v.out[0] = conv2d_backward_weight(v.in[0], v.in[1], output_shape(0), options);
    }
    void backward(const Grads& g) override {
        const Tensor x_ = x.unpack(*this), dy_ = dy.unpack(*this), &g_ = g.out[0];
        if (g.needs(0)) g.in[0] = conv2d_backward_data(dy_, g_, x_.shape(), options);
        if (g.needs(1)) g.in[1] = conv2d(x_, g_, {}, options);
    }
};

std::atomic<ConvAlgorithm> chosen{ConvAlgorithm::automatic};

Tensor laid_out(const Tensor& w) { return with_strides(w, conv_weight_strides(w.shape())); }

// What backward needs of x: where x is no part of the graph, the copy whose channels lie together, made once.
Saved saved_images(const Tensor& x, const Tensor& xd) { return Saved(x.requires_grad() ? x : xd); }

// As many in each direction: a multiplication and an addition for every element of w that an element of y meets.
double conv_flops(const kernels::ConvShape& s) {
    return 2.0 * static_cast<double>(s.N * s.O * s.P * s.Q) * static_cast<double>(s.Cg() * s.U * s.V);
}

bool recording_bias(const Tensor& b) { return b.defined() && recording(b); }

template <class N>
N* record_with_bias(const Call& call, Tensor& y, const Tensor& x, const Tensor& w, const Tensor& b) {
    return b.defined() ? record<N>(call, y, x, w, b) : record<N>(call, y, x, w);
}

// A checked call of each of the four: operands as kernels read them, and the result, made. Dispatched, it runs the kernel
// and gives the recorded result.
struct ForwardCall {
    Call call;
    const Tensor &x, &w, &b;
    ConvOptions options;
    kernels::ConvShape s;
    Tensor xd, wd, bd, y;

    ForwardCall(const Operand& operand, const Tensor& weight, const Tensor& bias, const ConvOptions& given)
        : call("conv2d", operand), x(call.floating(operand)), w(weight), b(bias), options(given) {
        call.check_alike(x, w);
        s = conv_shape(call, x.shape(), w.shape(), options);
        check_conv_bias(call, x, b, s.O);
        xd = channels_last(x), wd = laid_out(w), bd = b.defined() ? b.contiguous(call.site()) : b;
        y = make_channels_last({s.N, s.O, s.P, s.Q}, x.dtype(), x.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        const Workspace ws(x.device(), kernels::conv_forward_workspace_bytes<T>(on, s));
        kernels::conv_forward<T>(on, raw<T>(xd), raw<T>(wd), raw_or_null<T>(bd), raw<T>(y), s, {ws.data(), ws.bytes()});
        count_flops(conv_flops(s));
        if (recording(x, w) || recording_bias(b)) {
            auto* node = record_with_bias<ConvNode>(call, y, x, w, b);
            node->x = saved_images(x, xd), node->w = Saved(w);
            node->options = options;
        }
        return std::move(y);
    }
};

struct BackwardDataCall {
    Call call;
    const Tensor &dy, &w;
    ConvOptions options;
    kernels::ConvShape s;
    Tensor dyd, wd, dx;

    BackwardDataCall(const Operand& operand, const Tensor& weight, const Shape& x_shape, const ConvOptions& given)
        : call("conv2d_backward_data", operand), dy(call.floating(operand, "dy")), w(weight), options(given) {
        call.check_alike(dy, w, "dy", "w");
        s = conv_shape(call, x_shape, w.shape(), options);
        const Shape y_shape{s.N, s.O, s.P, s.Q};
        call.check(x_shape.dims() == 4 && dy.shape() == y_shape, "dy ", dy.shape(), " for x ", x_shape, " and w ",
                   w.shape(), "; it must be ", y_shape);
        dyd = channels_last(dy), wd = laid_out(w);
        dx = make_channels_last(x_shape, dy.dtype(), dy.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        const Workspace ws(dy.device(), kernels::conv_backward_data_workspace_bytes<T>(on, s));
        kernels::conv_backward_data<T>(on, raw<T>(dyd), raw<T>(wd), nullptr, raw<T>(dx), s, {ws.data(), ws.bytes()});
        count_flops(conv_flops(s));
        if (recording(dy, w)) {
            auto* node = record<ConvBackwardDataNode>(call, dx, dy, w);
            node->op = "conv2d_backward_data";
            node->dy = saved_images(dy, dyd), node->w = Saved(w);
            node->options = options;
        }
        return std::move(dx);
    }
};

struct BackwardWeightCall {
    Call call;
    const Tensor &x, &dy;
    ConvOptions options;
    kernels::ConvShape s;
    Tensor xd, dyd, dw;

    BackwardWeightCall(const Operand& operand, const Tensor& slope, const Shape& w_shape, const ConvOptions& given)
        : call("conv2d_backward_weight", operand), x(call.floating(operand)), dy(slope), options(given) {
        call.check_alike(x, dy, "x", "dy");
        s = conv_shape(call, x.shape(), w_shape, options);
        const Shape y_shape{s.N, s.O, s.P, s.Q};
        call.check(x.dim() == 4 && dy.shape() == y_shape, "dy ", dy.shape(), " for x ", x.shape(), " and w ", w_shape,
                   "; it must be ", y_shape);
        xd = channels_last(x), dyd = channels_last(dy);
        dw = make_tensor(w_shape, conv_weight_strides(w_shape), x.dtype(), x.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        const Workspace ws(x.device(), kernels::conv_backward_weight_workspace_bytes<T>(on, s));
        kernels::conv_backward_weight<T>(on, raw<T>(xd), raw<T>(dyd), raw<T>(dw), s, {ws.data(), ws.bytes()});
        count_flops(conv_flops(s));
        if (recording(x, dy)) {
            auto* node = record<ConvBackwardWeightNode>(call, dw, x, dy);
            node->x = saved_images(x, xd), node->dy = saved_images(dy, dyd);
            node->options = options;
        }
        return std::move(dw);
    }
};

struct TransposeCall {
    Call call;
    const Tensor &x, &w, &b;
    ConvTransposeOptions options;
    kernels::ConvShape s;
    Tensor xd, wd, bd, y;

    TransposeCall(const Operand& operand, const Tensor& weight, const Tensor& bias, const ConvTransposeOptions& given)
        : call("conv_transpose2d", operand), x(call.floating(operand)), w(weight), b(bias), options(given) {
        call.check_alike(x, w);
        s = conv_transpose_shape(call, x.shape(), w.shape(), options);
        check_conv_bias(call, x, b, s.C);
        xd = channels_last(x), wd = laid_out(w), bd = b.defined() ? b.contiguous(call.site()) : b;
        y = make_channels_last({s.N, s.C, s.H, s.W}, x.dtype(), x.device());
    }

    template <class T>
    Tensor operator()(auto on) {
        const Workspace ws(x.device(), kernels::conv_backward_data_workspace_bytes<T>(on, s));
        kernels::conv_backward_data<T>(on, raw<T>(xd), raw<T>(wd), raw_or_null<T>(bd), raw<T>(y), s, {ws.data(), ws.bytes()});
        count_flops(conv_flops(s));
        if (recording(x, w) || recording_bias(b)) {
            auto* node = record_with_bias<ConvBackwardDataNode>(call, y, x, w, b);
            node->op = "conv_transpose2d";
            node->dy = saved_images(x, xd), node->w = Saved(w);
            node->options = {options.stride, options.padding, options.dilation, options.groups};
            node->output_padding = options.output_padding;
        }
        return std::move(y);
    }
};

}  // namespace

Strides conv_weight_strides(const Shape& shape) {
    // A (O, C, U, V) in the order [U][V][C][O] is a row-major tensor of those sizes.
    Shape order, strides = shape;
    for (int d = 2; d < shape.dims(); ++d) order.push_back(d);
    order.push_back(1), order.push_back(0);
    std::int64_t step = 1;
    for (int i = shape.dims() - 1; i >= 0; --i) {
        const int d = static_cast<int>(order[i]);
        strides[d] = step;
        step *= shape[d] ? shape[d] : 1;
    }
    return strides;
}

void set_conv_algorithm(ConvAlgorithm algorithm) { chosen.store(algorithm, std::memory_order_relaxed); }
ConvAlgorithm conv_algorithm() { return chosen.load(std::memory_order_relaxed); }

Tensor conv2d(Operand x, const Tensor& w, const Tensor& b, const ConvOptions& options) {
    ForwardCall op(x, w, b, options);
    return dispatch_floats(op.call, op.x, op);
}

Tensor conv2d_backward_data(Operand dy, const Tensor& w, const Shape& x_shape, const ConvOptions& options) {
    BackwardDataCall op(dy, w, x_shape, options);
    return dispatch_floats(op.call, op.dy, op);
}

Tensor conv2d_backward_weight(Operand x, const Tensor& dy, const Shape& w_shape, const ConvOptions& options) {
    BackwardWeightCall op(x, dy, w_shape, options);
    return dispatch_floats(op.call, op.x, op);
}

Tensor conv_transpose2d(Operand x, const Tensor& w, const Tensor& b, const ConvTransposeOptions& options) {
    TransposeCall op(x, w, b, options);
    return dispatch_floats(op.call, op.x, op);
}

Tensor conv1d(Operand operand, const Tensor& w, const Tensor& b, const Conv1dOptions& options) {
    const Call call("conv1d", operand);
    const Tensor x = call.floating(operand);
    call.check_alike(x, w);
    const ConvOptions image{.stride = {1, options.stride},
                            .padding = {0, options.padding},
                            .dilation = {1, options.dilation},
                            .groups = options.groups};
    check_conv_bias(call, x, b, conv_shape(call, x.shape(), w.shape(), image, 3).O);
    // A sequence is an image of height 1.
    const Site site = call.site();
    return conv2d({x.unsqueeze(2, site), site}, w.unsqueeze(2, site), b, image).squeeze(2, site);
}

}  // namespace vitrine
