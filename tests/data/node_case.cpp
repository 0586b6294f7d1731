// One call of an op in a file, and run again from there.
#include "vitrine/data/node_case.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "scratch_folder.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/embedding.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/unary.h"

namespace vt = vitrine;
using namespace vitrine;
using namespace vitrine::testing;

namespace {
using Numbers = std::vector<double>;
Tensor numbers() { return tensor({{0.0, 1.0}, {2.0, -1.0}}, {.dtype = DType::f64, .requires_grad = true}); }
}  // namespace

TEST_CASE("data/node_case: inputs, outputs and gradients come back, with the op and the line") {
    const ScratchFolder folder;
    const Tensor x = numbers(), w = tensor({3.0, 4.0}, {.dtype = DType::f64});
    const KeepValues keep;
    const Tensor y = x * w;
    const int line = __LINE__ - 1;
    sum(y * y).backward({.retain_graph = true});
    data::export_case(y.node(), folder / "mul.safetensors");

    const data::NodeCase read = data::load_case(folder / "mul.safetensors");
    CHECK(read.op == "mul");
    CHECK(read.site == join("node_case.cpp:", line));
    REQUIRE(read.inputs.size() == 2);
    CHECK(values_of(read.inputs[1]) == Numbers{3, 4});
    CHECK(read.trained == std::vector<bool>{true, false});
    CHECK(values_of(read.outputs.at(0)) == Numbers{0, 4, 6, -4});
    CHECK(values_of(read.output_gradients.at(0)) == Numbers{0, 8, 12, -8});
    CHECK(values_of(read.input_gradients.at(0)) == Numbers{0, 32, 36, -32});
    CHECK(!read.input_gradients.at(1).defined());
}

TEST_CASE("data/node_case: a case runs on every device") {
    const ScratchFolder folder;
    const std::string path = folder / "softmax.safetensors";
    {
        const vt::KeepValues keep;
        const vt::Tensor y = softmax(numbers(), 1);
        y.backward(tensor({{1.0, 0.0}, {0.0, 2.0}}, {.dtype = DType::f64}));
        vt::data::export_case(y.node(), path);
    }
    const vt::data::NodeCase wanted = vt::data::load_case(path);
    for (vt::Device device : vt::available_devices()) {
        const vt::NodeCall made = vt::data::run_case(
            wanted, device, [](const std::vector<vt::Tensor>& in) { return std::vector{softmax(in[0], 1)}; });
        const auto apart = [](const Tensor& a, const Tensor& b) { return max(abs(a - b.to(a.device()))).item<double>(); };
        CHECK(apart(made.outputs[0], wanted.outputs[0]) < 1e-12);
        CHECK(apart(made.input_gradients[0], wanted.input_gradients[0]) < 1e-12);
    }
}

TEST_CASE("data/node_case: without a backward, and without KeepValues, replay fills in") {
    const ScratchFolder folder;
    const Tensor x = numbers(), w = numbers();
    data::export_case(matmul(x, w).node(), folder / "matmul.safetensors");
    const data::NodeCase read = data::load_case(folder / "matmul.safetensors");
    CHECK(values_of(read.outputs.at(0)) == Numbers{2, -1, -2, 3});
    CHECK(values_of(read.input_gradients.at(0)) == Numbers{1, 1, 1, 1});
}

TEST_CASE("data/node_case: what a node keeps besides its inputs is in the file") {
    const ScratchFolder folder;
    const KeepValues keep;
    const Tensor y = embedding(numbers(), tensor({1, 0, 1}));
    data::export_case(y.node(), folder / "e.safetensors");
    const data::NodeCase read = data::load_case(folder / "e.safetensors");
    CHECK(values_of(read.saved.at("ids")) == Numbers{1, 0, 1});
    const NodeCall made = data::run_case(read, Device::cpu, [&](const std::vector<Tensor>& in) {
        return std::vector{embedding(in[0], read.saved.at("ids"))};
    });
    CHECK(values_of(made.outputs[0]) == values_of(read.outputs[0]));
    CHECK(values_of(made.input_gradients[0]) == Numbers{1, 1, 2, 2});
}

TEST_CASE("data/node_case: other files are refused") {
    const ScratchFolder folder;
    const std::string path = folder / "weights.safetensors";
    data::save_safetensors(path, {{"w", numbers()}});
    CHECK(error_of([&] { data::load_case(path); }) == path + ": it is no case of export_case(): its metadata has no inputs");
    data::save_safetensors(path, {{"w", numbers()}}, {{"inputs", "-1"}, {"outputs", "1"}});
    CHECK(error_of([&] { data::load_case(path); }) == path + ": it is no case of export_case(): its metadata has no inputs");
    const data::NodeCase two{.op = "mul", .site = "", .inputs = {numbers()}, .outputs = {numbers(), numbers()},
                             .output_gradients = {}, .input_gradients = {}, .trained = {true}, .saved = {}};
    CHECK(error_of([&] { data::run_case(two, Device::cpu, [](const auto& in) { return in; }); }) ==
          "run_case: the op made 1 tensors; the case of mul has 2 outputs");
}
