// A small GPT learns to write: models/gpt.h says what it computes.
//
// Each step sees 32 windows of 64 characters from anywhere in the first 90 % of a text; after every 500 steps the rest of
// the text is read, and the net writes a sample. --sample lets it write from the checkpoint.
#include <iostream>

#include "char_gpt/windows.h"
#include "char_gpt/writing.h"
#include "support/text_data.h"
#include "support/training_run.h"

namespace vt = vitrine;

namespace {

struct Options : TrainOptions {
    Options() { data = "grammar", out = "char_gpt_run", epochs = 10, batch = 32, lr = 2e-3; }
    std::int64_t characters = 1'000'000, epoch_steps = 500, warmup = 100, sample = 0;
    double weight_decay = 1e-2;
    vt::models::GptOptions net;
    Writing writing;
};

void train(Options& options) {
    const vt::Device device = vt::parse_device(options.device);
    const std::string text = open_text(options.data, options.characters);
    const vt::data::CharTokenizer tokenizer(text);
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
    vt::optim::Schedule schedule(adam, vt::optim::Warmup{.steps = warmup, .then = vt::optim::Cosine{.steps = steps - warmup, .min_lr = options.lr / 10}});

    vt::models::TrainerOptions how = trainer_options(options);
    how.validation = "val";
    vt::models::Trainer trainer(net, adam, how);
    trainer.set_schedule(schedule);
    Settings settings = settings_of(options.net);
    settings["epochs"] = std::to_string(options.epochs), settings["epoch-steps"] = std::to_string(options.epoch_steps);
    auto& samples = trainer.add(Samples(tokenizer, options.writing, options.out, options.seed));
    TrainingRun run("char_gpt", options, trainer, settings, "characters");
    trainer.add(vt::models::EachEpoch([&](auto&) { run.line(samples.last()); }));

    const auto step = [&](Window& batch) -> vt::models::StepResult {
        return {vt::models::next_token_loss(net(batch.x.to(device)), batch.y.to(device)), {}, batch.x.numel()};
    };
    run.fit(train, step, [&] { return trainer.evaluate(validation, step); });
    print_result(options, run.result());
}

void print_sample(const Options& options) {
    Trained trained = load_trained(options.out + "/checkpoint.safetensors");
    trained.net.to(vt::parse_device(options.device));
    Writing writing = options.writing;
    writing.characters = options.sample;
    vt::Generator generator(static_cast<std::uint64_t>(options.seed));
    const std::string text = write_text(trained.net, trained.tokenizer, writing, generator);
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
    app.add_option("--sample", options.sample, "do not train: write so many characters from the checkpoint in --out")
        ->check(from_zero)
        ->capture_default_str();
    app.add_option("--prime", options.writing.prime, "the text that samples follow on; a line's end unless said otherwise");
    app.add_option("--temperature", options.writing.sampling.temperature, "of samples: below 1 the likely becomes likelier")
        ->check(CLI::Range(0.0, 1e3))
        ->capture_default_str();
    app.add_option("--top-k", options.writing.sampling.top_k, "draw from so many likeliest characters alone; 0: from all")
        ->check(from_zero)
        ->capture_default_str();
    return run_program(app, argc, argv, options, [&] { options.sample > 0 ? print_sample(options) : train(options); });
}
