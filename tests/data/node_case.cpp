// One call of an op in a file, and run again from there.
#include "vitrine/data/node_case.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "scratch_folder.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/embedding.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/pool.h"
#include "vitrine/core/ops/recurrent.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/view.h"

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

TEST_CASE("data/node_case: a file says how its op was called") {
    const ScratchFolder folder;
    const std::string path = folder / "pooled.safetensors";
    const KeepValues keep;
    const Tensor x = arange(0, 2 * 3 * 7 * 6, 1, {.dtype = DType::f64}).reshape({2, 3, 7, 6}).requires_grad_();
    const Tensor y = max_pool2d(x, {3, 2}, {.stride = {2, 1}, .padding = {1, 0}});
    data::export_case(y.node(), path);
    const data::NodeCase read = data::load_case(path);
    CHECK(read.arguments.at("kernel") == "3,2");
    CHECK(read.arguments.at("stride") == "2,1");
    CHECK(read.outputs[0].strides() == y.strides());  // channels together, not row by row
    for (Device device : available_devices()) {
        const NodeCall made = data::run_case(read, device);
        CHECK(values_of(made.outputs[0]) == values_of(y));
        CHECK(!data::compare_case(read, made, 1e-12).wrong());
    }
}

TEST_CASE("data/node_case: a layer with several outputs") {
    const ScratchFolder folder;
    const auto numbers_in = [](const Shape& shape) { return sin(arange(0, static_cast<double>(shape.numel()), 1, {.dtype = DType::f64}).reshape(shape)).requires_grad_(); };
    const KeepValues keep;
    const LstmResult r = lstm(numbers_in({4, 2, 3}), {}, {}, {numbers_in({20, 3}), numbers_in({20, 5})}, {.reverse = true});
    sum(r.y * r.y + r.c).backward({.retain_graph = true});
    data::export_case(r.y.node(), folder / "lstm.safetensors");
    data::NodeCase read = data::load_case(folder / "lstm.safetensors");
    REQUIRE(read.outputs.size() == 3);
    CHECK(!read.output_gradients[1].defined());
    NodeCall made = data::run_case(read, Device::cpu);
    CHECK(!data::compare_case(read, made, data::case_tolerance(read)).wrong());
    made.outputs[2].at<double>({1, 3}) += 0.5;
    const data::CaseDifference found = data::compare_case(read, made, data::case_tolerance(read));
    CHECK(found.wrong());
    CHECK(found.what == "output 2");
    CHECK(found.index == Shape{1, 3});
    CHECK(found.made == found.wanted + 0.5);
}

TEST_CASE("data/node_case: ops of a recorded backward that have no function of their own cannot be called from a file") {
    for (const char* op : {"unary_backward", "group_norm_backward", "layer_norm_backward", "cross_entropy_backward", "nll_loss_backward",
                           "mse_loss_backward", "l1_loss_backward", "huber_loss_backward", "smooth_l1_loss_backward",
                           "binary_cross_entropy_backward", "binary_cross_entropy_with_logits_backward", "kl_div_backward",
                           "sort_backward", "sort_gather", "cumsum_backward", "max_pool2d_gather", "slice_backward",
                           "masked_select_backward", "cube"})
        CHECK_MESSAGE(!data::can_call(op), op);
    for (const char* op : {"softmax_backward", "conv2d_backward_weight", "max_pool2d_backward", "batch_norm_relu_backward", "lstm"})
        CHECK_MESSAGE(data::can_call(op), op);
}

TEST_CASE("data/node_case: what a file lacks for its call is named") {
    const KeepValues keep;
    const Tensor y = embedding(numbers(), tensor({1, 0, 1})), z = softmax(numbers(), 1);
    const auto error = [](data::NodeCase node_case) { return error_of([&] { data::run_case(node_case, Device::cpu); }); };
    data::NodeCase changed = data::case_of(z.node());
    changed.arguments["axis"] = "1x";
    CHECK(error(changed) == "run_case: the case of softmax has \"1x\" for its argument axis");
    changed.arguments.clear();
    CHECK(error(changed) == "run_case: the case of softmax has no argument axis");
    changed.op = "cube";
    CHECK(error(changed) == "run_case: a file does not say how to call cube; pass the call as a function to data::run_case()");
    changed = data::case_of(dropout(numbers()).node());
    changed.arguments["order"] = "2,2";
    CHECK(error(changed) == "run_case: the case of dropout has strides (2, 2) for x (2, 2)");
    changed = data::case_of(max_pool2d(ones({1, 1, 2, 2}, {.requires_grad = true}), 2).node());
    changed.arguments["stride"] = "0,1";
    CHECK(error(changed) == "run_case: the case of max_pool2d has windows that make no (1, 1, 1, 1) of (1, 1, 2, 2)");
    sum(y).backward();
    CHECK(error(data::case_of(y.node())) ==
          "run_case: the case of embedding has no tensor saved.ids; a backward frees what a node keeps: write the case before it, "
          "or retain the graph");
    data::NodeCase other = data::case_of(z.node());
    NodeCall made = data::run_case(other, Device::cpu);
    made.outputs[0] = Tensor();
    CHECK(error_of([&] { data::compare_case(other, made, 1e-4); }) == "compare_case: softmax made nothing for output 0, which is (2, 2)");
}

TEST_CASE("data/node_case: other files are refused") {
    const ScratchFolder folder;
    const std::string path = folder / "weights.safetensors";
    data::save_safetensors(path, {{"w", numbers()}});
    CHECK(error_of([&] { data::load_case(path); }) == path + ": it is no case of export_case(): its metadata has no inputs");
    data::save_safetensors(path, {{"w", numbers()}}, {{"inputs", "-1"}, {"outputs", "1"}});
    CHECK(error_of([&] { data::load_case(path); }) == path + ": it is no case of export_case(): its metadata has no inputs");
    const Tensor x = ones({1, 1, 2, 2}, {.requires_grad = true});
    const KeepValues keep;
    const Tensor dx = grad({sum(square(max_pool2d(x, 2)))}, {x}, {.create_graph = true})[0];
    data::export_case(dx.node(), path);
    data::SafetensorsFile file = data::load_safetensors(path);
    REQUIRE(file.metadata.at("op") == "max_pool2d_backward");
    CHECK(!data::compare_case(data::load_case(path), data::run_case(data::load_case(path), Device::cpu), 1e-6).wrong());
    for (const std::int32_t place : {4, -2}) {
        file.tensors.at("saved.index").at<std::int32_t>({0, 0, 0, 0}) = place;
        data::save_safetensors(path, file.tensors, file.metadata);
        CHECK(error_of([&] { data::load_case(path); }) == join(path, ": saved.index has ", place, " for an image of 4 pixels"));
    }
    const data::NodeCase two{.op = "mul", .site = "", .inputs = {numbers()}, .outputs = {numbers(), numbers()},
                             .output_gradients = {}, .input_gradients = {}, .trained = {true}, .saved = {}};
    CHECK(error_of([&] { data::run_case(two, Device::cpu, [](const auto& in) { return in; }); }) ==
          "run_case: the op made 1 tensors; the case of mul has 2 outputs");
}
