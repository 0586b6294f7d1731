// A variational autoencoder learns to draw digits: models/vae.h says what it computes.
//
// Training is the loop in train_epoch(). Around it: a checkpoint after each epoch, from which --resume goes on to the
// same bits as if the run had never stopped; metrics.jsonl, a line an epoch; pictures.
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>

#include "mnist_vae/pictures.h"
#include "support/program.h"
#include "support/progress.h"
#include "vitrine/data/file_writer.h"

namespace vt = vitrine;

namespace {

struct Options : CommonOptions {
    std::string data = "digits", out = "mnist_vae_run";
    std::int64_t epochs = 10, batch = 128, images = 60000, steps = 0;
    double lr = 1e-3;
    bool resume = false;
};

/// What grows during a run besides the net: all of it is in the checkpoint.
struct Totals {
    std::int64_t steps = 0;             ///< since the run began
    double loss = 0;                    ///< sum over the images of this epoch
    std::int64_t images = 0;            ///< of this epoch
    double train_loss = 0, test_loss = 0;  ///< of the last whole epoch
    std::string metrics;                ///< metrics.jsonl so far
};

using Images = vt::data::LabelledImages;
using Loader = vt::data::DataLoader<Images>;

std::unique_ptr<Images> open_data(const Options& options, vt::data::Split split) {
    const bool train = split == vt::data::Split::train;
    if (options.data != "digits") return std::make_unique<vt::data::Mnist>(vt::data::Mnist(options.data, split));
    const std::int64_t count = train ? options.images : std::max<std::int64_t>(options.images / 6, 64);
    return std::make_unique<vt::data::Digits>(count, vt::data::DigitsOptions{.seed = train ? 1 : 2});
}

class Run {
public:
    explicit Run(const Options& options)
        : options_(options),
          device_(vt::parse_device(options.device)),
          train_(open_data(options, vt::data::Split::train)),
          test_(open_data(options, vt::data::Split::test)),
          loader_(*train_, {.batch_size = options.batch, .shuffle = true, .seed = options.seed}),
          adam_(to_device(), {.lr = options.lr}) {}

    void train();

private:
    std::vector<vt::Tensor> to_device() {
        net_.to(device_);
        return net_.parameters();
    }
    vt::Tensor flat(const vt::Tensor& x) const { return x.flatten(1).to(device_); }
    bool stopped() const { return options_.steps > 0 && totals_.steps >= options_.steps; }
    std::string path(const char* name) const { return options_.out + "/" + name; }

    bool train_epoch(Progress& progress);
    double test_loss() const;
    void finish_epoch(Progress& progress);
    void save();
    void restore();

    Options options_;
    vt::Device device_;
    std::unique_ptr<Images> train_, test_;
    Loader loader_;
    vt::models::Vae net_;
    vt::optim::Adam adam_;
    Totals totals_;
};

// One epoch, or what --resume or --steps leave of it. False when --steps ended it.
bool Run::train_epoch(Progress& progress) {
    const std::string label =
        "epoch " + std::to_string(loader_.state().epoch + 1) + "/" + std::to_string(options_.epochs);
    for (auto& [picture, digit] : loader_) {
        const vt::Tensor x = flat(picture);
        const vt::Tensor loss = vt::models::vae_loss(net_(x), x);
        adam_.zero_grad();
        loss.backward();
        adam_.step();

        const double value = loss.item<double>();
        if (!std::isfinite(value))
            throw vt::Error("the loss is " + std::to_string(value) + " after step " +
                            std::to_string(totals_.steps + 1) + "; a smaller --lr may help");
        const std::int64_t images = digit.size(0);
        totals_.loss += value * static_cast<double>(images);
        totals_.images += images;
        ++totals_.steps;
        progress.step(label, totals_.loss / static_cast<double>(totals_.images), images);
        if (stopped()) return false;
    }
    return true;
}

// The mean over the test set with one sample an image; the same noise after each epoch.
double Run::test_loss() const {
    const vt::NoGrad no_grad;
    vt::Generator noise(static_cast<std::uint64_t>(options_.seed));
    double sum = 0;
    for (auto& [picture, digit] : vt::data::DataLoader(*test_, {.batch_size = 500})) {
        const vt::Tensor x = flat(picture);
        sum += vt::models::vae_loss(net_(x, noise), x).item<double>() * static_cast<double>(x.size(0));
    }
    return sum / static_cast<double>(test_->size());
}

void Run::finish_epoch(Progress& progress) {
    const std::int64_t epoch = loader_.state().epoch;  // the loader stands before the next
    totals_.train_loss = totals_.loss / static_cast<double>(totals_.images);
    totals_.test_loss = test_loss();
    totals_.loss = 0;
    totals_.images = 0;
    char text[120];
    std::snprintf(text, sizeof text,
                  "epoch %" PRId64 "/%" PRId64 "  train loss %.2f  test loss %.2f  %.0f images/s  %s", epoch,
                  options_.epochs, totals_.train_loss, totals_.test_loss, progress.images_per_second(),
                  clock_time(progress.seconds()).c_str());
    progress.line(text);
    const nlohmann::ordered_json metrics = {{"epoch", epoch},
                                            {"step", totals_.steps},
                                            {"train_loss", totals_.train_loss},
                                            {"test_loss", totals_.test_loss}};
    totals_.metrics += metrics.dump() + "\n";
    vt::data::write_file(path("metrics.jsonl"), totals_.metrics);

    std::vector<std::int64_t> first(static_cast<std::size_t>(std::min<std::int64_t>(64, test_->size())));
    for (std::size_t i = 0; i < first.size(); ++i) first[i] = static_cast<std::int64_t>(i);
    write_pictures(options_.out, net_, flat(test_->get_batch(first).x), options_.seed);
}

std::string text_of(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%a", value);  // every bit of it
    return text;
}

void Run::save() {
    const vt::data::Metadata notes = {{"data", options_.data},
                                      {"batch", std::to_string(options_.batch)},
                                      {"seed", std::to_string(options_.seed)},
                                      {"images", std::to_string(train_->size())},
                                      {"steps", std::to_string(totals_.steps)},
                                      {"epoch_loss", text_of(totals_.loss)},
                                      {"epoch_images", std::to_string(totals_.images)},
                                      {"train_loss", text_of(totals_.train_loss)},
                                      {"test_loss", text_of(totals_.test_loss)},
                                      {"metrics", totals_.metrics}};
    vt::data::save_checkpoint(path("checkpoint.safetensors"),
                              {.model = net_.state_dict(),
                               .optimizer = adam_.state_dict(),
                               .generator = vt::default_generator().get_state(),
                               .loader = loader_.state(),
                               .notes = notes});
}

/// The notes of a checkpoint, each of which must be there.
struct Notes {
    const vt::data::Metadata& notes;
    const std::string& file;

