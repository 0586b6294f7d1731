#include "text_samples.h"

#include <charconv>

#include "vitrine/data/file_writer.h"

namespace vt = vitrine;

void add_sample_options(CLI::App& app, SampleOptions& options) {
    const CLI::Range from_zero(std::int64_t{0}, most_of_anything);
    app.add_option("--sample", options.sample, "do not train: write so many characters from the checkpoint in --out")
        ->check(from_zero)
        ->capture_default_str();
    app.add_option("--prime", options.prime, "the text that samples follow on; a line's end unless said otherwise");
    app.add_option("--temperature", options.sampling.temperature, "of samples: below 1 the likely becomes likelier")
        ->check(CLI::Range(0.0, 1e3))
        ->capture_default_str();
    app.add_option("--top-k", options.sampling.top_k, "draw from so many likeliest characters alone; 0: from all")
        ->check(from_zero)
        ->capture_default_str();
}

void TextSamples::on_epoch_end(vt::models::Trainer& trainer) {
    const vt::models::Epoch& epoch = trainer.history().back();
    vt::Generator generator(static_cast<std::uint64_t>(seed_ + epoch.epoch));
    last_ = write_(generator);
    all_ += vt::join("---- epoch ", epoch.epoch, ", step ", epoch.steps, "\n", last_, "\n");
    vt::data::write_file(folder_ + "/samples.txt", all_);
}

void TextSamples::save(vt::data::Checkpoint& to) const {
    to.notes["samples"] = all_;
    to.notes["vocabulary"] = tokenizer_.vocabulary();
}

void TextSamples::load(const vt::data::Checkpoint& from, const std::string& file) {
    if (checkpoint_note(from, "vocabulary", file) != tokenizer_.vocabulary())
        throw vt::Error(file + ": was made with a text of other characters");
    all_ = checkpoint_note(from, "samples", file);
}

const std::string& checkpoint_note(const vt::data::Checkpoint& from, const std::string& name, const std::string& file) {
    const auto found = from.notes.find(name);
    if (found == from.notes.end())
        throw vt::IoError(file + ": no \"" + name + "\" in it; needed is a checkpoint of this program");
    return found->second;
}

std::int64_t checkpoint_number(const vt::data::Checkpoint& from, const std::string& name, const std::string& file) {
    const std::string& text = checkpoint_note(from, name, file);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 1)
        throw vt::IoError(file + ": \"" + name + "\" is \"" + text + "\" in it; needed is a number of 1 or more");
    return value;
}
