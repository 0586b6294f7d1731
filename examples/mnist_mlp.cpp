// The hello world: a perceptron with one hidden layer learns to read digits.
#include <cmath>

#include "support/digit_data.h"
#include "support/training_run.h"

namespace vt = vitrine;
namespace nn = vitrine::nn;
using vt::Tensor;
using vt::data::Example;

namespace {

struct Options : DigitOptions {
    Options() { out = "mnist_mlp_run", epochs = 5, lr = 3e-3; }
    std::string predict;
};

nn::Sequential make_net() {
    return nn::Sequential(nn::Flatten(), nn::Linear(784, 512), nn::ReLU(), nn::Linear(512, 10));
}

void train(const Options& options) {
    const vt::Device device = vt::parse_device(options.device);
    const auto train_set = open_digits(options, vt::data::Split::train);
    const auto test_set = open_digits(options, vt::data::Split::test);
    DigitLoader train(*train_set, {.batch_size = options.batch, .shuffle = true, .seed = options.seed});
    DigitLoader test(*test_set, {.batch_size = 500});

    nn::Sequential net = make_net();
    net.to(device);
    vt::optim::Adam adam(net.parameters(), {.lr = options.lr});
    vt::optim::Schedule schedule(adam, vt::optim::OneCycle{.steps = options.epochs * train.size()});
    vt::models::Trainer trainer(net, adam, trainer_options(options));
    trainer.set_schedule(schedule);
    TrainingRun run("mnist_mlp", options, trainer,
                    {{"images", std::to_string(train_set->size())}, {"epochs", std::to_string(options.epochs)}});

    const auto loss = [&](Example& batch) { return vt::cross_entropy(net(batch.x.to(device)), batch.y.to(device)); };
    vt::models::ConfusionMatrix table(10);
    const auto count = [&](Example& batch) -> vt::models::StepResult {
        const Tensor logits = net(batch.x.to(device)), digits = batch.y.to(device);
        table.add(logits, digits);
        return {vt::cross_entropy(logits, digits), {{"accuracy", vt::models::accuracy(logits, digits)}}};
    };
    run.fit(train, loss, [&] {
        table = vt::models::ConfusionMatrix(10);
        return trainer.evaluate(test, count);
    });
    run.line(table.table());
    print_result(options, run.result());
}

// What the trained net of --out takes a picture for, and how sure it is of each digit.
void predict(const Options& options) {
    const vt::NoGrad no_grad;
    nn::Sequential net = make_net();
    net.load_state_dict(vt::data::load_checkpoint(options.out + "/checkpoint.safetensors").model);
    net.eval();
    const vt::data::Image image = vt::data::read_image(options.predict, {.channels = 1});
    if (image.height != 28 || image.width != 28)
        throw vt::Error(vt::join(options.predict, ": ", image.height, " x ", image.width,
                                 " pixels; needed are 28 x 28, a white digit on black as MNIST has them"));
    const Tensor shares = vt::softmax(net(vt::data::to_tensor(image).unsqueeze(0)), 1);
    const std::vector<float> values = shares.to_vector<float>();
    const auto digit = vt::argmax(shares).item<std::int64_t>();
    for (std::size_t d = 0; d < values.size(); ++d)
        messages(options) << d << "  " << std::llround(100 * double{values[d]}) << "%\n";
    messages(options) << options.predict << ": " << digit << '\n';
    print_result(options,
                 {{"example", "mnist_mlp"}, {"picture", options.predict}, {"digit", digit}, {"shares", values}});
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app(
        "Trains a perceptron (784-512-10, ReLU, Adam, one cycle of the learning rate) to read digits, and prints how "
        "often each digit of the test set\n"
        "was taken for which. The folder given by --out then holds metrics.jsonl and checkpoint.safetensors.",
        "mnist_mlp");
    add_digit_options(app, options, "metrics and checkpoint");
    app.add_option(
        "--predict", options.predict,
        "a picture of 28 x 28 pixels, PNG or JPEG: tell which digit it is instead of training, by the net in --out");
    return run_program(app, argc, argv, options, [&] { options.predict.empty() ? train(options) : predict(options); });
}
