#include "cat.h"

#include "vitrine/core/node.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/view.h"

namespace vitrine {
namespace {

struct CatNode final : Node {
    int axis = 0;
    std::vector<std::int64_t> sizes;  // of each tensor along the axis

    const char* name() const override { return "cat"; }
    NodeArguments arguments() const override { return {{"axis", axis}}; }
    void forward(const NodeValues& v) override { v.out[0] = cat({v.in.begin(), v.in.end()}, axis); }
    void backward(const Grads& g) override {
        std::int64_t begin = 0;
        for (std::size_t i = 0; i < sizes.size(); begin += sizes[i++])
            if (g.needs(i)) g.in[i] = slice(g.out[0], axis, begin, begin + sizes[i]);
    }
};

}  // namespace

Tensor cat(const std::vector<Tensor>& tensors, std::int64_t axis, Site site) {
    const Call call("cat", site);
    call.check(!tensors.empty(), "no tensors were given");
    for (std::size_t i = 0; i < tensors.size(); ++i) call.check(tensors[i].defined(), "tensor ", i, " is undefined");
    const Tensor& first = tensors[0];
    const int a = call.axis(first, axis);

    Shape shape = first.shape();
    bool grad = false;
    std::vector<std::int64_t> sizes;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const Tensor& x = tensors[i];
        call.check_alike(first, x, "tensor 0", join("tensor ", i).c_str());
        Shape other = x.shape();
        if (other.dims() == shape.dims()) other[a] = first.shape()[a];
        call.check(other == first.shape(), "tensor 0 is ", first.shape(), " and tensor ", i, " ", x.shape(), "; they may differ on axis ", axis,
                   " alone");
        sizes.push_back(x.shape()[a]);
        if (i > 0) shape[a] += x.shape()[a];
        grad |= x.requires_grad();
    }

    Tensor y = make_tensor(shape, dense_strides(shape, first.strides()), first.dtype(), first.device());
    {
        const NoGrad no_grad;
        std::int64_t begin = 0;
        for (std::size_t i = 0; i < tensors.size(); begin += sizes[i++]) {
            Tensor part = slice(y, a, begin, begin + sizes[i]);
            part.copy_(tensors[i]);
        }
    }
    if (grad && is_grad_enabled()) {
        auto* node = record<CatNode>(call, y);
        for (const Tensor& x : tensors) node->add_input(x);
        node->axis = a;
        node->sizes = sizes;
    }
    return y;
}

Tensor stack(const std::vector<Tensor>& tensors, std::int64_t axis, Site site) {
    const Call call("stack", site);
    call.check(!tensors.empty(), "no tensors were given");
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        call.check(tensors[i].defined(), "tensor ", i, " is undefined");
        call.check_same(tensors[0], tensors[i], "tensor 0", join("tensor ", i).c_str());
    }
    const int dims = tensors[0].dim();
    call.check(axis >= -dims - 1 && axis <= dims, "axis ", axis, " for tensors ", tensors[0].shape(), "; allowed are ",
               -dims - 1, " to ", dims);
    const std::int64_t a = axis < 0 ? axis + dims + 1 : axis;
    std::vector<Tensor> slices;
    for (const Tensor& x : tensors) slices.push_back(x.unsqueeze(a, call.site()));
    return cat(slices, a, call.site());
}

}  // namespace vitrine
