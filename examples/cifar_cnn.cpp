// A convolutional net learns what is in pictures of 32 x 32 pixels: models/cifar_cnn.h and models/resnet.h say what it
// computes. At the end it shows which classes it mixes up, and the pictures that it is surest of and wrong about.
#include "cifar_cnn/mistakes.h"
#include "cifar_cnn/pictures.h"
#include "support/training_run.h"
#include "vitrine/data/file_writer.h"

namespace vt = vitrine;
namespace nn = vitrine::nn;
using vt::Tensor;
using vt::data::Example;

namespace {

struct Options : PictureDataOptions {
    Options() { out = "cifar_cnn_run", epochs = 30, lr = 0.1; }
    std::string model = "cnn";
    std::int64_t width = 0;
    double weight_decay = 5e-4;
};

std::unique_ptr<nn::AnyModule> make_net(const Options& options) {
    const std::int64_t w = options.width;
    if (options.model == "resnet18")
        return std::make_unique<vt::models::ResNet>(
            vt::models::resnet18({.classes = 10, .small_images = true, .width = w > 0 ? w : 64}));
    vt::models::CifarCnnOptions how;
    if (w > 0) how.channels = {w, 2 * w, 4 * w};
    return std::make_unique<vt::models::CifarCnn>(how);
}

// The last look at the test set: the confusion table, mistakes.png, mistakes.txt.
void show_mistakes(const Options& options, TrainingRun& run, vt::models::Trainer& trainer, const Tensor& logits) {
    const auto pictures = open_pictures(options, vt::data::Split::test, false);
    std::vector<std::int64_t> all(static_cast<std::size_t>(pictures->size()));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
    const Tensor classes = pictures->get_batch(all).y;

    const auto names = pictures->class_names();
    vt::models::ConfusionMatrix table(std::vector<std::string>(names.begin(), names.end()));
    table.add(logits, classes);
    run.line(table.table());

    const std::vector<Mistake> mistakes = surest_mistakes(logits, classes, 48);
    std::string list;
    for (const Mistake& mistake : mistakes) list += describe(mistake, *pictures) + "\n";
    vt::data::write_file(run.path("mistakes.txt"), list);
    const vt::data::Image grid = mistakes_grid(mistakes, *pictures);
    vt::data::write_png(run.path("mistakes.png"), grid);
    if (run.tensorboard()) run.tensorboard()->image("mistakes", grid, trainer.steps());
    run.line("the surest mistakes, row by row in " + run.path("mistakes.png") + ":\n" + list);
}

void train(const Options& options) {
    const vt::Device device = vt::parse_device(options.device);
    const auto train_set = open_pictures(options, vt::data::Split::train, true);
    const auto test_set = open_pictures(options, vt::data::Split::test, true);
    PictureLoader train(
        *train_set, {.batch_size = options.batch, .shuffle = true, .seed = options.seed, .workers = options.workers});
    PictureLoader test(*test_set, {.batch_size = 250, .workers = options.workers});
    augment(train);

    const std::unique_ptr<nn::AnyModule> net = make_net(options);
    net->to(device);
    vt::optim::SGD sgd(net->parameters(),
                       {.lr = options.lr, .momentum = 0.9, .weight_decay = options.weight_decay, .nesterov = true});
    vt::optim::Schedule schedule(sgd,
                                 vt::optim::OneCycle{.steps = options.epochs * train.size(), .cycle_momentum = false});
    vt::models::Trainer trainer(*net, sgd, trainer_options(options));
    trainer.set_schedule(schedule);
    TrainingRun run("cifar_cnn", options, trainer,
                    {{"model", options.model},
                     {"width", std::to_string(options.width)},
                     {"images", std::to_string(train_set->size())},
                     {"epochs", std::to_string(options.epochs)}});

    const auto step = [&](Example& batch) -> vt::models::StepResult {
        const Tensor logits = (*net)(batch.x.to(device)), classes = batch.y.to(device);
        return {vt::cross_entropy(logits, classes), {{"accuracy", vt::models::accuracy(logits, classes)}}};
    };
    run.fit(train, step, [&] { return trainer.evaluate(test, step); });
    show_mistakes(options, run, trainer,
                  trainer.predict(test, [&](Example& batch) { return (*net)(batch.x.to(device)); }));
    print_result(options, run.result());
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app(
        "Trains a convolutional net (SGD with Nesterov momentum 0.9, one cycle of the learning rate, random crops and "
        "flips)\n"
        "to tell ten classes of small pictures apart, and prints how often each class of the test set was taken for "
        "which.\n"
        "The folder given by --out then holds mistakes.png, mistakes.txt, metrics.jsonl and checkpoint.safetensors.",
        "cifar_cnn");
    app.add_option("--model", options.model,
                   "cnn: three blocks of two 3x3 convolutions; resnet18: residual, 18 layers deep")
        ->check(CLI::IsMember({"cnn", "resnet18"}))
        ->capture_default_str();
    app.add_option("--width", options.width, "channels of the first block; 0: 32 of cnn, 64 of resnet18")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{4096}))
        ->capture_default_str();
    app.add_option("--weight-decay", options.weight_decay, "of SGD")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    add_picture_options(app, options, "pictures, metrics and the checkpoint");
    return run_program(app, argc, argv, options, [&] { train(options); });
}
