// A recurrent network learns to write: models/char_rnn.h says what it computes.
//
// A step is a window of 64 characters at 32 places of the text at once. The state behind a window is carried into the
// next, the gradient is not: truncated backpropagation through time. After each epoch the rest of the text is read, and
// the net writes a sample. --sample lets it write from the checkpoint.
#include <iostream>

#include "char_rnn/text_streams.h"
#include "support/text_data.h"
#include "support/text_samples.h"
#include "support/training_run.h"

namespace vt = vitrine;
using vt::models::CharRnn;

namespace {

struct Options : TrainOptions {
    Options() { data = "grammar", out = "char_rnn_run", epochs = 20, batch = 32, lr = 3e-3; }
    std::int64_t characters = 300'000, window = 64;
    double clip = 5, min_lr = 1e-4;
    std::string cell = "lstm";
    vt::models::CharRnnOptions net;
    SampleOptions writing;
};

/// The state behind the last window, which training and validation each carry through their windows. That of training
/// is 0 again after each epoch, and is in the checkpoint.
class CarriedState final : public vt::models::Callback {
public:
    explicit CarriedState(vt::Device device) : device_(device) {}

    /// The loss of a window, the mean over its characters.
    vt::Tensor loss(CharRnn& net, const TextWindow& window) {
        vt::models::CharRnnOutput out = net(window.x, state_);
        state_ = {out.state.h.detach(), out.state.c.defined() ? out.state.c.detach() : vt::Tensor()};
        return vt::cross_entropy(out.logits.flatten(0, 1), window.y.flatten());
    }

