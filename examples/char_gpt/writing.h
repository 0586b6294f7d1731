// Samples: what the net writes, while it trains and afterwards.
#pragma once

#include <string>

#include <vitrine/vitrine.h>

/// How a sample is drawn.
struct Writing {
    std::string prime = "\n";
    std::int64_t characters = 300;
    vitrine::models::SamplingOptions sampling{.temperature = 0.8, .top_k = 0};
};

/// `prime` and what the net writes after it. Throws Error for an empty prime, or one with characters that the text, from
/// which the tokenizer was made, has not.
std::string write_text(vitrine::models::Gpt& net, const vitrine::data::CharTokenizer& tokenizer, const Writing& writing,
                       vitrine::Generator& generator);

/// After each epoch a sample at the end of samples.txt in `folder`. It is drawn from a generator of its own, so that
/// training does not depend on it. The checkpoint keeps the file's contents and the vocabulary.
class Samples final : public vitrine::models::Callback {
public:
    Samples(const vitrine::data::CharTokenizer& tokenizer, Writing writing, std::string folder, std::int64_t seed)
        : tokenizer_(tokenizer), writing_(std::move(writing)), folder_(std::move(folder)), seed_(seed) {}

    void on_epoch_end(vitrine::models::Trainer& trainer) override;
    void save(vitrine::data::Checkpoint& to) const override;
    void load(const vitrine::data::Checkpoint& from, const std::string& file) override;
    const std::string& last() const { return last_; }

private:
    const vitrine::data::CharTokenizer& tokenizer_;
    Writing writing_;
    std::string folder_;
    std::int64_t seed_;
    std::string all_, last_;
};

/// The net of a checkpoint that char_gpt wrote, and the characters that it knows.
struct Trained {
    vitrine::data::CharTokenizer tokenizer;
    vitrine::models::Gpt net;
};
/// Throws IoError when the file is none of char_gpt's.
Trained load_trained(const std::string& file);

/// The sizes of a net as a checkpoint's notes keep them ("option.layers", ...).
std::map<std::string, std::string> settings_of(const vitrine::models::GptOptions& options);
