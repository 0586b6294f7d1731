// Looked at by graph.py: a small graph, one with a NaN, and one of each type that gdb prints.
#include <cmath>

#include "vitrine/core/backward.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/unary.h"

using namespace vitrine;

namespace {

void types() {
    const Tensor none;
    const Tensor row = arange(0, 12, 1, {.dtype = DType::i32}), columns = tensor({{1.5, 2.0}, {3.0, 4.25}}).transpose(0, 1);
    const Tensor flags = row.slice(0, 0, 3) < 1, halves = tensor({0.5, -2.0}).to(DType::bf16);
    const Shape shape{2, 3}, one{5};
    const bf16 b(1.5f);
    const f16 f(-0.25f);
    static_cast<void>(shape.dims() + one.dims() + static_cast<int>(float(b) + float(f)));  // everything is there
}

void graph(Device device) {
    const Tensor x = tensor({1.0, 2.0, 3.0}, {.device = device, .requires_grad = true});
    const Tensor w = tensor({1.0, 0.5, 0.5}, {.device = device, .requires_grad = true});
    const Tensor y = softmax(x * w, 0);
    const Tensor loss = sum(y * y);
    loss.backward();
}

void not_a_number() {
    const Tensor x = tensor({0.0, 1.0}, {.requires_grad = true});
    const Tensor loss = sum(sqrt(x * x) * 100);
    loss.backward();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    types();
    graph(parse_device(argv[1]));
    not_a_number();
}
