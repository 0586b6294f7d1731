// Whole training steps, timed one by one:
//
//     build/release/bench/steps --step mnist_vae --threads 2 --seconds 6 --json
//
// prints one JSON object a line: step, median_ms, samples_per_second, gflops, peak_rss_mb, threads; for `tiny` also
// forward_us and backward_us of one op.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "steps/steps.h"
#include "vitrine/core/device.h"

using namespace vitrine::bench;

namespace {

double peak_rss_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

struct Step {
    const char* name;
    nlohmann::json (*run)(double seconds);
};

constexpr Step steps[] = {{"mnist_vae", mnist_vae}, {"cifar_cnn", cifar_cnn}, {"char_rnn", char_rnn}, {"gpt", gpt}, {"resnet18", resnet18}, {"tiny", tiny}};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Times whole training steps.");
    std::string step = "all";
    int threads = vitrine::num_threads();
    double seconds = 6;
    bool json = false;
    std::vector<std::string> names{"all"};
    for (const Step& known : steps) names.push_back(known.name);
    app.add_option("--step", step, "one of them")->check(CLI::IsMember(names))->capture_default_str();
    app.add_option("--threads", threads, "CPU threads")->check(CLI::PositiveNumber);
    app.add_option("--seconds", seconds, "measured time of each step")->check(CLI::PositiveNumber);
    app.add_flag("--json", json, "one JSON object a line");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        std::cerr << "steps: " << error.what() << '\n';
        return 2;
    }

    vitrine::set_num_threads(threads);
    for (const auto& [name, run] : steps) {
        if (step != "all" && step != name) continue;
        nlohmann::json result = run(seconds);
        result["step"] = name;
        result["threads"] = threads;
        result["peak_rss_mb"] = peak_rss_mb();
        if (json) {
            std::cout << result.dump() << std::endl;
            continue;
        }
        std::cout << name << ": " << result["median_ms"] << " ms, " << result["samples_per_second"] << " samples/s, " << result["gflops"]
                  << " GFLOP/s, " << result["peak_rss_mb"] << " MB\n";
    }
}
