// Stepped through by softmax_frames.py: one softmax forward and backward on the device named by the first argument.
#include "vitrine/core/backward.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/softmax.h"

int main(int argc, char** argv) {
    using namespace vitrine;
    if (argc != 2) return 2;
    const Device device = parse_device(argv[1]);
    const Tensor x = tensor({{1.0, 2.0, 3.0, 4.0, 5.0}, {5.0, 4.0, 3.0, 2.0, 1.0}}, {.device = device, .requires_grad = true});
    const Tensor dy = tensor({{1.0, 0.0, 0.0, 0.0, 0.0}, {0.0, 0.0, 1.0, 0.0, 0.0}}, {.device = device});
    const Tensor y = softmax(x, 1);
    y.backward(dy);
    return x.grad().defined() ? 0 : 1;
}
