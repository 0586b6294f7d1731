#include "op_case.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <random>
#include <set>

#include "case_file.h"
#include "coverage.h"
#include "vitrine/config.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/gradcheck.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/replay.h"
#if VITRINE_HAS_SIMT
#include "vitrine/kernels/simt/runtime.h"
#endif

namespace vitrine::testing {
namespace {

std::uint64_t launches() {
#if VITRINE_HAS_SIMT
    return kernels::simt::launch_count();
#else
    return 0;
#endif
}

std::vector<double> draw(const Input& in, std::mt19937_64& random) {
    std::uniform_real_distribution<double> even(in.low, in.high);
    std::vector<double> values(static_cast<std::size_t>(in.shape.numel()));
    for (double& v : values) v = in.integers ? std::floor(even(random)) : even(random);
    return values;
}

// The same values in the layout asked for.
Tensor lay_out(const std::vector<double>& values, const Input& in, DType dtype, Device device) {
    const NoGrad no_grad;
    const TensorOptions options{.dtype = in.integers ? DType::i64 : dtype, .device = device};
    const Tensor rows = from_values(std::span<const double>(values), in.shape, options);
    const int last = in.shape.dims() - 1;
    if (in.layout == Layout::transposed && last >= 1) {
        return rows.transpose(last - 1, last).clone().contiguous().transpose(last - 1, last);
    }
    if (in.layout == Layout::gaps && last >= 0) {
        Shape wide = in.shape;
        wide[last] = 2 * wide[last] + 1;
        Tensor y = full(wide, -777, options).slice(last, 1, wide[last], 2);
        return y.copy_(rows);
    }
    if (in.layout == Layout::broadcast && last >= 0 && in.shape[0] > 0) return rows.slice(0, 0, 1).expand(in.shape);
    return rows;
}

/// The largest |got - wanted| / (1 + |wanted|), which must be within the tolerance.
double check_close(const OpCase& c, const std::vector<double>& got, const std::vector<double>& wanted, double tolerance, const std::string& where) {
    REQUIRE_MESSAGE(got.size() == wanted.size(), c.name, where, ": ", got.size(), " elements, reference ", wanted.size());
    double worst = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        if (got[i] == wanted[i] || (std::isnan(got[i]) && std::isnan(wanted[i]))) continue;
        const double error = std::fabs(got[i] - wanted[i]) / (1 + std::fabs(wanted[i]));
        if (!(error <= tolerance)) {
            FAIL_CHECK(c.name, where, ": element ", i, " is ", got[i], ", reference ", wanted[i]);
            return error;
        }
        worst = std::max(worst, error);
    }
    return worst;
}

/// The op that a case is about: what it says, or the node of its result.
std::string covered_op(const OpCase& c, const Tensor& y) {
    if (!c.covers.empty()) return c.covers;
    return y.node() ? y.node()->name() : "";
}

bool derivatives_once() {
    static const bool once = std::getenv("VITRINE_TEST_DERIVATIVES") && std::string(std::getenv("VITRINE_TEST_DERIVATIVES")) == "once";
    return once;
}

std::vector<Tensor> asked_of(const std::vector<Tensor>& inputs) {
    std::vector<Tensor> asked;
    for (const Tensor& x : inputs)
        if (x.requires_grad()) asked.push_back(x);
    return asked;
}

// The first and second derivatives, for what they do to memory.
void derive_once(const OpCase& c) {
    for (Device device : available_devices())
        for (DType dtype : {DType::f32, DType::f64}) {
            const auto inputs = make_inputs(c, dtype, device);
            const auto asked = asked_of(inputs);
            const Tensor y = c.op(inputs);
            std::vector<Tensor> first, ones;
            for (const Tensor& dx : grad({y}, asked, {.grad_outputs = {ones_like(y)}, .create_graph = c.twice, .allow_unused = true}))
                if (dx.defined() && dx.requires_grad()) first.push_back(dx), ones.push_back(ones_like(dx));
            if (!first.empty()) grad(first, asked, {.grad_outputs = ones, .allow_unused = true});
        }
}

std::string where(DType dtype, Device device) { return join(" [", dtype, " on ", device, "]"); }

}  // namespace

