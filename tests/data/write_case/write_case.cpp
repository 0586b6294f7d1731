// Writes two cases of softmax along axis 1, as it is and with one number of the output changed, and one of tanh.
#include <cstdio>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/data/node_case.h"

namespace vt = vitrine;

int main() {
    const vt::Tensor x = vt::arange(0, 15, 1, {.dtype = vt::float32}).reshape({3, 5}).requires_grad_();
    const vt::KeepValues keep;
    const vt::Tensor y = softmax(x, 1);
    y.backward(vt::arange(0, 15, 1, {.dtype = vt::float32}).reshape({3, 5}));
    vt::data::export_case(y.node(), "softmax.safetensors");
    auto file = vt::data::load_safetensors("softmax.safetensors");
    file.tensors.at("output.0").at<float>({1, 2}) += 0.01f;
    vt::data::save_safetensors("wrong.safetensors", file.tensors, file.metadata);
    const vt::Tensor z = tanh(x);
    z.backward(vt::ones_like(z.detach()));
    vt::data::export_case(z.node(), "other.safetensors");
}
