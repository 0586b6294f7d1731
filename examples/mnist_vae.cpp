// A variational autoencoder learns to draw digits: models/vae.h says what it computes. After each epoch it draws.
#include "mnist_vae/pictures.h"
#include "support/digit_data.h"
#include "support/training_run.h"

namespace vt = vitrine;
using vt::Tensor;
using vt::data::Example;

namespace {

struct Options : DigitOptions {
    Options() { out = "mnist_vae_run"; }
    std::string model = "mlp";
};

// The first pictures of the test set, (64, 784).
Tensor shown_pictures(const vt::data::LabelledImages& test) {
    std::vector<std::int64_t> first(static_cast<std::size_t>(std::min<std::int64_t>(64, test.size())));
    for (std::size_t i = 0; i < first.size(); ++i) first[i] = static_cast<std::int64_t>(i);
    return test.get_batch(first).x.flatten(1);
}

template <class Net>
void train(const Options& options) {
    const vt::Device device = vt::parse_device(options.device);
    const auto train_set = open_digits(options, vt::data::Split::train);
    const auto test_set = open_digits(options, vt::data::Split::test);
    DigitLoader train(*train_set, {.batch_size = options.batch, .shuffle = true, .seed = options.seed});
    DigitLoader test(*test_set, {.batch_size = 500});

    Net net;
    net.to(device);
    vt::optim::Adam adam(net.parameters(), {.lr = options.lr});
    vt::models::Trainer trainer(net, adam, trainer_options(options));
    TrainingRun run("mnist_vae", options, trainer,
                    {{"images", std::to_string(train_set->size())}, {"model", options.model}});

    const auto loss = [&](Example& batch) {
        const Tensor x = batch.x.flatten(1).to(device);
        return vt::models::vae_loss(net(x), x);
    };
    const auto test_loss = [&] {  // one sample an image, the same noise after each epoch
        vt::Generator noise(static_cast<std::uint64_t>(options.seed));
        return trainer.evaluate(test, [&](Example& batch) {
            const Tensor x = batch.x.flatten(1).to(device);
            return vt::models::vae_loss(net(x, noise), x);
        });
    };
    const Tensor shown = shown_pictures(*test_set).to(device);
    trainer.add(vt::models::EachEpoch([&](vt::models::Trainer&) {
        write_pictures(options.out, net, shown, options.seed);
        if (run.tensorboard())
            for (const char* name : {"reconstructions", "samples", "walk"})
                run.tensorboard()->image(name, vt::data::read_image(run.path(name) + ".png"), trainer.steps());
    }));
    run.fit(train, loss, test_loss);
    print_result(options, run.result());
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app(
        "Trains a variational autoencoder (784-400-20, or convolutions; Adam) on pictures of digits. After each epoch\n"
        "the folder given by --out holds reconstructions.png, samples.png, walk.png, metrics.jsonl and\n"
        "checkpoint.safetensors. The loss is the binary cross entropy summed over the 784 grey values plus the KL\n"
        "divergence, in nats an image.",
        "mnist_vae");
    add_digit_options(app, options, "pictures, metrics and the checkpoint");
    app.add_option("--model", options.model, "mlp: perceptrons, 784-400-20; conv: convolutions, 32 and 64 channels")
        ->check(CLI::IsMember({"mlp", "conv"}))
        ->capture_default_str();
    return run_program(app, argc, argv, options, [&] {
        options.model == "conv" ? train<vt::models::ConvVae>(options) : train<vt::models::Vae>(options);
    });
}