std::vector<Tensor> make_inputs(const OpCase& c, DType dtype, Device device) {
    std::mt19937_64 random(std::hash<std::string>{}(c.name));
    std::vector<Tensor> inputs;
    for (const Input& in : c.inputs) {
        std::vector<double> values = draw(in, random);
        if (dtype == DType::f32 && !in.integers)
            for (double& v : values) v = static_cast<float>(v);
        Tensor x = lay_out(values, in, dtype, device).detach();
        if (c.differentiable && in.requires_grad && !in.integers) x.requires_grad_();
        inputs.push_back(x);
    }
    return inputs;
}

std::vector<double> values_of(const Tensor& x) {
    const NoGrad no_grad;
    return x.to(DType::f64).to_vector<double>();
}

Array to_array(const Tensor& x) { return {x.shape(), values_of(x)}; }

void check_values(const OpCase& c) {
    for (Device device : available_devices()) {
        for (DType dtype : {DType::f32, DType::f64}) {
            const auto inputs = make_inputs(c, dtype, device);
            std::vector<Array> arrays;
            for (const Tensor& x : inputs) arrays.push_back(to_array(x));
            const auto launches_before = launches(), cpu_before = dispatch_count(Device::cpu);
            const Tensor y = c.op(inputs);
            if (device == Device::simt) {
                CHECK_MESSAGE((launches() > launches_before || y.numel() == 0), c.name, ": no kernel was launched on simt");
                CHECK_MESSAGE(dispatch_count(Device::cpu) == cpu_before, c.name, ": a cpu kernel ran for a simt tensor");
            }
            CHECK(y.device() == device);
            const double error = check_close(c, values_of(y), c.reference(arrays), dtype == DType::f32 ? c.f32_tolerance : c.f64_tolerance, where(dtype, device));
            const std::string op = covered_op(c, y);
            REQUIRE_MESSAGE(!op.empty(), c.name, ": the result has no node; the case must say what it covers");
            cover(op, Pass::forward, device, dtype, error);
        }
    }
}

namespace {

// The f32 kernels' gradients against the f64 ones of the cpu, from the same values.
void check_f32_gradient(const OpCase& c, Device device) {
    const auto x32 = make_inputs(c, DType::f32, device);
    std::vector<Tensor> x64, asked32, asked64;
    for (const Tensor& x : x32) {
        Tensor wide = is_floating(x.dtype()) ? x.detach().to(DType::f64).to(Device::cpu) : x.to(Device::cpu);
        if (x.requires_grad()) asked64.push_back(wide.requires_grad_()), asked32.push_back(x);
        x64.push_back(wide);
    }
    const Tensor y32 = c.op(x32), y64 = c.op(x64);
    const auto d32 = grad({y32}, asked32, {.grad_outputs = {ones_like(y32)}, .allow_unused = true});
    const auto d64 = grad({y64}, asked64, {.grad_outputs = {ones_like(y64)}, .allow_unused = true});
    const std::string op = covered_op(c, y32);
    for (std::size_t i = 0; i < d32.size(); ++i)
        if (d32[i].defined())
            cover(op, Pass::backward, device, DType::f32,
                  check_close(c, values_of(d32[i]), values_of(d64[i]), 20 * c.f32_tolerance, join(" gradient ", i, where(DType::f32, device))));
}

}  // namespace

void check_gradient(const OpCase& c) {
    if (!c.differentiable) return;
    if (derivatives_once()) {
        for (Device device : available_devices()) check_f32_gradient(c, device);
        return derive_once(c);
    }
    for (Device device : available_devices()) {
        const auto inputs = make_inputs(c, DType::f64, device);
        const auto cpu_before = dispatch_count(Device::cpu);
        const GradcheckResult result = gradcheck_function(c.op, inputs);
        CHECK_MESSAGE(result.passed, c.name, where(DType::f64, device), ": ", result.text);
        if (device == Device::simt) CHECK_MESSAGE(dispatch_count(Device::cpu) == cpu_before, c.name, ": a cpu kernel ran for a simt tensor");
        cover(covered_op(c, c.op(inputs)), Pass::backward, device, DType::f64, result.error);
        check_f32_gradient(c, device);
    }
}

