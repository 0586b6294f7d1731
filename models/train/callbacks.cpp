#include "callbacks.h"

#include <set>

#include "run_notes.h"
#include "vitrine/core/operand.h"
#include "vitrine/data/file_writer.h"

namespace vitrine::models {

// ---- Best

bool Best::improved(const Trainer& trainer, double min_delta) {
    const Scores& scores = trainer.history().back().scores;
    const auto found = scores.find(score_);
    if (found == scores.end()) {
        std::string names;
        for (const auto& [name, value] : scores) names += (names.empty() ? "" : ", ") + name;
        throw Error(join("Trainer: no score \"", score_, "\"; there are ", names));
    }
    const double now = found->second;
    const bool better = any_ ? (smaller_ ? now < value_ - min_delta : now > value_ + min_delta) : now == now;
    if (better) any_ = true, value_ = now;
    return better;
}

void Best::save(data::Metadata& notes, const std::string& key) const { notes[key] = any_ ? text_of(value_) : "none"; }

void Best::load(const data::Checkpoint& saved, const std::string& key, const std::string& file) {
    const std::string& text = note(saved, key, file);
    any_ = text != "none";
    value_ = any_ ? number(text, file) : 0;
}

// ---- EarlyStop

EarlyStop::EarlyStop(EarlyStopOptions options, Site site)
    : options_(std::move(options)), best_(options_.score, options_.smaller_is_better) {
    const Call call("EarlyStop", site);
    call.check(options_.patience >= 0, "patience ", options_.patience, "; allowed are 0 and more");
    call.check(options_.min_delta >= 0, "min_delta ", options_.min_delta, "; allowed are 0 and more");
}

void EarlyStop::on_epoch_end(Trainer& trainer) {
    bad_ = best_.improved(trainer, options_.min_delta) ? 0 : bad_ + 1;
    if (bad_ > options_.patience) trainer.stop();
}

void EarlyStop::save(data::Checkpoint& to) const {
    best_.save(to.notes, "early_stop.best");
    to.notes["early_stop.bad"] = std::to_string(bad_);
}

void EarlyStop::load(const data::Checkpoint& from, const std::string& file) {
    best_.load(from, "early_stop.best", file);
    bad_ = whole_number(note(from, "early_stop.bad", file), file);
}

// ---- LowerOnPlateau

void LowerOnPlateau::on_epoch_end(Trainer& trainer) {
    const Scores& scores = trainer.history().back().scores;
    const auto found = scores.find(score_);
    if (found == scores.end()) throw Error(join("LowerOnPlateau: no score \"", score_, '"'));
    plateau_.step(found->second);
}

void LowerOnPlateau::save(data::Checkpoint& to) const { add_extra(to, "plateau.", plateau_.state_dict()); }

void LowerOnPlateau::load(const data::Checkpoint& from, const std::string&) {
    plateau_.load_state_dict(extra(from, "plateau."));
}

// ---- AverageWeights

void AverageWeights::save(data::Checkpoint& to) const { add_extra(to, "ema.", ema_.state_dict()); }

void AverageWeights::load(const data::Checkpoint& from, const std::string&) {
    ema_.load_state_dict(extra(from, "ema."));
}

// ---- CsvLog

void CsvLog::on_epoch_end(Trainer& trainer) {
    std::set<std::string> names;
    for (const Epoch& e : trainer.history())
        for (const auto& [name, score] : e.scores) names.insert(name);
    std::string text = "epoch,steps";
    for (const std::string& name : names) text += "," + name;
    text += "\n";
    for (const Epoch& e : trainer.history()) {
        text += join(e.epoch, ',', e.steps);
        for (const std::string& name : names) text += "," + (e.scores.contains(name) ? text_of(e.scores.at(name)) : "");
        text += "\n";
    }
    data::write_file(path_, text);
}

// ---- TensorBoardLog

TensorBoardLog::TensorBoardLog(std::string folder, std::int64_t every_steps, Site site)
    : folder_(std::move(folder)), every_steps_(every_steps) {
    Call("TensorBoardLog", site).check(every_steps >= 1, "every_steps ", every_steps, "; allowed are 1 and more");
}

void TensorBoardLog::on_fit_begin(Trainer& trainer) {
    writer_ = std::make_unique<data::TensorBoardWriter>(
        folder_, data::TensorBoardOptions{.purge_step = trainer.steps() > 0 ? trainer.steps() + 1 : -1});
}

void TensorBoardLog::on_step(Trainer& trainer) {
    if (trainer.steps() % every_steps_ == 0) writer_->scalar("loss", trainer.loss(), trainer.steps());
}

void TensorBoardLog::on_epoch_end(Trainer& trainer) {
    for (const auto& [name, score] : trainer.history().back().scores) writer_->scalar(name, score, trainer.steps());
}

}  // namespace vitrine::models