    const std::string& text(const char* key) const {
        const auto found = notes.find(key);
        if (found == notes.end())
            throw vt::IoError(file + ": no \"" + key + "\" in it; needed is a checkpoint of mnist_vae");
        return found->second;
    }
    void same(const char* key, const std::string& now) const {
        if (text(key) != now)
            throw vt::Error(file + ": was made with --" + key + " " + text(key) + "; this run has " + now);
    }
    double number(const char* key) const { return std::strtod(text(key).c_str(), nullptr); }
    std::int64_t whole(const char* key) const { return std::strtoll(text(key).c_str(), nullptr, 10); }
};

void Run::restore() {
    const std::string file = path("checkpoint.safetensors");
    const vt::data::Checkpoint saved = vt::data::load_checkpoint(file);
    const Notes notes{saved.notes, file};
    notes.same("data", options_.data);
    notes.same("batch", std::to_string(options_.batch));
    notes.same("seed", std::to_string(options_.seed));
    notes.same("images", std::to_string(train_->size()));
    totals_ = {notes.whole("steps"),       notes.number("epoch_loss"), notes.whole("epoch_images"),
               notes.number("train_loss"), notes.number("test_loss"),  notes.text("metrics")};
    net_.load_state_dict(saved.model);
    adam_.load_state_dict(saved.optimizer);
    adam_.set_lr(options_.lr);
    loader_.restore(saved.loader);
    vt::default_generator().set_state(saved.generator);
}

void Run::train() {
    std::filesystem::create_directories(options_.out);
    if (options_.resume) restore();
    const std::int64_t before = totals_.steps;
    Progress progress(messages(options_),
                      (options_.steps > 0 ? options_.steps : options_.epochs * loader_.size()) - before);
    while (!stopped() && loader_.state().epoch < options_.epochs) {
        if (train_epoch(progress)) finish_epoch(progress);
        save();
    }
    const double seconds = progress.seconds();
    progress.line("pictures, metrics.jsonl and checkpoint.safetensors are in " + options_.out);
    print_result(options_, {{"example", "mnist_vae"},
                            {"device", options_.device},
                            {"data", options_.data},
                            {"epochs", loader_.state().epoch},
                            {"steps", totals_.steps},
                            {"train_loss", totals_.train_loss},
                            {"test_loss", totals_.test_loss},
                            {"seconds", seconds},
                            {"samples_per_second", progress.images_per_second()},
                            {"seed", options_.seed},
                            {"threads", vt::num_threads()},
                            {"out", options_.out}});
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    constexpr std::int64_t many = 10'000'000;
    CLI::App app(
        "Trains a variational autoencoder (784-400-20, Adam) on pictures of digits. After each epoch the folder given "
        "by\n"
        "--out holds reconstructions.png, samples.png, walk.png, metrics.jsonl and checkpoint.safetensors. The loss is "
        "the\n"
        "binary cross entropy summed over the 784 grey values plus the KL divergence, in nats an image.",
        "mnist_vae");
    app.add_option("--data", options.data,
                   "digits: drawn by the library itself; else a folder with MNIST's four files, gzipped or not")
        ->capture_default_str();
    app.add_option("--images", options.images,
                   "how many digits to draw, and a sixth of it for the test; MNIST has 60000")
        ->check(CLI::Range(std::int64_t{64}, many))
        ->capture_default_str();
    app.add_option("--epochs", options.epochs, "how often every picture is seen")
        ->check(CLI::Range(std::int64_t{1}, many))
        ->capture_default_str();
    app.add_option("--batch", options.batch, "pictures in a training step")
        ->check(CLI::Range(std::int64_t{1}, many))
        ->capture_default_str();
    app.add_option("--lr", options.lr, "learning rate of Adam")->check(CLI::Range(0.0, 1e6))->capture_default_str();
    app.add_option("--steps", options.steps, "stop after so many training steps in all; 0: after the last epoch")
        ->check(CLI::Range(std::int64_t{0}, many))
        ->capture_default_str();
    app.add_option("--out", options.out, "folder for pictures, metrics and the checkpoint; made when missing")
        ->capture_default_str();
    app.add_flag("--resume", options.resume,
                 "go on from the checkpoint in --out, to the same bits as a run that never stopped");
    add_common_options(app, options);
    return run_program(app, argc, argv, options, [&] { Run(options).train(); });
}