    void on_epoch_end(vt::models::Trainer&) override { state_ = {}; }
    void save(vt::data::Checkpoint& to) const override {
        if (state_.h.defined()) to.extra["carried.h"] = state_.h;
        if (state_.c.defined()) to.extra["carried.c"] = state_.c;
    }
    void load(const vt::data::Checkpoint& from, const std::string&) override {
        const auto take = [&](const char* name) {
            const auto found = from.extra.find(name);
            return found == from.extra.end() ? vt::Tensor() : found->second.to(device_);
        };
        state_ = {take("carried.h"), take("carried.c")};
    }

private:
    vt::Device device_;
    vt::nn::LSTMState state_;
};

std::string write_text(CharRnn& net, const vt::data::CharTokenizer& tokenizer, const SampleOptions& options,
                       std::int64_t characters, vt::Generator& generator) {
    const vt::Tensor prime = tokenizer.encode(options.prime).to(net.parameters()[0].device());
    return options.prime + tokenizer.decode(net.sample(prime, characters, options.sampling, generator));
}

void train(Options& options) {
    const vt::Device device = vt::parse_device(options.device);
    const std::string text = open_text(options.data, options.characters);
    const vt::data::CharTokenizer tokenizer(text);
    tokenizer.encode(options.writing.prime);  // a character that the text has not is an error now, not after an epoch
    const vt::Tensor ids = tokenizer.encode(text);
    const std::int64_t cut = ids.numel() * 9 / 10;
    const TextStreams text_to_learn(ids.slice(0, 0, cut), options.batch, options.window, device);
    const TextStreams rest(ids.slice(0, cut, ids.numel()), options.batch, options.window, device);
    vt::data::DataLoader windows(text_to_learn, {.seed = options.seed});

    options.net.vocabulary = tokenizer.size();
    options.net.cell = vt::models::parse_cell(options.cell);
    CharRnn net(options.net);
    net.to(device);
    vt::optim::Adam adam(net.parameters(), {.lr = options.lr});
    vt::optim::Schedule schedule(adam, vt::optim::Cosine{.steps = options.epochs * windows.size(),
                                                         .min_lr = std::min(options.min_lr, options.lr)});

    vt::models::TrainerOptions how = trainer_options(options);
    how.validation = "val", how.clip_norm = options.clip;
    vt::models::Trainer trainer(net, adam, how);
    trainer.set_schedule(schedule);
    auto& carried = trainer.add(CarriedState(device));
    constexpr std::int64_t shown = 300;
    const auto write = [&](vt::Generator& g) { return write_text(net, tokenizer, options.writing, shown, g); };
    auto& samples = trainer.add(TextSamples(tokenizer, write, options.out, options.seed));
    TrainingRun run("char_rnn", options, trainer,
                    {{"epochs", std::to_string(options.epochs)},
                     {"window", std::to_string(options.window)},
                     {"cell", options.cell},
                     {"embedding", std::to_string(options.net.embedding)},
                     {"hidden", std::to_string(options.net.hidden)},
                     {"layers", std::to_string(options.net.layers)}},
                    "characters");
    trainer.add(vt::models::EachEpoch([&](vt::models::Trainer& t) {
        run.line(samples.last());
        if (auto* board = run.tensorboard()) board->text("sample", samples.last(), t.steps());
    }));

    using vt::models::StepResult;
    run.fit(
        windows, [&](TextWindow& w) { return StepResult(carried.loss(net, w), {}, w.y.numel()); },
        [&] {
            CarriedState state(device);
            return trainer.evaluate(vt::data::DataLoader(rest),
                                    [&](TextWindow& w) { return StepResult(state.loss(net, w), {}, w.y.numel()); });
        });
    nlohmann::ordered_json result = run.result();
    result["cell"] = options.cell;
    print_result(options, result);
}

void print_sample(const Options& options) {
    const std::string file = options.out + "/checkpoint.safetensors";
    const vt::data::Checkpoint from = vt::data::load_checkpoint(file);
    const vt::data::CharTokenizer tokenizer(checkpoint_note(from, "vocabulary", file));
    CharRnn net({.vocabulary = tokenizer.size(),
                 .cell = vt::models::parse_cell(checkpoint_note(from, "option.cell", file)),
                 .embedding = checkpoint_number(from, "option.embedding", file),
                 .hidden = checkpoint_number(from, "option.hidden", file),
                 .layers = checkpoint_number(from, "option.layers", file)});
    net.load_state_dict(from.model);
    net.to(vt::parse_device(options.device));
    vt::Generator generator(static_cast<std::uint64_t>(options.seed));
    const std::string text = write_text(net, tokenizer, options.writing, options.writing.sample, generator);
    if (!options.json) std::cout << text << std::endl;
    print_result(options, {{"example", "char_rnn"}, {"sample", text}, {"seed", options.seed}});
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    const CLI::Range from_one(std::int64_t{1}, most_of_anything), rate(0.0, 1e6);
    CLI::App app(
        "Trains a recurrent network (2 layers of 128; Adam with cosine decay) to say which character comes next, on "
        "the\n"
        "first 90 % of a text, and measures it on the rest, in nats a character. The folder given by --out then holds\n"
        "metrics.jsonl, samples.txt and checkpoint.safetensors.",
        "char_rnn");
    add_train_options(app, options, text_data_help, "metrics, samples and the checkpoint");
    app.add_option("--characters", options.characters, "how long the text of the grammar is")
        ->check(CLI::Range(std::int64_t{1000}, most_of_anything))
        ->capture_default_str();
    app.add_option("--cell", options.cell, "kind of the layers: rnn, gru or lstm")
        ->check(CLI::IsMember({"rnn", "gru", "lstm"}))
        ->capture_default_str();
    app.add_option("--hidden", options.net.hidden, "units of a layer")->check(from_one)->capture_default_str();
    app.add_option("--layers", options.net.layers, "how many layers")->check(from_one)->capture_default_str();
    app.add_option("--embedding", options.net.embedding, "numbers that stand for a character")
        ->check(from_one)
        ->capture_default_str();
    app.add_option("--dropout", options.net.dropout, "between layers")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    app.add_option("--window", options.window, "characters that a gradient goes back through")
        ->check(from_one)
        ->capture_default_str();
    app.add_option("--clip", options.clip, "largest norm of all gradients together; 0: none")
        ->check(rate)
        ->capture_default_str();
    app.add_option("--min-lr", options.min_lr, "learning rate at the end")->check(rate)->capture_default_str();
    add_sample_options(app, options.writing);
    return run_program(app, argc, argv, options,
                       [&] { options.writing.sample > 0 ? print_sample(options) : train(options); });
}
