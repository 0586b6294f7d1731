#include "kernel_runs.h"

#include "cases/attention.h"
#include "cases/batch_norm.h"
#include "cases/binary.h"
#include "cases/conv.h"
#include "cases/copy.h"
#include "cases/cross_entropy.h"
#include "cases/dropout.h"
#include "cases/embedding.h"
#include "cases/group_norm.h"
#include "cases/index.h"
#include "cases/loss.h"
#include "cases/matmul.h"
#include "cases/pad.h"
#include "cases/pool.h"
#include "cases/rearrange.h"
#include "cases/recurrent.h"
#include "cases/reduce.h"
#include "cases/scan.h"
#include "cases/softmax.h"
#include "cases/sort.h"
#include "cases/triangle.h"
#include "cases/unary.h"
#include "cases/upsample.h"
#include "cases/where.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/ladder.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/optimizer.h"
#include "vitrine/core/ops/random.h"

namespace vitrine::testing {
namespace {

void append(std::vector<double>& all, const Tensor& x) {
    if (!x.defined()) return;
    const auto values = values_of(x);
    all.insert(all.end(), values.begin(), values.end());
}

std::vector<double> forward_and_backward(const OpCase& c, DType dtype) {
    const auto inputs = make_inputs(c, dtype, Device::simt);
    std::vector<Tensor> asked;
    for (const Tensor& x : inputs)
        if (x.requires_grad()) asked.push_back(x);
    const Tensor y = c.op(inputs);
    std::vector<double> all;
    append(all, y);
    if (c.differentiable && y.requires_grad() && !asked.empty())
        for (const Tensor& dx : grad({y}, asked, {.grad_outputs = {ones_like(y)}, .allow_unused = true})) append(all, dx);
    return all;
}

void add(std::vector<KernelRun>& runs, const char* family, const std::vector<OpCase>& cases, DType dtype = DType::f32) {
    for (const OpCase& c : cases)
        runs.push_back({family, c.name, [c, dtype] { return forward_and_backward(c, dtype); }});
}

// The same cases with the kernels of each step of a ladder.
void add_steps(std::vector<KernelRun>& runs, const char* family, Ladder ladder, const std::vector<OpCase>& cases) {
    for (KernelStep step : kernel_steps(ladder)) {
        for (const OpCase& c : cases)
            runs.push_back({family, join(c.name, ", step ", step), [c, ladder, step] {
                                const KernelStepScope scope(ladder, step);
                                return forward_and_backward(c, DType::f32);
                            }, false});
    }
}

void add_conv(std::vector<KernelRun>& runs) {
    for (ConvAlgorithm algorithm : {ConvAlgorithm::direct, ConvAlgorithm::implicit_gemm})
        for (const OpCase& c : conv_cases())
            runs.push_back({"conv", c.name, [c, algorithm] {
                                set_conv_algorithm(algorithm);
                                const auto all = forward_and_backward(c, DType::f32);
                                set_conv_algorithm(ConvAlgorithm::automatic);
                                return all;
                            }});
}

void add_reduce(std::vector<KernelRun>& runs) {
    add(runs, "reduce", reduce_cases(sum, sum_of, true));
    add(runs, "reduce", reduce_cases(max, max_of, false));
    add(runs, "reduce", reduce_cases(logsumexp, logsumexp_of, true));
    add(runs, "reduce", reduce_cases([](Operand x, Axes axes, bool keepdim) { return var(x, axes, {.keepdim = keepdim}); }, var_of, false));
    for (const auto op : {argmax, argmin})
        for (const Shape& shape : {Shape{1, 1}, Shape{3, 33}, Shape{65, 7}, Shape{2, 1025}})
            for (int axis : {0, 1})
                runs.push_back({"reduce", join("arg of ", shape, " along ", axis), [=] {
                                    Generator random(7);
                                    return values_of(op(randn(shape, {.device = Device::simt}, random), {axis}, false));
                                }});
    add_steps(runs, "reduce", Ladder::reduce, reduce_cases(sum, sum_of, true));
}

std::vector<double> optimizer_steps(std::int64_t n) {
    Generator random(11);
    const TensorOptions here{.device = Device::simt};
    Tensor w = randn({n}, here, random), b = zeros({n}, here), v = zeros({n}, here), m = zeros({n}, here);
    const Tensor g = randn({n}, here, random);
    sgd_step(w, g, b, {.momentum = 0.9});
    adam_step(w, g, m, v, {});
    Tensor average = zeros({n}, here), momentum = zeros({n}, here);
    rmsprop_step(w, g, v, average, momentum, {.momentum = 0.5, .centered = true});
    const std::vector<Tensor> all{w, b, v, m};
    std::vector<double> values{total_norm(all)};
    scale_all(all, 0.5);
    clamp_all(all, 0.25);
    lerp_all(std::vector<Tensor>{w, b}, std::vector<Tensor>{v, m}, 0.1);
    for (const Tensor& x : all) append(values, x);
    return values;
}

std::vector<double> random_numbers(std::int64_t n) {
    Generator random(13);
    const TensorOptions here{.device = Device::simt};
    std::vector<double> values;
    append(values, rand({n}, here, random));
    append(values, randn({n}, here, random));
    append(values, bernoulli({n}, 0.3, here, random));
    append(values, randperm(n, {.dtype = DType::i64, .device = Device::simt}, random));
    return values;
}

}  // namespace

std::vector<KernelRun> kernel_runs() {
    std::vector<KernelRun> runs;
    add(runs, "attention", attention_cases());
    add(runs, "attention", attention_tile_cases());
    add(runs, "batch_norm", batch_norm_cases());
    add(runs, "binary", binary_cases());
    add(runs, "copy", copy_cases());
    add(runs, "cross_entropy", cross_entropy_cases());
    add(runs, "dropout", dropout_cases());
    add(runs, "embedding", embedding_cases());
    add(runs, "group_norm", group_norm_cases());
    add(runs, "group_norm", layer_norm_cases());
    add_steps(runs, "group_norm", Ladder::layer_norm, layer_norm_cases());
    add(runs, "index", index_cases());
    for (const LossFunction& loss : loss_functions()) add(runs, "loss", loss_cases(loss));
    add(runs, "matmul", matmul_cases());
    add_steps(runs, "matmul", Ladder::matmul, matmul_cases());
    add(runs, "pad", pad_cases());
    add(runs, "pool", pool_cases());
    add(runs, "pool", sequence_pool_cases());
    add(runs, "pool", {with_indices_case()});
    add(runs, "rearrange", rearrange_cases());
    add(runs, "recurrent", recurrent_cases());
    add(runs, "scan", scan_cases());
    add(runs, "softmax", softmax_cases());
    add_steps(runs, "softmax", Ladder::softmax, softmax_cases());
    add(runs, "sort", sort_cases());
    add(runs, "triangle", triangle_cases());
    add(runs, "unary", unary_cases());
    add(runs, "upsample", upsample_cases());
    add(runs, "where", where_cases());
    add_conv(runs);
    add_reduce(runs);
    for (std::int64_t n : {1, 33, 257}) {
        runs.push_back({"optimizer", join(n, " weights"), [n] { return optimizer_steps(n); }});
        runs.push_back({"random", join(n, " numbers"), [n] { return random_numbers(n); }});
    }
    return runs;
}

}  // namespace vitrine::testing
