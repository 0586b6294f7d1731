// A model on two devices side by side: planted wrong kernels are found, with the whole text of the report.
#include "vitrine/core/verify.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/config.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/nn/activation.h"
#include "vitrine/nn/basic.h"
#include "vitrine/nn/conv.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/norm.h"
#include "vitrine/nn/pool.h"
#include "vitrine/nn/sequential.h"

using namespace vitrine;
using namespace vitrine::testing;

#if VITRINE_HAS_SIMT
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

// grid    blocks of 8 threads over all elements
// block   thread t multiplies one element; in a wrong one the last thread takes its neighbour's
template <class T>
__global__ void times_kernel(const T* x, T* y, T factor, bool wrong, std::int64_t n) {
    const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i < n) y[i] = factor * x[wrong && threadIdx.x == 7 ? i - 1 : i];
}

}  // namespace VITRINE_GPU_NAMESPACE

namespace {
template <class T>
void times(Simt on, const T* x, T* y, double factor, bool wrong, std::int64_t n) {
    launch<times_kernel<T>>(on, {grid_for(n, 8), 8, 0}, x, y, static_cast<T>(factor), wrong, n);
}
template <class T>
void times(Cpu, const T* x, T* y, double factor, bool, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(factor) * x[i];
}
template <class T>
void times(Cuda, const T*, T*, double, bool, std::int64_t) {
    throw Error("the test's op has no kernel for cuda");
}
}  // namespace
}  // namespace vitrine::kernels

namespace {

enum class Planted { nothing, in_forward, in_backward };

// y = 3 x, with a kernel on simt that is wrong where a test says so.
Tensor times_kernel_call(const char* name, Operand operand, double factor, bool wrong) {
    const Call call(name, operand);
    const Tensor x = dense(call.floating(operand), call.site());
    Tensor y = empty_like(x);
    dispatch_floats(call, x, [&]<class T>(auto on) { kernels::times(on, raw<T>(x), raw<T>(y), factor, wrong, x.numel()); });
    return y;
}

struct TripleNode final : Node {
    Planted planted = Planted::nothing;
    const char* name() const override { return "triple"; }
    void backward(const Grads& g) override {
        g.in[0] = times_kernel_call("triple_backward", g.out[0], 3, planted == Planted::in_backward);
    }
};

Tensor triple(Operand operand, Planted planted) {
    const Call call("triple", operand);
    const Tensor& x = call.tensor(operand);
    Tensor y = times_kernel_call("triple", operand, 3, planted == Planted::in_forward);
    if (recording(x)) record<TripleNode>(call, y, x)->planted = planted;
    return y;
}

Tensor counted(Device device) { return arange(0, 15, 1, {.dtype = DType::f32}).reshape({3, 5}).to(device); }

}  // namespace

TEST_CASE("core/verify: a wrong kernel is named with its index, both values and the numbers around it") {
    int line = 0;
    const auto model = [&](Device device) {
        const Tensor x = counted(device).requires_grad_();
        line = __LINE__ + 1;
        const Tensor y = triple(relu(x), Planted::in_forward);
        return sum(y * y);
    };
    const std::string text = error_of([&] { verify::lockstep(Device::cpu, Device::simt, model); });
    CHECK(text ==
          join("triple: output 0 (3, 5) at (1, 2) is 18 on simt and 21 on cpu; they may lie 0.0042267 apart; "
               "input 0 (3, 5) holds 6, [7], 8 around (1, 2) (verify.cpp:", line, ")"));
}

TEST_CASE("core/verify: a wrong backward is named with what it was given") {
    int line = 0;
    const auto model = [&](Device device) {
        const Tensor x = counted(device).requires_grad_();
        line = __LINE__ + 1;
        const Tensor y = triple(x, Planted::in_backward);
        return sum(y * counted(device));
    };
    const std::string text = error_of([&] { verify::lockstep(Device::cpu, Device::simt, model); });
    CHECK(text ==
          join("triple: the gradient of input 0 (3, 5) at (1, 2) is 18 on simt and 21 on cpu; they may lie 0.0042267 apart; "
               "the gradient of output 0 (3, 5) holds 6, [7], 8 around (1, 2); "
               "input 0 (3, 5) holds 6, [7], 8 around (1, 2) (verify.cpp:", line, ")"));
}

