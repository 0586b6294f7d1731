#include "split.h"

#include <algorithm>

#include "vitrine/core/node.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine {
namespace {

std::vector<Tensor> parts_of(const Call& call, const Tensor& x, int axis, const std::vector<std::int64_t>& sizes, bool joined);

// One node for all parts: its backward joins their gradients in one pass.
struct SplitNode final : Node {
    const char* op = "";
    TensorOptions options;  // of a part for which no gradient came back
    int axis = 0;
    bool joined = true;  // parts have the axis

    const char* name() const override { return op; }
    NodeArguments arguments() const override { return {{"axis", axis}}; }
    void forward(const NodeValues& v) override {
        std::vector<std::int64_t> sizes;
        for (int i = 0; i < outputs(); ++i) sizes.push_back(joined ? output_shape(i)[axis] : 1);
        const std::vector<Tensor> parts = parts_of(Call(op, site()), v.in[0], axis, sizes, joined);
        std::copy(parts.begin(), parts.end(), v.out.begin());
    }
    void backward(const Grads& g) override {
        std::vector<Tensor> parts(g.out.begin(), g.out.end());
        for (std::size_t i = 0; i < parts.size(); ++i)
            if (!parts[i].defined()) parts[i] = zeros(output_shape(static_cast<int>(i)), options);
        g.in[0] = joined ? cat(parts, axis) : stack(parts, axis);
    }
};

std::vector<Tensor> parts_of(const Call& call, const Tensor& x, int axis, const std::vector<std::int64_t>& sizes, bool joined) {
    std::vector<Tensor> parts;
    std::int64_t begin = 0;
    for (const std::int64_t size : sizes) {
        Shape shape = x.shape();
        Strides strides = x.strides();
        shape[axis] = size;
        if (!joined) shape.erase(axis), strides.erase(axis);
        const std::int64_t first = size > 0 ? begin * x.strides()[axis] : 0;
        parts.push_back(make_view(x, shape, strides, x.impl()->offset + first));
        begin += size;
    }
    if (parts.empty() || !recording(x)) return parts;
    auto* node = record<SplitNode>(call, parts[0], x);
    for (std::size_t i = 1; i < parts.size(); ++i) node->add_output(parts[i]);
    node->op = call.op(), node->axis = axis, node->joined = joined;
    node->options = {.dtype = x.dtype(), .device = x.device()};
    return parts;
}

// `n` in parts of `size`; nothing is one part of nothing.
std::vector<std::int64_t> even_sizes(std::int64_t n, std::int64_t size) {
    std::vector<std::int64_t> sizes;
    for (std::int64_t begin = 0; begin < n || sizes.empty(); begin += size) sizes.push_back(std::min(size, n - begin));
    return sizes;
}

}  // namespace

std::vector<Tensor> split(Operand operand, std::int64_t size, std::int64_t axis) {
    const Call call("split", operand);
    const Tensor& x = call.tensor(operand);
    const int a = call.axis(x, axis);
    call.check(size >= 1, "size ", size, "; allowed are 1 and more");
    return parts_of(call, x, a, even_sizes(x.shape()[a], std::min(size, std::max<std::int64_t>(1, x.shape()[a]))), true);
}

std::vector<Tensor> split(Operand operand, const std::vector<std::int64_t>& sizes, std::int64_t axis) {
    const Call call("split", operand);
    const Tensor& x = call.tensor(operand);
    const int a = call.axis(x, axis);
    std::int64_t left = x.shape()[a];
    for (const std::int64_t size : sizes) {
        call.check(size >= 0 && size <= left, "a part of ", size, " of axis ", axis, " of x ", x.shape(), ", where ", left,
                   " are left; the parts must add up to ", x.shape()[a]);
        left -= size;
    }
    call.check(left == 0, "the parts of axis ", axis, " of x ", x.shape(), " leave ", left, "; they must add up to ",
               x.shape()[a]);
    return parts_of(call, x, a, sizes, true);
}

std::vector<Tensor> chunk(Operand operand, std::int64_t chunks, std::int64_t axis) {
    const Call call("chunk", operand);
    const Tensor& x = call.tensor(operand);
    const int a = call.axis(x, axis);
    call.check(chunks >= 1, "chunks ", chunks, "; allowed are 1 and more");
    const std::int64_t n = x.shape()[a], size = n / chunks + (n % chunks != 0 ? 1 : 0);
    return parts_of(call, x, a, even_sizes(n, std::max<std::int64_t>(1, size)), true);
}

std::vector<Tensor> unbind(Operand operand, std::int64_t axis) {
    const Call call("unbind", operand);
    const Tensor& x = call.tensor(operand);
    const int a = call.axis(x, axis);
    return parts_of(call, x, a, std::vector<std::int64_t>(static_cast<std::size_t>(x.shape()[a]), 1), false);
}

}  // namespace vitrine
