#include "writing.h"

#include <charconv>

#include "vitrine/data/file_writer.h"

namespace vt = vitrine;

std::string write_text(vt::models::Gpt& net, const vt::data::CharTokenizer& tokenizer, const Writing& writing,
                       vt::Generator& generator) {
    const auto prime = tokenizer.encode(writing.prime).to_vector<std::int64_t>();
    const auto ids = net.generate(prime, writing.characters, writing.sampling, generator);
    return writing.prime + tokenizer.decode(ids);
}

void Samples::on_epoch_end(vt::models::Trainer& trainer) {
    const vt::models::Epoch& epoch = trainer.history().back();
    vt::Generator generator(static_cast<std::uint64_t>(seed_ + epoch.epoch));
    last_ = write_text(dynamic_cast<vt::models::Gpt&>(trainer.model()), tokenizer_, writing_, generator);
    all_ += vt::join("---- epoch ", epoch.epoch, ", step ", epoch.steps, "\n", last_, "\n");
    vt::data::write_file(folder_ + "/samples.txt", all_);
}

void Samples::save(vt::data::Checkpoint& to) const {
    to.notes["samples"] = all_;
    to.notes["vocabulary"] = tokenizer_.vocabulary();
}

namespace {

const std::string& noted(const vt::data::Checkpoint& from, const std::string& name, const std::string& file) {
    const auto found = from.notes.find(name);
    if (found == from.notes.end())
        throw vt::IoError(file + ": no \"" + name + "\" in it; needed is a checkpoint of char_gpt");
    return found->second;
}

}  // namespace

void Samples::load(const vt::data::Checkpoint& from, const std::string& file) {
    if (noted(from, "vocabulary", file) != tokenizer_.vocabulary())
        throw vt::Error(file + ": was made with a text of other characters");
    all_ = noted(from, "samples", file);
}

std::map<std::string, std::string> settings_of(const vt::models::GptOptions& options) {
    return {{"context", std::to_string(options.context)},
            {"layers", std::to_string(options.layers)},
            {"heads", std::to_string(options.heads)},
            {"width", std::to_string(options.width)}};
}

Trained load_trained(const std::string& file) {
    const vt::data::Checkpoint from = vt::data::load_checkpoint(file);
    vt::data::CharTokenizer tokenizer(noted(from, "vocabulary", file));
    const auto whole = [&](const std::string& name) {
        const std::string& text = noted(from, "option." + name, file);
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size() || value < 1)
            throw vt::IoError(file + ": --" + name + " is \"" + text + "\" in it; needed is a number of 1 or more");
        return value;
    };
    vt::models::Gpt net({.vocabulary = tokenizer.size(),
                         .context = whole("context"),
                         .layers = whole("layers"),
                         .heads = whole("heads"),
                         .width = whole("width")});
    net.load_state_dict(from.model);
    return {std::move(tokenizer), std::move(net)};
}
