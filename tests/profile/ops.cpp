// The op families, forward and backward, at sizes a model has: a program to look at with VITRINE_SIMT_PROFILE=1.
#include <cstdio>

#include "vitrine/config.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/ops/attention.h"
#include "vitrine/core/ops/batch_norm.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/conv.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/embedding.h"
#include "vitrine/core/ops/group_norm.h"
#include "vitrine/core/ops/index.h"
#include "vitrine/core/ops/layer_norm.h"
#include "vitrine/core/ops/loss.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/pad.h"
#include "vitrine/core/ops/pool.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/rearrange.h"
#include "vitrine/core/ops/recurrent.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/scan.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/sort.h"
#include "vitrine/core/ops/triangle.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/upsample.h"
#include "vitrine/core/ops/where.h"
#include "vitrine/optim/adam.h"
#include "vitrine/optim/clip.h"
#include "vitrine/optim/rmsprop.h"
#include "vitrine/optim/sgd.h"

using namespace vitrine;

namespace {

Tensor input(const Shape& shape) { return randn(shape, {.device = Device::simt, .requires_grad = true}); }

void both(const Tensor& y) { y.backward(ones_like(y.detach())); }

void rows_and_columns() {
    both(softmax(input({64, 256}), 1));
    both(log_softmax(input({64, 64}), 1));
    both(sum(input({64, 256}), 1));
    both(sum(input({256, 64}), 0));
    both(mean(input({64, 256})));
    both(max(input({64, 256}), 1));
    both(logsumexp(input({64, 256}), 1));
    both(var(input({64, 256}), 1));
    both(cumsum(input({64, 256}), 1));
    both(sort(input({16, 256})).values);
    both(layer_norm(input({64, 256}), {256}, input({256}), input({256})));
    const Tensor target = zeros({64}, {.dtype = DType::i64, .device = Device::simt});
    both(cross_entropy(input({64, 256}), target));
    both(embedding(input({256, 64}), target));
    both(index_select(input({64, 256}), 0, target));
}

void elements() {
    both(exp(input({64, 256})));
    both(input({64, 256}) * input({256}));
    both(input({64, 256}) + input({64, 1}));
    both(dropout(input({64, 256}), 0.5));
    both(where(gt(input({64, 256}).detach(), 0), input({64, 256}), 0));
    both(mse_loss(input({64, 256}), input({64, 256})));
    both(tril(input({64, 256})));
    both(flip(input({64, 256}), {1}));
    both(input({64, 256}).transpose(0, 1).contiguous());
}

void products() {
    both(matmul(input({256, 128}), input({128, 256})));
    both(scaled_dot_product_attention(input({1, 4, 128, 32}), input({1, 4, 128, 32}), input({1, 4, 128, 32})));
    const RecurrentWeights w{input({4 * 64, 32}), input({4 * 64, 64}), input({4 * 64}), input({4 * 64})};
    both(lstm(input({4, 32, 32}), Tensor(), Tensor(), w).y);
}

void pictures() {
    both(conv2d(input({4, 16, 16, 16}), input({32, 16, 3, 3}), {}, {.padding = 1}));
    both(batch_norm(input({4, 32, 16, 16}), input({32}), input({32}), {}, {}, {.training = true}));
    both(group_norm(input({4, 32, 16, 16}), 4, input({32}), input({32})));
    both(max_pool2d(input({4, 32, 16, 16}), 2));
    both(avg_pool2d(input({4, 32, 16, 16}), 2));
    both(upsample_nearest(input({4, 32, 8, 8}), 16));
    both(pad(input({4, 32, 16, 16}), {1, 1, 1, 1}));
}

// A step of each optimizer on tensors of several sizes, and what is done to all gradients in one launch.
void steps() {
    const std::vector<Tensor> w{input({64, 256}), input({256}), input({3, 5, 7})};
    for (const Tensor& x : w) both(square(x));
    optim::clip_grad_norm_(w, 1);
    optim::clip_grad_value_(w, 0.5);
    optim::SGD(w, {.lr = 0.1}).step();
    optim::SGD(w, {.lr = 0.1, .momentum = 0.9}).step();
    optim::Adam(w, {.lr = 0.1}).step();
    optim::AdamW(w, {.lr = 0.1}).step();
    optim::RMSprop(w, {.lr = 0.1}).step();
}

}  // namespace

int main(int argc, char**) {
    if (argc > 1) {  // one op is enough for a test of the profile itself
        try {
            both(softmax(input({64, 256}), 1));
        } catch (const Error& error) {
            std::fprintf(stderr, "%s\n", error.what());
            return 1;
        }
        return 0;
    }
    rows_and_columns();
    elements();
    products();
    pictures();
    steps();
    std::puts("ran every family, forward and backward");
}
