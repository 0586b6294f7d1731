#include <algorithm>
#include <ctime>

#include "machine.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/unary.h"

// What an op costs beside its arithmetic: chains of 1000 ops on 8 floats, nanoseconds of one op, the least of all
// repetitions, of thread CPU time. Forward records a graph, backward walks it; what is freed afterwards is not timed.
namespace vitrine::bench {
namespace {

constexpr int chain = 1000;

double thread_ns() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e9 * static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec);
}

using Op = Tensor (*)(const Tensor& y, const Tensor& x);

Tensor add_op(const Tensor& y, const Tensor& x) { return y + x; }
Tensor mul_op(const Tensor& y, const Tensor& x) { return y * x; }
Tensor exp_op(const Tensor& y, const Tensor&) { return exp(y); }
Tensor softmax_op(const Tensor& y, const Tensor&) { return softmax(y, 0); }
Tensor matmul_op(const Tensor& y, const Tensor& x) { return matmul(y, x); }
Tensor detach_op(const Tensor& y, const Tensor&) { return y.detach(); }

void tape(benchmark::State& state, Op op, bool square, bool graph) {
    const Tensor x = full(square ? Shape{8, 8} : Shape{8}, square ? 0.125 : 1, {.requires_grad = true});
    const Tensor dy = ones_like(x);
    double forward = 1e30, backward = 1e30;
    for (auto _ : state) {
        const GradMode mode(graph);
        const double start = thread_ns();
        Tensor y = x;
        for (int i = 0; i < chain; ++i) y = op(y, x);
        const double middle = thread_ns();
        if (graph && y.requires_grad()) y.backward(dy);
        forward = std::min(forward, (middle - start) / chain);
        if (graph) backward = std::min(backward, (thread_ns() - middle) / chain);
    }
    state.counters["forward_ns"] = forward;
    if (graph && backward > 1) state.counters["backward_ns"] = backward;
}
BENCHMARK_CAPTURE(tape, add, &add_op, false, true);
BENCHMARK_CAPTURE(tape, add_no_grad, &add_op, false, false);
BENCHMARK_CAPTURE(tape, mul, &mul_op, false, true);
BENCHMARK_CAPTURE(tape, exp, &exp_op, false, true);
BENCHMARK_CAPTURE(tape, softmax, &softmax_op, false, true);
BENCHMARK_CAPTURE(tape, matmul_8x8, &matmul_op, true, true);
BENCHMARK_CAPTURE(tape, detach, &detach_op, false, false);

}  // namespace
}  // namespace vitrine::bench
