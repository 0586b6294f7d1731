// Whole training steps, timed one by one:
//
//     build/release/bench/steps --step mnist_vae --threads 2 --seconds 6 --json
//
// prints one JSON object a line: step, median_ms, samples_per_second, gflops, peak_rss_mb, threads; for `tiny` also
// forward_us and backward_us of one op.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "vitrine/vitrine.h"

namespace vt = vitrine;

namespace {

double now_ms() { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

double peak_rss_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// Runs `step` for some time, first `warm_up` times unmeasured; the duration of each.
template <class Step>
std::vector<double> time_steps(double seconds, int warm_up, Step step) {
    for (int i = 0; i < warm_up; ++i) step();
    std::vector<double> times;
    for (const double end = now_ms() + 1e3 * seconds; times.empty() || now_ms() < end;) {
        const double start = now_ms();
        step();
        times.push_back(now_ms() - start);
    }
    return times;
}

// 784-400-20 at batch 128 with Adam. A product of (M, K) and (K, N) is 2 M K N operations; backward has two of them for
// each of forward, but the first layer needs no dx.
nlohmann::json mnist_vae(double seconds) {
    constexpr std::int64_t batch = 128, in = 784, hidden = 400, latent = 20;
    vt::manual_seed(1);
    vt::models::Vae vae;
    vt::optim::Adam adam(vae.parameters(), {.lr = 1e-3});
    const vt::Tensor x = vt::rand({batch, in});
    const auto times = time_steps(seconds, 50, [&] {
        adam.zero_grad();
        vt::models::vae_loss(vae(x), x).backward();
        adam.step();
    });
    const double forward = 2.0 * batch * (in * hidden + hidden * 2 * latent + latent * hidden + hidden * in);
    const double flops = 3 * forward - 2.0 * batch * in * hidden;
    const double ms = median(times);
    return {{"median_ms", ms}, {"samples_per_second", 1e3 * batch / ms}, {"gflops", flops / ms / 1e6}};
}

// 4 layers, 4 heads, 256 wide, 128 steps of 65 characters at batch 16 with AdamW. A layer multiplies each step with 12 C^2
// numbers, the head with V C; a step's attention looks at (T + 1) / 2 others on average.
nlohmann::json gpt(double seconds) {
    constexpr std::int64_t batch = 16, layers = 4, C = 256, T = 128, V = 65;
    vt::manual_seed(1);
    vt::models::Gpt net({.vocabulary = V, .context = T, .layers = layers, .heads = 4, .width = C});
    vt::optim::AdamW adam(net.parameters(), {.lr = 1e-3});
    const vt::Tensor ids = (vt::rand({batch, T + 1}) * V).to(vt::DType::i64);
    const vt::Tensor x = ids.slice(1, 0, T), y = ids.slice(1, 1, T + 1);
    const auto times = time_steps(seconds, 5, [&] {
        adam.zero_grad();
        vt::models::next_token_loss(net(x), y).backward();
        adam.step();
    });
    const double forward = 2.0 * batch * T * (layers * (12 * C * C + (T + 1) * C) + V * C), ms = median(times);
    return {{"median_ms", ms}, {"samples_per_second", 1e3 * batch / ms}, {"gflops", 3 * forward / ms / 1e6}};
}

// An embedding and two LSTM layers of 512, 64 steps of 65 characters at batch 64 with Adam, clipped to norm 5. A layer
// multiplies each step with 4 H (H + H) numbers, the head with V H.
nlohmann::json char_rnn(double seconds) {
    constexpr std::int64_t batch = 64, layers = 2, H = 512, T = 64, V = 65;
    vt::manual_seed(1);
    vt::models::CharRnn net({.vocabulary = V, .embedding = H, .hidden = H, .layers = layers, .dropout = 0});
    vt::optim::Adam adam(net.parameters(), {.lr = 1e-3});
    const vt::Tensor ids = (vt::rand({T + 1, batch}) * V).to(vt::DType::i64);
    const vt::Tensor x = ids.slice(0, 0, T), y = ids.slice(0, 1, T + 1);
    const auto times = time_steps(seconds, 3, [&] {
        adam.zero_grad();
        vt::cross_entropy(net(x).logits.flatten(0, 1), y.flatten()).backward();
        adam.step(std::min(1.0, 5 / (vt::optim::grad_norm(adam.parameters()) + 1e-6)));
    });
    const double forward = 2.0 * batch * T * (layers * 4 * H * 2 * H + V * H), ms = median(times);
    return {{"median_ms", ms}, {"samples_per_second", 1e3 * batch / ms}, {"gflops", 3 * forward / ms / 1e6}};
}

// 1000 additions of 8 floats, forward with the graph, then backward.
nlohmann::json tiny(double seconds) {
    constexpr int ops = 1000;
    const vt::Tensor x = vt::ones({8}, {.requires_grad = true}), dy = vt::ones({8});
    std::vector<double> forward, backward;
    const auto times = time_steps(seconds, 20, [&] {
        const double start = now_ms();
        vt::Tensor y = x;
        for (int i = 0; i < ops; ++i) y = y + x;
        const double middle = now_ms();
        y.backward(dy);
        forward.push_back(middle - start);
        backward.push_back(now_ms() - middle);
    });
    return {{"median_ms", median(times)},
            {"samples_per_second", 1e3 * ops / median(times)},
            {"gflops", 16.0 * ops / median(times) / 1e6},
            {"forward_us", 1e3 * median(forward) / ops},
            {"backward_us", 1e3 * median(backward) / ops}};
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Times whole training steps.");
    std::string step = "all";
    int threads = vt::num_threads();
    double seconds = 6;
    bool json = false;
    app.add_option("--step", step, "mnist_vae, gpt, char_rnn, tiny or all")->check(CLI::IsMember({"mnist_vae", "gpt", "char_rnn", "tiny", "all"}));
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

    vt::set_num_threads(threads);
    struct Step {
        const char* name;
        nlohmann::json (*run)(double seconds);
    };
    for (const auto& [name, run] : {Step{"mnist_vae", mnist_vae}, Step{"gpt", gpt}, Step{"char_rnn", char_rnn}, Step{"tiny", tiny}}) {
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