void check_second_derivative(const OpCase& c) {
    if (!c.differentiable || !c.twice || derivatives_once()) return;
    for (Device device : available_devices()) {
        const auto inputs = make_inputs(c, DType::f64, device);
        const GradcheckResult result = gradgradcheck_function(c.op, inputs);
        CHECK_MESSAGE(result.passed, c.name, where(DType::f64, device), ": ", result.text);
        cover(covered_op(c, c.op(inputs)), Pass::double_backward, device, DType::f64, result.error);
    }
}

namespace {

/// Every node behind these tensors.
std::vector<Ref<Node>> nodes_behind(const std::vector<Tensor>& tensors) {
    std::vector<Ref<Node>> nodes;
    std::set<const Node*> seen;
    const auto visit = [&](Node* node) {
        if (node && seen.insert(node).second) nodes.emplace_back(node);
    };
    for (const Tensor& x : tensors)
        if (x.defined()) visit(x.node());
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const Edge& edge : nodes[i]->inputs()) visit(edge.node.get());
    return nodes;
}

void check_same(const OpCase& c, const std::string& where, const std::vector<Tensor>& again, const std::vector<Tensor>& own) {
    REQUIRE(again.size() == own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
        if (!own[i].defined()) continue;
        REQUIRE_MESSAGE(again[i].defined(), c.name, where, ": nothing was made for ", i);
        CHECK(again[i].shape() == own[i].shape());
        check_close(c, values_of(again[i]), values_of(own[i]), 1e3 * c.f64_tolerance, where);
    }
}

}  // namespace

void check_replay(const OpCase& c) {
    if (derivatives_once()) return;
    const auto inputs = make_inputs(c, DType::f64, Device::cpu);
    const auto asked = asked_of(inputs);
    const KeepValues keep;
    const Tensor y = c.op(inputs);
    if (!y.requires_grad()) return;
    const GradOptions options{
        .grad_outputs = {ones_like(y.detach())}, .retain_graph = true, .create_graph = c.twice, .allow_unused = true};
    std::vector<Tensor> results = grad({y}, asked, options);
    results.push_back(y);
    for (const Ref<Node>& node : nodes_behind(results)) {
        const NodeCall own = kept_call(node.get());
        for (Device device : available_devices()) {
            const std::string where = join(": replay of ", own.op, " on ", device);
            const NodeCall again = replay(node.get(), {.device = device});
            check_same(c, where, again.outputs, own.outputs);
            check_same(c, where + ", gradient", again.input_gradients, own.input_gradients);
        }
#if VITRINE_TEST_CASE_FILES
        check_case_of(c.name, node.get());
#endif
    }
}

namespace {

/// Microseconds of a call, the mean of as many as fit into 2 ms.
double call_us(const std::function<void()>& call) {
    using Clock = std::chrono::steady_clock;
    call();
    const auto begin = Clock::now();
    int calls = 0;
    std::chrono::duration<double, std::micro> spent{};
    do {
        call(), ++calls;
        spent = Clock::now() - begin;
    } while (spent.count() < 2000);
    return spent.count() / calls;
}

void time_case(const OpCase& c) {
    const auto inputs = make_inputs(c, DType::f32, Device::cpu);
    const auto asked = asked_of(inputs);
    const Tensor y = c.op(inputs);
    const double forward = call_us([&] { c.op(inputs); });
    double backward = 0;
    if (y.requires_grad() && !asked.empty()) {
        const GradOptions options{.grad_outputs = {ones_like(y.detach())}, .retain_graph = true, .allow_unused = true};
        backward = call_us([&] { grad({y}, asked, options); });
    }
    note_time(covered_op(c, y), c.name, forward, backward);
}

}  // namespace

void check_op(const std::vector<OpCase>& cases) {
#if VITRINE_TEST_CASE_FILES
    if (case_file_wanted()) return check_case_file(cases);
#endif
    for (const OpCase& c : cases) {
        INFO(c.name);
        if (times_wanted()) {
            time_case(c);
            continue;
        }
        check_values(c);
        check_gradient(c);
        check_second_derivative(c);
        check_replay(c);
    }
}

std::string error_of(const std::function<void()>& f) {
    try {
        f();
    } catch (const Error& error) {
        return error.what();
    }
    FAIL_CHECK("no vitrine::Error was thrown");
    return "";
}

}  // namespace vitrine::testing
