// A small GPT learns to write: models/gpt.h says what it computes.
//
// Each step sees 32 windows of 64 characters from anywhere in the first 90 % of a text; after every 500 steps the rest of
// the text is read, and the net writes a sample. --sample lets it write from the checkpoint.
#include <iostream>

#include "char_gpt/windows.h"
#include "support/text_data.h"
#include "support/text_samples.h"
#include "support/training_run.h"

namespace vt = vitrine;

namespace {

struct Options : TrainOptions {
    Options() { data = "grammar", out = "char_gpt_run", epochs = 10, batch = 32, lr = 2e-3; }
    std::int64_t characters = 1'000'000, epoch_steps = 500, warmup = 100;
    double weight_decay = 1e-2;
    bool autocast = false;
    vt::models::GptOptions net;
    SampleOptions writing;
};

std::string write_text(vt::models::Gpt& net, const vt::data::CharTokenizer& tokenizer, const SampleOptions& options,
                       std::int64_t characters, vt::Generator& generator) {
    const auto prime = tokenizer.encode(options.prime).to_vector<std::int64_t>();
    return options.prime + tokenizer.decode(net.generate(prime, characters, options.sampling, generator));
}

void train(Options& options) {
    const vt::Autocast factors(options.autocast ? vt::bfloat16 : vt::float32);
    const vt::Device device = vt::parse_device(options.device);
    const std::string text = open_text(options.data, options.characters);
    const vt::data::CharTokenizer tokenizer(text);
    tokenizer.encode(options.writing.prime);  // a character that the text has not is an error now, not after an epoch
    const vt::Tensor ids = tokenizer.encode(text);
    const std::int64_t cut = ids.numel() * 9 / 10, context = options.net.context;
    RandomWindows train(ids.slice(0, 0, cut), {context, options.batch, options.epoch_steps, options.seed});
    const WindowsInOrder rest(ids.slice(0, cut, ids.numel()), context);
    vt::data::DataLoader validation(rest, {.batch_size = 64});

    options.net.vocabulary = tokenizer.size();
    vt::models::Gpt net(options.net);
    net.to(device);
    vt::optim::AdamW adam(net.parameters(), {.lr = options.lr, .weight_decay = options.weight_decay});
    const std::int64_t steps = options.epochs * options.epoch_steps, warmup = std::min(options.warmup, steps - 1);
    const vt::optim::Cosine down{.steps = steps - warmup, .min_lr = options.lr / 10};
    vt::optim::Schedule schedule(adam, vt::optim::Warmup{.steps = warmup, .then = down});

    vt::models::TrainerOptions how = trainer_options(options);
    how.validation = "val";
    vt::models::Trainer trainer(net, adam, how);
    trainer.set_schedule(schedule);
    constexpr std::int64_t shown = 300;
    const auto write = [&](vt::Generator& g) { return write_text(net, tokenizer, options.writing, shown, g); };
    auto& samples = trainer.add(TextSamples(tokenizer, write, options.out, options.seed));
    TrainingRun run("char_gpt", options, trainer,
                    {{"epochs", std::to_string(options.epochs)},
                     {"epoch-steps", std::to_string(options.epoch_steps)},
                     {"context", std::to_string(context)},
                     {"layers", std::to_string(options.net.layers)},
                     {"heads", std::to_string(options.net.heads)},
                     {"width", std::to_string(options.net.width)},
                     {"autocast", std::to_string(options.autocast)}},
                    "characters");
    trainer.add(vt::models::EachEpoch([&](vt::models::Trainer& t) {
        run.line(samples.last());
        if (auto* board = run.tensorboard()) board->text("sample", samples.last(), t.steps());
    }));

    const auto step = [&](Window& batch) -> vt::models::StepResult {
        return {vt::models::next_token_loss(net(batch.x.to(device)), batch.y.to(device)), {}, batch.x.numel()};
    };
    run.fit(train, step, [&] { return trainer.evaluate(validation, step); });
    print_result(options, run.result());
}

void print_sample(const Options& options) {
    const std::string file = options.out + "/checkpoint.safetensors";
    const vt::data::Checkpoint from = vt::data::load_checkpoint(file);
    const vt::data::CharTokenizer tokenizer(checkpoint_note(from, "vocabulary", file));
    vt::models::Gpt net({.vocabulary = tokenizer.size(),
                         .context = checkpoint_number(from, "option.context", file),
                         .layers = checkpoint_number(from, "option.layers", file),
                         .heads = checkpoint_number(from, "option.heads", file),
                         .width = checkpoint_number(from, "option.width", file)});
    net.load_state_dict(from.model);
    net.to(vt::parse_device(options.device));
    vt::Generator generator(static_cast<std::uint64_t>(options.seed));
    const std::string text = write_text(net, tokenizer, options.writing, options.writing.sample, generator);
    if (!options.json) std::cout << text << std::endl;
    print_result(options, {{"example", "char_gpt"}, {"sample", text}, {"seed", options.seed}});
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    const CLI::Range from_zero(std::int64_t{0}, most_of_anything), from_one(std::int64_t{1}, most_of_anything);
    CLI::App app(
        "Trains a small GPT (4 layers, 4 heads, 128 wide; AdamW with warm-up and cosine to a tenth) to say which character\n"
        "comes next, on the first 90 % of a text, and measures it on the rest, in nats a character. The folder given by\n"
        "--out then holds metrics.jsonl, samples.txt and checkpoint.safetensors.",
        "char_gpt");
    add_train_options(app, options, text_data_help, "metrics, samples and the checkpoint");
    app.get_option("--epochs")->description("how often to measure and write a sample: so many times --epoch-steps steps");
    app.add_option("--epoch-steps", options.epoch_steps, "training steps of an epoch")->check(from_one)->capture_default_str();
    app.add_option("--characters", options.characters, "how long the text of the grammar is")
        ->check(CLI::Range(std::int64_t{1000}, most_of_anything))
        ->capture_default_str();
    app.add_option("--layers", options.net.layers, "blocks of the net")->check(from_one)->capture_default_str();
    app.add_option("--heads", options.net.heads, "heads of an attention; they must divide --width")
        ->check(from_one)
        ->capture_default_str();
    app.add_option("--width", options.net.width, "numbers that stand for a character")->check(from_one)->capture_default_str();
    app.add_option("--context", options.net.context, "characters that the net looks back at")
        ->check(from_one)
        ->capture_default_str();
    app.add_option("--dropout", options.net.dropout, "of embeddings, attention and branches")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    app.add_option("--warmup", options.warmup, "steps until the learning rate is --lr")->check(from_zero)->capture_default_str();
    app.add_option("--weight-decay", options.weight_decay, "of AdamW")->check(CLI::Range(0.0, 1e6))->capture_default_str();
    app.add_flag("--autocast", options.autocast, "multiply with factors of bf16 (docs/autocast.md)");
    add_sample_options(app, options.writing);
    return run_program(app, argc, argv, options,
                       [&] { options.writing.sample > 0 ? print_sample(options) : train(options); });
}
