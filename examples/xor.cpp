// The smallest net that is worth one: it learns the exclusive or, which no single layer can.
//
//     x  (4, 2)   all pairs of 0 and 1           y  (4, 1)   1 where the two differ
//     logits = fc2 tanh(fc1 x)                   loss = binary cross entropy
#include <cstdio>
#include <iostream>

#include "support/program.h"
#include "support/progress.h"

namespace vt = vitrine;

namespace {

struct Options : CommonOptions {
    std::int64_t steps = 500;
    std::int64_t hidden = 8;
    double lr = 0.05;
};

void train(const Options& options) {
    const vt::Device device = vt::parse_device(options.device);
    const vt::Tensor x = vt::tensor({{0.0, 0.0}, {0.0, 1.0}, {1.0, 0.0}, {1.0, 1.0}}).to(device);
    const vt::Tensor y = vt::tensor({{0.0}, {1.0}, {1.0}, {0.0}}).to(device);

    vt::nn::Sequential net(vt::nn::Linear(2, options.hidden), vt::nn::Tanh(), vt::nn::Linear(options.hidden, 1));
    net.to(device);
    vt::optim::Adam adam(net.parameters(), {.lr = options.lr});

    std::ostream& out = messages(options);
    const Progress clock(out, options.steps);
    double loss_value = 0;
    for (std::int64_t step = 1; step <= options.steps; ++step) {
        const vt::Tensor loss = vt::binary_cross_entropy_with_logits(net(x), y);
        adam.zero_grad();
        loss.backward();
        adam.step();
        loss_value = loss.item<double>();
        if (step == 1 || step % (options.steps / 5 > 0 ? options.steps / 5 : 1) == 0)
            out << "step " << step << "  loss " << loss_value << '\n';
    }
    const double seconds = clock.seconds();

    const vt::Tensor p = vt::no_grad([&] { return vt::sigmoid(net(x)); }).to(vt::Device::cpu);
    int right = 0;
    for (std::int64_t i = 0; i < 4; ++i) {
        const double a = static_cast<double>(i / 2), b = static_cast<double>(i % 2),
                     value = static_cast<double>(p.at<float>({i, 0}));
        right += (value > 0.5) == (a != b);
        char line[64];
        std::snprintf(line, sizeof line, "%.0f xor %.0f = %.3f\n", a, b, value);
        out << line;
    }
    print_result(options, {{"example", "xor"},
                           {"device", options.device},
                           {"train_loss", loss_value},
                           {"right", right},
                           {"steps", options.steps},
                           {"seconds", seconds},
                           {"samples_per_second", 4.0 * static_cast<double>(options.steps) / seconds},
                           {"seed", options.seed}});
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Learns the exclusive or with two linear layers, and prints what it learned.", "xor");
    app.add_option("--steps", options.steps, "training steps, each on all four examples")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{100'000'000}))
        ->capture_default_str();
    app.add_option("--hidden", options.hidden, "units of the hidden layer")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{65536}))
        ->capture_default_str();
    app.add_option("--lr", options.lr, "learning rate of Adam")->check(CLI::Range(0.0, 1e6))->capture_default_str();
    add_common_options(app, options);
    return run_program(app, argc, argv, options, [&] { train(options); });
}
