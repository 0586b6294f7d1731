// One call of an op from a file that data::export_case() wrote:
//
//     build/release/bench/case softmax.safetensors --device cpu --threads 2 --seconds 1 --json
//
// runs the op forward and backward on the file's inputs and gradients, compares what comes out with the file's, and times
// both: ms (median and least), GB/s and GFLOP/s of the least, from the profiler's counts (docs/profiler.md). Exit code 0:
// as in the file; 1: a number is off, and stderr says which; 2: it could not be run.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "vitrine/core/backward.h"
#include "vitrine/core/device.h"
#include "vitrine/core/profiler.h"
#include "vitrine/data/node_case.h"

namespace {

namespace vt = vitrine;
using vt::data::NodeCase;

struct Options {
    std::string file, device = "cpu";
    int threads = vt::num_threads();
    double seconds = 1, tolerance = 0;
    bool json = false;
};

/// The case's inputs and gradients on a device, ready to run again and again.
struct Call {
    const NodeCase& node_case;
    std::vector<vt::Tensor> inputs, asked;

    Call(const NodeCase& given, vt::Device device) : node_case(given) {
        for (std::size_t i = 0; i < given.inputs.size(); ++i) {
            inputs.push_back(given.inputs[i].defined() ? given.inputs[i].to(device).detach() : vt::Tensor());
            if (given.trained[i]) asked.push_back(inputs.back().requires_grad_());
        }
        for (const vt::Tensor& dy : given.output_gradients) gradients_.push_back(dy.defined() ? dy.to(device) : dy);
    }
    std::vector<vt::Tensor> forward() const { return vt::data::call_op(node_case, inputs); }
    bool has_backward() const {
        return !asked.empty() && std::any_of(gradients_.begin(), gradients_.end(), [](const auto& dy) { return dy.defined(); });
    }
    void backward(const std::vector<vt::Tensor>& outputs) const {
        std::vector<vt::Tensor> reached, dy;
        for (std::size_t i = 0; i < outputs.size(); ++i)
            if (gradients_[i].defined()) reached.push_back(outputs[i]), dy.push_back(gradients_[i]);
        vt::grad(reached, asked, {.grad_outputs = dy, .allow_unused = true});
    }

private:
    std::vector<vt::Tensor> gradients_;
};

struct Times {
    double median_ms = 0, least_ms = 0, bytes = 0, flops = 0;
    std::size_t runs = 0;
};

/// Calls run(prepare()) for so many seconds, at least three times; prepare() is not timed. A call before them warms up and
/// is counted by the profiler.
template <class Prepare, class Run>
Times time(double seconds, Prepare prepare, Run run) {
    using Clock = std::chrono::steady_clock;
    Times times;
    {
        const auto made = prepare();
        vt::Profile profile({.trace = false});
        run(made);
        profile.stop();
        for (const vt::ProfileRow& row : profile.report(false).rows)
            if (row.kind == vt::ProfileKind::backward || (row.kind == vt::ProfileKind::op && row.within.empty())) times.bytes += row.bytes, times.flops += row.flops;
    }
    std::vector<double> ms;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    while (ms.size() < 3 || Clock::now() < end) {
        const auto made = prepare();
        const auto begin = Clock::now();
        run(made);
        ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    }
    std::sort(ms.begin(), ms.end());
    times.runs = ms.size(), times.least_ms = ms.front(), times.median_ms = ms[ms.size() / 2];
    return times;
}

nlohmann::json as_json(const Times& t) {
    return {{"median_ms", t.median_ms}, {"least_ms", t.least_ms}, {"runs", t.runs}, {"bytes", t.bytes}, {"flop", t.flops},
            {"gb_per_s", t.bytes / t.least_ms / 1e6}, {"gflops", t.flops / t.least_ms / 1e6}};
}

void print(const char* what, const Times& t) {
    std::printf("  %-8s %9.4f ms median, %9.4f least of %zu", what, t.median_ms, t.least_ms, t.runs);
    if (t.bytes > 0) std::printf(", %.2f GB/s", t.bytes / t.least_ms / 1e6);
    if (t.flops > 0) std::printf(", %.2f GFLOP/s", t.flops / t.least_ms / 1e6);
    std::printf("\n");
}

/// The exit code.
int run(const Options& options) {
    const NodeCase node_case = vt::data::load_case(options.file);
    const vt::Device device = vt::parse_device(options.device);
    const double tolerance = options.tolerance > 0 ? options.tolerance : vt::data::case_tolerance(node_case);
    const std::string call = vt::join(node_case.op, " (", node_case.site, ") on ", device);

    const vt::data::CaseDifference worst = vt::data::compare_case(node_case, vt::data::run_case(node_case, device), tolerance);
    nlohmann::json result{{"op", node_case.op},       {"site", node_case.site},   {"device", options.device},
                          {"threads", options.threads}, {"wrong", worst.wrong()},   {"share_of_allowed", worst.share}};
    if (!worst.what.empty())
        result["worst"] = {{"what", worst.what}, {"index", vt::join(worst.index)}, {"made", worst.made}, {"wanted", worst.wanted}, {"allowed", worst.allowed}};
    if (worst.wrong()) {
        if (options.json) std::cout << result.dump() << std::endl;
        std::cerr << "case: " << call << ": " << worst.what << " at " << worst.index << " is " << worst.made << ", in the file "
                  << worst.wanted << "; they may lie " << worst.allowed << " apart\n";
        return 1;
    }

    const Call again(node_case, device);
    const Times forward = time(options.seconds, [] { return 0; }, [&](int) { again.forward(); });
    result["forward"] = as_json(forward);
    Times backward;
    if (again.has_backward()) {
        backward = time(options.seconds, [&] { return again.forward(); }, [&](const auto& outputs) { again.backward(outputs); });
        result["backward"] = as_json(backward);
    }
    if (options.json) return std::cout << result.dump() << std::endl, 0;

    std::cout << call << ", " << options.threads << " threads:";
    for (const vt::Tensor& x : node_case.inputs)
        if (x.defined()) std::cout << ' ' << x.shape() << ' ' << x.dtype();
    std::cout << '\n';
    if (worst.what.empty()) std::cout << "  every number is the file's\n";
    else
        std::cout << "  as in the file; furthest is " << worst.what << " at " << worst.index << ", " << worst.made << " for " << worst.wanted << ", at "
                  << worst.share * 100 << " % of what is allowed\n";
    std::cout.flush();
    print("forward", forward);
    if (again.has_backward()) print("backward", backward);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Runs one call of an op from a file of export_case(), compares and times it.");
    Options options;
    app.add_option("file", options.file, "written by vitrine::data::export_case()")->required();
    app.add_option("--device", options.device, "cpu, simt or cuda")->capture_default_str();
    app.add_option("--threads", options.threads, "CPU threads")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--seconds", options.seconds, "measured time, forward and backward each")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--tolerance", options.tolerance, "relative to a tensor's largest number; by its dtype if not given")->check(CLI::PositiveNumber);
    app.add_flag("--json", options.json, "one JSON object");
    try {
        app.parse(argc, argv);
        vt::set_num_threads(options.threads);
        return run(options);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        std::cerr << "case: " << error.what() << '\n';
    } catch (const std::exception& error) {
        std::cerr << "case: " << error.what() << '\n';
    }
    return 2;
}
