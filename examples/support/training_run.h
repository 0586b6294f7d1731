// What a training program has around its Trainer: a progress line, metrics.jsonl, pictures' place in TensorBoard,
// checkpoints, --resume, and the last line of JSON.
//
//     models::Trainer trainer(net, adam, trainer_options(options));
//     TrainingRun run("mnist_mlp", options, trainer);
//     run.fit(train, step, [&] { return trainer.evaluate(test, step); });
//     print_result(options, run.result());
#pragma once

#include <functional>
#include <map>
#include <string>

#include "train_options.h"

/// --epochs and --steps as a Trainer takes them; the scores of validation are called test_loss, ...
vitrine::models::TrainerOptions trainer_options(const TrainOptions& options);

/// Options that a resumed run must have in common with the one that it resumes, as text.
using Settings = std::map<std::string, std::string>;

class TrainingRun {
public:
    /// Adds its callbacks to `trainer`. A resumed run must have the same --data, --batch, --seed, --lr and `own`
    /// settings. `unit` is what the progress line counts: images, characters. All must outlive the run.
    TrainingRun(std::string example, const TrainOptions& options, vitrine::models::Trainer& trainer, Settings own = {},
                std::string unit = "images");

    /// With --resume goes on from the checkpoint in --out, else starts; then trainer.fit(loader, step, validate). Add
    /// callbacks of your own before.
    template <class Loader, class Step>
    void fit(Loader& loader, Step&& step, const std::function<vitrine::models::Scores()>& validate) {
        if (options_.resume) trainer_.resume(path("checkpoint.safetensors"));
        trainer_.fit(loader, step, validate);
        if (trainer_.history().empty()) unfinished_ = validate();
    }

    /// For the last line: example, device, data, epochs, steps, the scores of the last whole epoch (of a run that ended
    /// in its first, those at its end), first_losses (of this run's first 5 steps), seconds, samples_per_second, seed,
    /// threads, out.
    nlohmann::ordered_json result() const;

    std::string path(const std::string& name) const { return options_.out + "/" + name; }  ///< of a file in --out
    /// Prints a line that stays above the progress line.
    void line(const std::string& text);
    /// Null without --tensorboard, and before fit().
    vitrine::data::TensorBoardWriter* tensorboard() { return tensorboard_ ? tensorboard_->writer() : nullptr; }

private:
    class Shown;

    std::string example_;
    const TrainOptions& options_;
    vitrine::models::Trainer& trainer_;
    Shown* shown_;  // the trainer's
    vitrine::models::TensorBoardLog* tensorboard_ = nullptr;
    vitrine::models::Scores unfinished_;
};
