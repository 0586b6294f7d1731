#include "rearrange.h"

#include <utility>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/memory_order.h"
#include "vitrine/core/node.h"
#include "vitrine/kernels/rearrange/rearrange.h"

namespace vitrine {
namespace {

// For each dimension of x a shift from 0 to its size - 1, and whether it is reversed.
struct Plan {
    Shape shifts;
    std::vector<bool> flipped;

    explicit Plan(int dims = 0) : shifts(Shape::filled(dims, 0)), flipped(static_cast<std::size_t>(dims)) {}
    Shape flipped_axes() const {
        Shape axes;
        for (int d = 0; d < shifts.dims(); ++d)
            if (flipped[static_cast<std::size_t>(d)]) axes.push_back(d);
        return axes;
    }
    Plan inverse(const Shape& sizes) const {
        Plan back = *this;
        for (int d = 0; d < sizes.dims(); ++d)
            if (shifts[d] > 0) back.shifts[d] = sizes[d] - shifts[d];
        return back;
    }
};

Tensor rearranged(const char* op, Operand x, const Plan& plan);

struct RearrangeNode final : Node {
    const char* op = "";
    Plan plan;

    const char* name() const override { return op; }
    NodeArguments arguments() const override { return {{"shifts", plan.shifts}, {"flipped", plan.flipped_axes()}}; }
    void forward(const NodeValues& v) override { v.out[0] = rearranged(op, v.in[0], plan); }
    void backward(const Grads& g) override { g.in[0] = rearranged(op, g.out[0], plan.inverse(g.out[0].shape())); }
};

// One that follows its inner neighbour in x, where that stays as it is, is joined with it: a place is a whole row.
kernels::RearrangeShape walk_of(const Tensor& x, const Tensor& y, const Plan& plan) {
    kernels::RearrangeShape shape{};
    shape.count = y.numel();
    int last = -1;
    for (const int d : memory_order(y)) {
        const bool flipped = plan.flipped[static_cast<std::size_t>(d)];
        const std::int64_t n = x.shape()[d], stride = x.strides()[d];
        const bool follows = last >= 0 && !flipped && !shape.flipped[last] && shape.shifts[last] == 0 &&
                             stride == shape.x_strides[last] * shape.sizes[last];
        const std::int64_t inner = follows ? shape.sizes[last] : 1;
        if (!follows) shape.x_strides[++last] = stride;
        shape.sizes[last] = n * inner;
        shape.shifts[last] = plan.shifts[d] * inner;
        shape.flipped[last] = flipped;
    }
    while (last < 1) shape.sizes[++last] = 1;
    shape.dims = last + 1;
    return shape;
}

// A checked call. Dispatched, it runs the kernel and gives the recorded result.
struct RearrangeCall {
    Call call;
    const Tensor& x;
    Plan plan;
    Tensor y;
    kernels::RearrangeShape shape;

    RearrangeCall(const Call& c, const Tensor& operand, const Plan& given) : call(c), x(operand), plan(given) {
        y = make_tensor(x.shape(), dense_strides(x.shape(), x.strides()), x.dtype(), x.device());
        shape = walk_of(x, y, plan);
    }

    template <class T>
    Tensor operator()(auto on) {
        kernels::rearrange(on, raw<T>(x), raw<T>(y), shape);
        if (recording(x)) {
            auto* node = record<RearrangeNode>(call, y, x);
            node->op = call.op(), node->plan = plan;
        }
        return std::move(y);
    }
};

Tensor rearranged(const char* name, Operand x, const Plan& plan) {
    RearrangeCall op({name, x}, x.tensor(), plan);
    return dispatch_all<with_halves>(op.call, op.x, op);
}

// shift modulo n, from 0 to n - 1.
std::int64_t wrapped(std::int64_t shift, std::int64_t n) {
    if (n == 0) return 0;
    const std::int64_t rest = shift % n;
    return rest < 0 ? rest + n : rest;
}

Plan plan_flip(const Call& call, const Tensor& x, const std::vector<std::int64_t>& axes) {
    Plan plan(x.dim());
    for (const std::int64_t axis : axes) {
        const auto a = static_cast<std::size_t>(call.axis(x, axis));
        call.check(!plan.flipped[a], "axis ", axis, " is named twice");
        plan.flipped[a] = true;
    }
    return plan;
}

Plan plan_roll(const Call& call, const Tensor& x, const std::vector<std::int64_t>& shifts, const std::vector<std::int64_t>& axes) {
    call.check(shifts.size() == axes.size(), shifts.size(), " shifts for ", axes.size(), " axes; allowed is one for each");
    Plan plan(x.dim());
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const int a = call.axis(x, axes[i]);
        const std::int64_t n = x.shape()[a];
        plan.shifts[a] = wrapped(plan.shifts[a] + wrapped(shifts[i], n), n);
    }
    return plan;
}

}  // namespace

Tensor flip(Operand operand, const std::vector<std::int64_t>& axes) {
    const Call call("flip", operand);
    RearrangeCall op(call, call.tensor(operand), plan_flip(call, call.tensor(operand), axes));
    return dispatch_all<with_halves>(call, op.x, op);
}

Tensor roll(Operand operand, const std::vector<std::int64_t>& shifts, const std::vector<std::int64_t>& axes) {
    const Call call("roll", operand);
    RearrangeCall op(call, call.tensor(operand), plan_roll(call, call.tensor(operand), shifts, axes));
    return dispatch_all<with_halves>(call, op.x, op);
}

Tensor roll(Operand operand, std::int64_t shift) {
    const Call call("roll", operand);
    const Tensor& x = call.tensor(operand);
    return roll({x.reshape({x.numel()}, call.site()), call.site()}, {shift}, {0}).reshape(x.shape(), call.site());
}

}  // namespace vitrine
