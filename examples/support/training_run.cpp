#include "training_run.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>

#include "progress.h"
#include "vitrine/data/file_writer.h"

namespace vt = vitrine;
using vt::models::Epoch;
using vt::models::Scores;
using vt::models::Trainer;

namespace {

std::string text_of(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", value);
    return text;
}

Settings with_common(Settings own, const TrainOptions& options) {
    own["data"] = options.data;
    own["batch"] = std::to_string(options.batch);
    own["seed"] = std::to_string(options.seed);
    own["lr"] = text_of(options.lr);
    return own;
}

// "train loss 0.2131  test accuracy 0.9712": training's scores first, without the learning rate.
std::string text_of(const Scores& scores) {
    std::string train, rest;
    for (const auto& [name, score] : scores) {
        if (name == "lr") continue;
        char text[100];
        std::snprintf(text, sizeof text, "  %s %.4g", name.c_str(), score);
        (name.starts_with("train_") ? train : rest) += text;
    }
    std::string text = train + rest;
    std::ranges::replace(text, '_', ' ');
    return text;
}

std::string metrics_of(const std::vector<Epoch>& history) {
    std::string lines;
    for (const Epoch& e : history) {
        nlohmann::ordered_json line = {{"epoch", e.epoch}, {"step", e.steps}};
        for (const auto& [name, score] : e.scores) line[name] = score;
        lines += line.dump() + "\n";
    }
    return lines;
}

const std::string& noted(const vt::data::Checkpoint& saved, const std::string& name, const std::string& file) {
    const auto found = saved.notes.find(name);
    if (found == saved.notes.end())
        throw vt::IoError(file + ": no \"" + name + "\" in it; needed is a checkpoint of an example program");
    return found->second;
}

}  // namespace

vt::models::TrainerOptions trainer_options(const TrainOptions& options) {
    return {.epochs = options.epochs, .steps = options.steps, .validation = "test"};
}

/// The callback that shows the run, writes metrics.jsonl, and keeps the settings in the checkpoint.
class TrainingRun::Shown final : public vt::models::Callback {
public:
    Shown(std::string example, const TrainOptions& options, std::string unit, Settings settings)
        : example_(std::move(example)), options_(options), unit_(std::move(unit)), settings_(std::move(settings)) {}

    void on_fit_begin(Trainer& t) override {
        std::filesystem::create_directories(options_.out);
        const std::int64_t each = t.options().accumulate, steps_an_epoch = (t.batches() + each - 1) / each;
        const std::int64_t all = options_.steps > 0 ? options_.steps : options_.epochs * steps_an_epoch;
        progress_ = std::make_unique<Progress>(messages(options_), all - t.steps(), unit_);
    }
    void on_step(Trainer& t) override {
        const std::string label = vt::join("epoch ", t.epoch(), "/", options_.epochs);
        progress_->step(label, t.scores().at("loss"), t.examples());
        if (first_losses_.size() < 5) first_losses_.push_back(t.loss());
    }
    void on_epoch_end(Trainer& t) override {
        char rate[80];
        std::snprintf(rate, sizeof rate, "  %.0f %s/s  %s", progress_->per_second(), unit_.c_str(),
                      clock_time(progress_->seconds()).c_str());
        const Epoch& e = t.history().back();
        line(vt::join("epoch ", e.epoch, "/", options_.epochs, text_of(e.scores), rate));
        vt::data::write_file(options_.out + "/metrics.jsonl", metrics_of(t.history()));
    }
    void on_fit_end(Trainer&) override {
        seconds_ = progress_->seconds();
        per_second_ = progress_->per_second();
        line("what this run has written is in " + options_.out);
    }

    void save(vt::data::Checkpoint& to) const override {
        to.notes["example"] = example_;
        for (const auto& [name, value] : settings_) to.notes["option." + name] = value;
    }
    void load(const vt::data::Checkpoint& from, const std::string& file) override {
        if (noted(from, "example", file) != example_)
            throw vt::Error(file + ": is a checkpoint of " + from.notes.at("example") + ", not of " + example_);
        for (const auto& [name, value] : settings_)
            if (const std::string& then = noted(from, "option." + name, file); then != value)
                throw vt::Error(file + ": was made with --" + name + " " + then + "; this run has " + value);
    }

    void line(const std::string& text) {
        if (progress_)
            progress_->line(text);
        else
            messages(options_) << text << std::endl;
    }
    double seconds() const { return seconds_; }
    double per_second() const { return per_second_; }
    const std::vector<double>& first_losses() const { return first_losses_; }

private:
    std::string example_;
    const TrainOptions& options_;
    std::string unit_;
    Settings settings_;
    std::unique_ptr<Progress> progress_;
    double seconds_ = 0, per_second_ = 0;
    std::vector<double> first_losses_;
};

TrainingRun::TrainingRun(std::string example, const TrainOptions& options, Trainer& trainer, Settings own,
                         std::string unit)
    : example_(std::move(example)),
      options_(options),
      trainer_(trainer),
      shown_(&trainer.add(Shown(example_, options, std::move(unit), with_common(std::move(own), options)))) {
    if (options.tensorboard) tensorboard_ = &trainer.add(vt::models::TensorBoardLog(options.out));
    trainer.add(vt::models::Checkpoints({.folder = options.out, .every_steps = options.save_every}));
}

void TrainingRun::line(const std::string& text) { shown_->line(text); }

nlohmann::ordered_json TrainingRun::result() const {
    const auto& history = trainer_.history();
    nlohmann::ordered_json result = {{"example", example_},
                                     {"device", options_.device},
                                     {"data", options_.data},
                                     {"epochs", history.size()},
                                     {"steps", trainer_.steps()}};
    if (!history.empty())
        for (const auto& [name, score] : history.back().scores) result[name] = score;
    for (const auto& [name, score] : unfinished_) result[trainer_.options().validation + "_" + name] = score;
    result["first_losses"] = shown_->first_losses();
    result["seconds"] = shown_->seconds();
    result["samples_per_second"] = shown_->per_second();
    result["seed"] = options_.seed;
    result["threads"] = vt::num_threads();
    result["out"] = options_.out;
    return result;
}
