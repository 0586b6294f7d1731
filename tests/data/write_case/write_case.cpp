// Writes cases for run.cmake and bench.cmake: softmax along axis 1, as it is and with one number of the output changed, tanh,
// a convolution, an lstm, a batch norm, a call of an op that no file can call; and a file that is no case.
#include <string>

#include "vitrine/core/ops/batch_norm.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/conv.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/recurrent.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/data/node_case.h"

namespace vt = vitrine;

namespace {

vt::Tensor numbers(const vt::Shape& shape) { return randn(shape).requires_grad_(); }

void write(const vt::Tensor& y, const std::string& name) {
    sum(square(y)).backward({.retain_graph = true});
    vt::data::export_case(y.node(), name + ".safetensors");
}

}  // namespace

int main() {
    const vt::Tensor x = vt::arange(0, 15, 1, {.dtype = vt::float32}).reshape({3, 5}).requires_grad_();
    const vt::KeepValues keep;
    const vt::Tensor y = softmax(x, 1);
    y.backward(vt::arange(0, 15, 1, {.dtype = vt::float32}).reshape({3, 5}));
    vt::data::export_case(y.node(), "softmax.safetensors");
    auto file = vt::data::load_safetensors("softmax.safetensors");
    file.tensors.at("output.0").at<float>({1, 2}) += 0.01f;
    vt::data::save_safetensors("wrong.safetensors", file.tensors, file.metadata);
    file.metadata["op"] = "cube";
    vt::data::save_safetensors("cube.safetensors", file.tensors, file.metadata);
    vt::data::save_safetensors("weights.safetensors", file.tensors);
    const vt::Tensor z = tanh(x);
    z.backward(vt::ones_like(z.detach()));
    vt::data::export_case(z.node(), "other.safetensors");

    write(conv2d(numbers({2, 4, 9, 7}), numbers({6, 2, 3, 2}), numbers({6}), {.stride = {2, 1}, .padding = 1, .groups = 2}), "conv2d");
    const vt::LstmResult r = lstm(numbers({5, 3, 4}), {}, {}, {numbers({24, 4}), numbers({24, 6}), numbers({24}), numbers({24})});
    write(r.y, "lstm");
    const vt::Tensor mean = vt::zeros({5}), var = vt::ones({5});
    write(batch_norm(numbers({4, 5, 3, 3}), numbers({5}), numbers({5}), mean, var, {.training = true}), "batch_norm");
}
