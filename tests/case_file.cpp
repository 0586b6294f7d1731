#include "case_file.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>

#include "main.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/node.h"
#include "vitrine/data/node_case.h"

namespace vitrine::testing {
namespace {

int lists_seen = 0, cases_run = 0;

const char* path_wanted() {
    const char* path = std::getenv("VITRINE_CASE");
    return path && *path ? path : nullptr;
}

double apart(const Tensor& made, const Tensor& wanted) {
    if (!wanted.defined()) return 0;
    if (!made.defined() || made.shape() != wanted.shape()) return std::numeric_limits<double>::infinity();
    const auto p = values_of(made), q = values_of(wanted);
    double most = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
        if (!(p[i] == q[i] || (std::isnan(p[i]) && std::isnan(q[i])))) most = std::max(most, std::fabs(p[i] - q[i]) / (1 + std::fabs(q[i])));
    return most;
}

/// The file's call; of an op that the file cannot call, the case's with the file's inputs.
std::vector<Tensor> call(const OpCase& c, const data::NodeCase& file, const std::vector<Tensor>& in) {
    return data::can_call(file.op) ? data::call_op(file, in) : std::vector{c.op(in)};
}
NodeCall run(const OpCase& c, const data::NodeCase& file, Device device) {
    return data::run_case(file, device, [&](const std::vector<Tensor>& in) { return call(c, file, in); });
}

/// Whether a node behind y is of the op: lstm's cases put its outputs together.
bool made_by(const std::string& op, const Tensor& y) {
    for (Node* node = y.node(); node; node = node->inputs().size() ? node->inputs()[0].node.get() : nullptr)
        if (node->name() == op) return true;
    return false;
}

/// How far the case's outputs are from the file's, on the device where they are nearest; nothing if it is another call.
std::optional<double> distance(const OpCase& c, const data::NodeCase& file) {
    try {
        if (!made_by(file.op, c.op(make_inputs(c, DType::f32, Device::cpu)))) return std::nullopt;
        if (data::can_call(file.op)) return 0;
        if (c.inputs.size() != file.inputs.size() || file.outputs.size() != 1) return std::nullopt;
        double nearest = std::numeric_limits<double>::infinity();
        for (Device device : available_devices())
            nearest = std::min(nearest, apart(run(c, file, device).outputs[0], file.outputs[0]));
        if (std::isinf(nearest)) return std::nullopt;
        return nearest;
    } catch (const Error&) {
        return std::nullopt;  // an op that does not take these inputs
    }
}

/// The least of several runs, in microseconds.
template <class F>
double best_us(F f) {
    double best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 7; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        f();
        best = std::min(best, std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    }
    return best;
}

double bytes_of(const std::vector<Tensor>& tensors) {
    double bytes = 0;
    for (const Tensor& x : tensors)
        if (x.defined()) bytes += static_cast<double>(x.numel()) * static_cast<double>(element_size(x.dtype()));
    return bytes;
}

void print_times(const OpCase& c, const data::NodeCase& file, Device device) {
    std::vector<Tensor> in;
    for (const Tensor& x : file.inputs) in.push_back(x.defined() ? x.to(device) : x);
    const double forward = best_us([&] {
        const NoGrad no_grad;
        call(c, file, in);
    });
    const double both = best_us([&] { run(c, file, device); });
    const double bytes = bytes_of(file.inputs) + bytes_of(file.outputs);
    std::printf("%s, by the tolerance of \"%s\", on %s: forward in %.1f us, %.2f GB/s of inputs and outputs; forward, backward and copies to the device in %.1f us\n",
                file.op.c_str(), c.name.c_str(), name(device), forward, bytes / forward / 1e3, both);
}

void compare(const OpCase& c, const data::NodeCase& file, Device device) {
    const double tolerance = file.outputs[0].dtype() == DType::f64 ? c.f64_tolerance : c.f32_tolerance;
    const NodeCall made = run(c, file, device);
    print_times(c, file, device);
    const auto check = [&](const std::string& what, const Tensor& is, const Tensor& wanted, double allowed) {
        const double error = apart(is, wanted);
        CHECK_MESSAGE(error <= allowed, join(file.op, " (", file.site, ") on ", device, ": ", what, " is ", error, " from the file's"));
    };
    for (std::size_t i = 0; i < made.outputs.size(); ++i)
        check(i == 0 ? "the output" : join("output ", i), made.outputs[i], file.outputs[i], tolerance);
    for (std::size_t i = 0; i < made.input_gradients.size(); ++i)
        check(join("the gradient of input ", i), made.input_gradients[i], file.input_gradients[i], 20 * tolerance);
}

/// A file that no test could run has not been tested.
int fail_without_a_case(int result) {
    if (!path_wanted() || cases_run > 0) return result;
    std::printf("VITRINE_CASE=%s: none of the cases in %d lists is this call\n", path_wanted(), lists_seen);
    return result == 0 ? 1 : result;
}

[[maybe_unused]] const bool asked = (after_run = fail_without_a_case) != nullptr;

}  // namespace

bool case_file_wanted() { return path_wanted() != nullptr; }

void check_case_file(const std::vector<OpCase>& cases) {
    const data::NodeCase file = data::load_case(path_wanted());
    const OpCase* best = nullptr;
    double nearest = 0;
    for (const OpCase& c : cases)
        if (const auto d = distance(c, file); d && (!best || *d < nearest)) best = &c, nearest = *d;
    ++lists_seen;
    if (!best) return;
    ++cases_run;
    for (Device device : available_devices()) compare(*best, file, device);
}

void check_case_of(const std::string& name, Node* node) {
    const data::NodeCase own = data::case_of(node);
    if (!data::can_call(own.op)) return;
    const data::CaseDifference worst = data::compare_case(own, data::run_case(own, Device::cpu), 1e-9);
    CHECK_MESSAGE(!worst.wrong(), name, ": from its case ", own.op, " makes ", worst.made, " for ", worst.what, " ", worst.index,
                  ", which is ", worst.wanted);
}

}  // namespace vitrine::testing
