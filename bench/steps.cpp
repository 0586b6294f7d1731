// Whole training steps, timed one by one:
//
//     build/release/bench/steps --step mnist_vae --threads 2 --seconds 6 --json
//
// prints one JSON object a line: step, median_ms, samples_per_second, gflop (of one step), gflops (a second), peak_rss_mb,
// alive_mb and held_mb (the most that tensors held and that the allocator had of the system; the peaks are of the steps so
// far), threads; for `tiny` also forward_us and backward_us of one op. --batch, --width and --length make a step larger or
// smaller: see steps/steps.h for what they mean. --profile FILE.json says what the measured steps' time went into.
#include <CLI/CLI.hpp>
#include <cmath>
#include <fstream>
#include <iostream>
#include <string>

#include "steps/steps.h"
#include "vitrine/core/allocator.h"
#include "vitrine/core/autocast.h"
#include "vitrine/core/device.h"

using namespace vitrine::bench;

namespace {

// Not getrusage()'s, in which the program that started this one counts too.
double peak_rss_mb() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        double kilobytes = 0;
        if (word == "VmHWM:" && status >> kilobytes) return kilobytes / 1024;
    }
    return 0;
}

// To a tenth.
double megabytes(std::size_t bytes) { return std::round(static_cast<double>(bytes) / (1 << 20) * 10) / 10; }

struct Step {
    const char* name;
    nlohmann::json (*run)(double seconds, Size size);
};

constexpr Step steps[] = {{"mnist_vae", mnist_vae}, {"cifar_cnn", cifar_cnn}, {"char_rnn", char_rnn}, {"char_rnn_products", char_rnn_products},
                          {"gpt", gpt}, {"resnet18", resnet18}, {"tiny", tiny}};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Times whole training steps.");
    std::string step = "all";
    int threads = vitrine::num_threads();
    double seconds = 6;
    bool json = false, autocast = false;
    Size size;
    std::vector<std::string> names{"all"};
    for (const Step& known : steps) names.push_back(known.name);
    app.add_option("--step", step, "one of them")->check(CLI::IsMember(names))->capture_default_str();
    app.add_option("--threads", threads, "CPU threads")->check(CLI::PositiveNumber);
    app.add_option("--seconds", seconds, "measured time of each step")->check(CLI::PositiveNumber);
    app.add_option("--batch", size.batch, "samples in a step")->check(CLI::PositiveNumber);
    app.add_option("--width", size.width, "of the model")->check(CLI::PositiveNumber);
    app.add_option("--length", size.length, "of a sequence, or of an image's side")->check(CLI::PositiveNumber);
    app.add_flag("--autocast", autocast, "products with factors of bf16");
    app.add_option("--profile", profile_file, "writes what the measured steps' time went into, JSON; of one step")->needs("--step");
    app.add_flag("--json", json, "one JSON object a line");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        std::cerr << "steps: " << error.what() << '\n';
        return 2;
    }

    if (!profile_file.empty() && !std::ofstream(profile_file)) {
        std::cerr << "steps: cannot write " << profile_file << '\n';
        return 1;
    }

    vitrine::set_num_threads(threads);
    const vitrine::Autocast factors(autocast ? vitrine::bfloat16 : vitrine::float32);
    for (const auto& [name, run] : steps) {
        if (step != "all" && step != name) continue;
        nlohmann::json result = run(seconds, size);
        result["step"] = name;
        result["threads"] = threads;
        result["peak_rss_mb"] = peak_rss_mb();
        const vitrine::MemoryStats memory = vitrine::memory_stats(vitrine::Device::cpu);
        result["alive_mb"] = megabytes(memory.high_water);
        result["held_mb"] = megabytes(memory.held_high_water);
        if (json) {
            std::cout << result.dump() << std::endl;
            continue;
        }
        std::cout << name << ": " << result["median_ms"] << " ms, " << result["samples_per_second"] << " samples/s, " << result["gflops"]
                  << " GFLOP/s, " << result["peak_rss_mb"] << " MB, held " << result["held_mb"] << " of it for " << result["alive_mb"] << " alive\n";
    }
}
