// Ready-made callbacks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "trainer.h"
#include "vitrine/data/tensorboard.h"
#include "vitrine/optim/ema.h"
#include "vitrine/optim/plateau.h"

namespace vitrine::models {

/// Calls a function after each step: `trainer.add(EachStep([](Trainer& t) { std::cout << t.loss() << '\n'; }))`.
class EachStep final : public Callback {
public:
    explicit EachStep(std::function<void(Trainer&)> call) : call_(std::move(call)) {}
    void on_step(Trainer& trainer) override { call_(trainer); }

private:
    std::function<void(Trainer&)> call_;
};

/// Calls a function after each epoch, when trainer.history().back() is that epoch.
class EachEpoch final : public Callback {
public:
    explicit EachEpoch(std::function<void(Trainer&)> call) : call_(std::move(call)) {}
    void on_epoch_end(Trainer& trainer) override { call_(trainer); }

private:
    std::function<void(Trainer&)> call_;
};

/// The best value of a score so far, as several callbacks look for it.
class Best {
public:
    Best(std::string score, bool smaller_is_better) : score_(std::move(score)), smaller_(smaller_is_better) {}
    /// True when the last epoch is better than all before. Throws Error when it has no such score; NaN is never better.
    bool improved(const Trainer& trainer, double min_delta = 0);
    const std::string& score() const { return score_; }

    void save(data::Metadata& notes, const std::string& key) const;
    void load(const data::Checkpoint& saved, const std::string& key, const std::string& file);

private:
    std::string score_;
    bool smaller_;
    bool any_ = false;
    double value_ = 0;
};

struct EarlyStopOptions {
    std::string score = "val_loss";
    std::int64_t patience = 5;  ///< >= 0: so many epochs in a row may be no better; the next ends training
    double min_delta = 0;       ///< >= 0: what better is at least
    bool smaller_is_better = true;
};

/// Ends training when a score no longer gets better.
class EarlyStop final : public Callback {
public:
    explicit EarlyStop(EarlyStopOptions options = {}, Site site = Site::here());
    void on_epoch_end(Trainer& trainer) override;
    void save(data::Checkpoint& to) const override;
    void load(const data::Checkpoint& from, const std::string& file) override;
    std::int64_t bad_epochs() const { return bad_; }  ///< in a row

private:
    EarlyStopOptions options_;
    Best best_;
    std::int64_t bad_ = 0;
};

/// Gives optim::Plateau a score after each epoch, and keeps its state in checkpoints. The Plateau must outlive it.
class LowerOnPlateau final : public Callback {
public:
    explicit LowerOnPlateau(optim::Plateau& plateau, std::string score = "val_loss")
        : plateau_(plateau), score_(std::move(score)) {}
    void on_epoch_end(Trainer& trainer) override;
    void save(data::Checkpoint& to) const override;
    void load(const data::Checkpoint& from, const std::string& file) override;

private:
    optim::Plateau& plateau_;
    std::string score_;
};

/// Takes the weights into the running means of an optim::EMA after each step, and keeps the means in checkpoints. For
/// validation with the means: `optim::UseMeans means(ema);` in fit's third argument. The EMA must outlive it.
class AverageWeights final : public Callback {
public:
    explicit AverageWeights(optim::EMA& ema) : ema_(ema) {}
    void on_step(Trainer&) override { ema_.update(); }
    void save(data::Checkpoint& to) const override;
    void load(const data::Checkpoint& from, const std::string& file) override;

private:
    optim::EMA& ema_;
};

struct CheckpointsOptions {
    std::string folder = {};       ///< made when missing
    std::int64_t every_steps = 0;  ///< also after each so many steps; 0: after each epoch alone
    std::int64_t keep = 0;         ///< so many of the last epochs keep a file of their own
    std::string best = {};         ///< the score by which the best epoch keeps a file of its own; empty: none does
    bool smaller_is_better = true;
};

/// Writes into `folder`, each file at once or not at all:
///
///     checkpoint.safetensors         the latest: what Trainer::resume wants
///     best.safetensors               that of the epoch with the best score
///     epoch-00012.safetensors        the last `keep` epochs
class Checkpoints final : public Callback {
public:
    /// Throws Error for an option out of range.
    explicit Checkpoints(CheckpointsOptions options, Site site = Site::here());
    std::string latest() const { return options_.folder + "/checkpoint.safetensors"; }

    void on_fit_begin(Trainer& trainer) override;
    void on_step_done(Trainer& trainer) override;
    void on_epoch_done(Trainer& trainer) override;
    void on_fit_end(Trainer& trainer) override;
    void save(data::Checkpoint& to) const override;
    void load(const data::Checkpoint& from, const std::string& file) override;

private:
    void remove_old(std::int64_t epoch) const;

    CheckpointsOptions options_;
    Site site_;
    Best best_;
};

/// Rewrites a CSV file after each epoch: epoch, steps and the scores of every epoch so far.
class CsvLog final : public Callback {
public:
    explicit CsvLog(std::string path) : path_(std::move(path)) {}
    void on_epoch_end(Trainer& trainer) override;

private:
    std::string path_;
};

/// Writes an event file for TensorBoard: the loss after each `every_steps` steps, every score after each epoch. A
/// resumed run voids what a killed one wrote beyond its checkpoint.
class TensorBoardLog final : public Callback {
public:
    explicit TensorBoardLog(std::string folder, std::int64_t every_steps = 10, Site site = Site::here());
    void on_fit_begin(Trainer& trainer) override;
    void on_step(Trainer& trainer) override;
    void on_epoch_end(Trainer& trainer) override;
    /// For pictures, histograms and text of one's own; opened when fit begins, null before.
    data::TensorBoardWriter* writer() { return writer_.get(); }

private:
    std::string folder_;
    std::int64_t every_steps_;
    std::unique_ptr<data::TensorBoardWriter> writer_;
};

}  // namespace vitrine::models
