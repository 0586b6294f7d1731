// Samples of what a net has learned to write, while it trains and afterwards.
#pragma once

#include <functional>
#include <string>

#include "train_options.h"

/// How a sample is drawn.
struct SampleOptions {
    std::int64_t sample = 0;  ///< do not train: write so many characters from the checkpoint
    std::string prime = "\n";
    vitrine::models::SamplingOptions sampling{.temperature = 0.8, .top_k = 0};
};

/// Adds --sample, --prime, --temperature and --top-k.
void add_sample_options(CLI::App& app, SampleOptions& options);

/// After each epoch a sample at the end of samples.txt in the folder. It is drawn from a generator of its own, so that
/// training does not depend on it. The checkpoint keeps the file's contents and the vocabulary.
class TextSamples final : public vitrine::models::Callback {
public:
    /// `write` draws a text.
    using Write = std::function<std::string(vitrine::Generator&)>;

    TextSamples(const vitrine::data::CharTokenizer& tokenizer, Write write, std::string folder, std::int64_t seed)
        : tokenizer_(tokenizer), write_(std::move(write)), folder_(std::move(folder)), seed_(seed) {}

    void on_epoch_end(vitrine::models::Trainer& trainer) override;
    void save(vitrine::data::Checkpoint& to) const override;
    void load(const vitrine::data::Checkpoint& from, const std::string& file) override;
    const std::string& last() const { return last_; }

private:
    const vitrine::data::CharTokenizer& tokenizer_;
    Write write_;
    std::string folder_;
    std::int64_t seed_;
    std::string last_, all_;
};

/// A note of a checkpoint read from `file`. Throws IoError when it is not there.
const std::string& checkpoint_note(const vitrine::data::Checkpoint& from, const std::string& name,
                                   const std::string& file);
/// The same, a whole number of 1 or more.
std::int64_t checkpoint_number(const vitrine::data::Checkpoint& from, const std::string& name, const std::string& file);
