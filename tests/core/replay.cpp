// A node run again by itself. That every op's node can is a part of the op's own test (check_replay in op_case.cpp).
#include "vitrine/core/replay.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/config.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/softmax.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

using Numbers = std::vector<double>;

struct MuteNode final : Node {
    const char* name() const override { return "mute"; }
    void backward(const Grads& g) override { g.in[0] = g.out[0]; }
};

Tensor mute(Operand operand) {
    const Call call("mute", operand);
    const Tensor& x = call.tensor(operand);
    Tensor y = x.detach();
    if (recording(x)) record<MuteNode>(call, y, x);
    return y;
}

Tensor numbers() { return tensor({{0.0, 1.0}, {2.0, -1.0}}, {.dtype = DType::f64, .requires_grad = true}); }

}  // namespace

TEST_CASE("core/replay: a node runs again on what it was given, forward and backward") {
    const Tensor x = numbers(), w = tensor({3.0, 4.0}, {.dtype = DType::f64, .requires_grad = true});
    const KeepValues keep;
    const Tensor y = x * w, z = y * y;
    z.backward(ones_like(z.detach()), {.retain_graph = true});

    for (Device device : available_devices()) {
        const NodeCall again = replay(y.node(), {.device = device});
        CHECK(std::string(again.op) == "mul");
        CHECK(again.site.line == __LINE__ - 6);
        CHECK(again.inputs[1].device() == device);
        CHECK(values_of(again.inputs[1]) == Numbers{3, 4});
        CHECK(values_of(again.outputs[0]) == Numbers{0, 4, 6, -4});
        CHECK(values_of(again.output_gradients[0]) == Numbers{0, 8, 12, -8});  // 2 y, as it came back
        CHECK(values_of(again.input_gradients[0]) == Numbers{0, 32, 36, -32});
        CHECK(values_of(again.input_gradients[1]) == Numbers{24, 16});
    }
    CHECK(values_of(x.grad()) == Numbers{0, 32, 36, -32});  // of the one backward
}

TEST_CASE("core/replay: another gradient can be given") {
    const Tensor x = numbers();
    const KeepValues keep;
    const Tensor y = x * 2;
    const NodeCall again = replay(y.node(), {.output_gradients = {full({2, 2}, 5, {.dtype = DType::f64})}});
    CHECK(!again.inputs[1].defined());
    CHECK(values_of(again.outputs[0]) == Numbers{0, 2, 4, -2});
    CHECK(values_of(again.input_gradients[0]) == Numbers{10, 10, 10, 10});
}

TEST_CASE("core/replay: without KeepValues the saved inputs serve where backward keeps them all") {
    const Tensor x = numbers(), w = numbers();
    const NodeCall again = replay(matmul(x, w).node());
    CHECK(values_of(again.outputs[0]) == Numbers{2, -1, -2, 3});
    CHECK(values_of(again.input_gradients[0]) == Numbers{1, 1, 1, 1});
    std::string text;
    const Tensor y = softmax(x, 1);
    text = error_of([&] { replay(y.node()); });
    CHECK(text == join("softmax: input 0 was not kept for replay; run the forward while a vt::KeepValues lives (replay.cpp:", __LINE__ - 2, ")"));
    text = error_of([&] { kept_call(y.node()); });
    CHECK(text == join("softmax: nothing was kept; run the forward while a vt::KeepValues lives (replay.cpp:", __LINE__ - 4, ")"));
}

TEST_CASE("core/replay: what cannot run again says so") {
    Tensor x = numbers();
    const KeepValues keep;
    std::string text;
    text = error_of([&] { replay(x.node()); });
    CHECK(text == join("replay: the node is null; a leaf was made by no op (replay.cpp:", __LINE__ - 1, ")"));
    const Tensor y = mute(x);
    text = error_of([&] { replay(y.node()); });
    CHECK(text == join("mute: the node cannot run again: its struct has no forward() beside its backward() (replay.cpp:", __LINE__ - 2, ")"));
    text = error_of([&] { replay(y.node(), {.output_gradients = {x, x}}); });
    CHECK(text.starts_with("mute: the node cannot run again"));
    const Tensor z = x + 1;
    text = error_of([&] { replay(z.node(), {.output_gradients = {x, x}}); });
    CHECK(text == join("add: 2 output_gradients; it has 1 outputs (replay.cpp:", __LINE__ - 2, ")"));
    no_grad([&] { x.fill_(3); });
    text = error_of([&] { replay(z.node()); });
    CHECK(text == join("add: input 0 (2, 2) was changed in place since (replay.cpp:", __LINE__ - 5, ")"));
}