TEST_CASE("core/verify: the neighbours of an index end where the input does") {
    const auto model = [](Device device) {
        Tensor x = ones({8}, {.device = device, .requires_grad = true});
        const Tensor steps = arange(0, 8, 1, {.dtype = DType::f32}).to(device);
        return sum(triple(x * steps, Planted::in_forward));
    };
    const std::string text = error_of([&] { verify::lockstep(Device::cpu, Device::simt, model); });
    CAPTURE(text);
    CHECK(text.find("at (7,) is 18 on simt and 21 on cpu; ") != std::string::npos);
    CHECK(text.find("; input 0 (8,) holds 6, [7] around (7,) (") != std::string::npos);
}

TEST_CASE("core/verify: an op can have another tolerance") {
    const auto model = [](Device device) { return sum(triple(counted(device).requires_grad_(), Planted::in_forward)); };
    const verify::Lockstep found = verify::lockstep(Device::cpu, Device::simt, model, {.of_op = {{"triple", 0.1}}});
    CHECK(found.nodes == 2);
    CHECK(found.closest == doctest::Approx(3 / (0.1 * 42 + 16 * 0x1p-23 * 14)));
}

namespace {

struct Pictures : nn::Module<Pictures> {
    nn::Sequential net{nn::Conv2d(1, 4, 3), nn::BatchNorm2d(4), nn::ReLU(), nn::MaxPool2d(2), nn::Dropout(0.5), nn::Flatten(),
                       nn::Linear(36, 3)};
    Tensor labels = zeros({5}, {.dtype = DType::i64});
    Tensor forward(const Tensor& x) { return cross_entropy(net(x), labels.to(x.device())); }
    void members(nn::Members& m) override { m("net", net); }
};

// No clone(), and a result of many numbers.
struct Wrong {
    Tensor w = counted(Device::cpu).requires_grad_();
    void to(Device device) { w = w.detach().to(device).requires_grad_(); }
    Tensor operator()(const Tensor& x) { return triple(x * w, Planted::in_forward); }
};

}  // namespace

TEST_CASE("core/verify: a model whose kernels are right agrees on cpu and simt, and stays as it was") {
    manual_seed(3);
    Pictures model;
    const Tensor batch = randn({5, 1, 8, 8});
    const auto before = model.state_dict();
    const verify::Lockstep found = verify::lockstep(Device::cpu, Device::simt, model, batch);
    CHECK(found.nodes == 8);  // the batch norm and its relu are one
    CHECK(found.gradients == 13);
    CHECK(found.closest < 1);
    for (const auto& [name, tensor] : model.state_dict()) {
        CHECK(values_of(tensor) == values_of(before.at(name)));
        CHECK(!tensor.grad().defined());
    }
}

TEST_CASE("core/verify: a model without clone() is moved, and moved back") {
    Wrong model;
    const std::string text = error_of([&] { verify::lockstep(Device::cpu, Device::simt, model, ones({3, 5})); });
    CHECK(text.starts_with("triple: output 0 (3, 5) at (1, 2) is 18 on simt and 21 on cpu; "));
    CHECK(model.w.device() == Device::cpu);
}

TEST_CASE("core/verify: runs that part ways are an error") {
    const auto other = [](Device device) {
        const Tensor x = counted(device).requires_grad_();
        return sum(device == Device::cpu ? exp(x) : neg(x));
    };
    const std::string text = error_of([&] { verify::lockstep(Device::cpu, Device::simt, other); });
    CHECK(text.starts_with("lockstep: node 0 is neg (verify.cpp:"));
    CHECK(text.find(") on simt and exp (verify.cpp:") != std::string::npos);

    const auto shorter = [](Device device) {
        const Tensor y = exp(counted(device).requires_grad_());
        return device == Device::cpu ? sum(y) : y;
    };
    const std::string ends = error_of([&] { verify::lockstep(Device::cpu, Device::simt, shorter); });
    CHECK(ends.starts_with("lockstep: the run on simt ended after 1 nodes; on cpu there follows sum (verify.cpp:"));
}
#endif

TEST_CASE("core/verify: a forward without a gradient is an error") {
    const auto model = [](Device device) { return ones({2}, {.device = device}); };
    std::string text;
    text = error_of([&] { verify::lockstep(Device::cpu, Device::cpu, model); });
    CHECK(text == join("lockstep: forward(cpu) must make a tensor on cpu that requires grad (verify.cpp:", __LINE__ - 1, ")"));
}
