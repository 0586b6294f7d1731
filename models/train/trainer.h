// The loop around a training step that the user writes.
//
//     optim::Adam adam(net.parameters());
//     models::Trainer trainer(net, adam, {.epochs = 5});
//     auto step = [&](auto& batch) { return cross_entropy(net(batch.x), batch.y); };
//     trainer.fit(train, step, [&] { return trainer.evaluate(test, step); });
//
// What fit() does, without the bookkeeping:
//
//     for each epoch:
//         for each batch:   loss = step(batch);  loss.backward();  optimizer.step();  callbacks
//         scores = validate();                                                        callbacks
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "callback.h"
#include "metrics.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/data/dataset.h"
#include "vitrine/nn/any_module.h"
#include "vitrine/optim/schedule.h"

namespace vitrine::models {

struct TrainerOptions {
    std::int64_t epochs = 1;      ///< fit ends when the loader has finished so many, those before a resume included
    std::int64_t steps = 0;       ///< and after so many steps of the optimizer in all; 0: no such end
    std::int64_t accumulate = 1;  ///< batches whose gradients are averaged for one step
    double clip_norm = 0;         ///< gradients are scaled down to this 2-norm; 0: they are not
    double clip_value = 0;        ///< and before that each of their elements to +-this; 0: they are not
    /// Stop with an Error that names the op which first made a NaN or an infinity, before the optimizer sees it.
    bool guard = true;
    std::string validation = "val";  ///< what the scores of fit's third argument are called: val_loss, ...
};

/// What the user's step makes of a batch. A lambda that returns the loss alone will do.
struct StepResult {
    StepResult(Tensor of_batch, Scores means = {}, std::int64_t weight = 0)  // NOLINT: implicit
        : loss(std::move(of_batch)), scores(std::move(means)), examples(weight) {}
    Tensor loss;            ///< one element
    Scores scores;          ///< means over the batch, e.g. {{"accuracy", 0.9}}: averaged over an epoch like the loss
    std::int64_t examples;  ///< what the batch weighs in these means; 0: the first size of the batch's first tensor
};

/// An epoch that is over.
struct Epoch {
    std::int64_t epoch = 0;  ///< its number, from 1
    std::int64_t steps = 0;  ///< of the optimizer, since training began
    Scores scores;           ///< train_loss, lr, val_loss, ...: means over the epoch; lr as the epoch ended
};

class Trainer {
public:
    /// Model and optimizer must outlive the trainer. Throws Error for an option out of range.
    Trainer(nn::AnyModule& model, optim::Optimizer& optimizer, TrainerOptions options = {}, Site site = Site::here());
    ~Trainer();
    Trainer(const Trainer&) = delete;
    Trainer& operator=(const Trainer&) = delete;

    /// Keeps a callback: `trainer.add(EarlyStop({.patience = 3}))`.
    template <std::derived_from<Callback> C>
    C& add(C callback) {
        auto kept = std::make_unique<C>(std::move(callback));
        C& added = *kept;
        callbacks_.push_back(std::move(kept));
        return added;
    }
    /// Takes a step of the schedule after each step of the optimizer. It must outlive the trainer.
    void set_schedule(optim::Schedule& schedule) { schedule_ = &schedule; }

    /// Trains until the loader has finished options.epochs epochs, in training mode. `step(batch)` returns the loss or
    /// a StepResult; `validate()`, called after each epoch, the scores to put beside those of training. What is left of
    /// an epoch that the loader has begun comes first. The loader is a data::DataLoader or has its begin, end, size,
    /// state and restore. Throws Error when a loss has more than one element or, with options.guard, is not finite;
    /// model and optimizer are then as after the last whole step.
    template <class Loader, class Step>
    const std::vector<Epoch>& fit(Loader& loader, Step&& step, const std::function<Scores()>& validate = {},
                                  Site site = Site::here()) {
        const LoaderHandle handle{loader.size(), [&] { return loader.state(); },
                                  [&](const data::LoaderState& state) { loader.restore(state, site); }};
        begin_fit(handle, site);
        while (!finished()) {
            for (auto& batch : loader) {
                train_on([&] { return result_of(step(batch), batch); }, handle);
                if (finished()) break;
            }
            if (epoch_is_over(handle)) end_epoch(validate);
        }
        end_fit();
        return history_;
    }

    /// The means of the loss ("loss") and of step's scores over a loader, in eval mode, without recording.
    template <class Loader, class Step>
    Scores evaluate(Loader&& loader, Step&& step) {
        const Evaluating evaluating(model_);
        RunningScores means;
        for (auto& batch : loader) add_to(means, result_of(step(batch), batch));
        return means.means();
    }

    /// What `forward(batch)`, a tensor with the examples along its first dimension, gives for every batch: joined, on
    /// the cpu, in eval mode, without recording.
    template <class Loader, class Forward>
    Tensor predict(Loader&& loader, Forward&& forward) {
        const Evaluating evaluating(model_);
        std::vector<Tensor> parts;
        for (auto& batch : loader) parts.push_back(forward(batch).to(Device::cpu));
        return cat(parts);
    }

    /// Takes `steps` steps on one batch and returns their losses. They should fall to almost nothing: a model that
    /// cannot learn one batch by heart has a mistake in it. Changes model and optimizer; calls no callback.
    template <class Batch, class Step>
    std::vector<double> overfit_batch(Batch&& batch, Step&& step, std::int64_t steps = 100, Site site = Site::here()) {
        site_ = site;
        std::vector<double> losses;
        model_.train();
        while (static_cast<std::int64_t>(losses.size()) < steps)
            losses.push_back(overfit_step([&] { return result_of(step(batch), batch); }));
        return losses;
    }

    // ---- for callbacks and afterwards
    const std::vector<Epoch>& history() const { return history_; }
    const TrainerOptions& options() const { return options_; }
    std::int64_t steps() const { return steps_; }               ///< of the optimizer, since training began
    std::int64_t epoch() const { return position_.epoch + 1; }  ///< the one that is running, from 1
    std::int64_t batch() const { return position_.batches; }    ///< of this epoch, how many are done
    std::int64_t batches() const { return batches_; }           ///< in an epoch
    std::int64_t examples() const { return last_examples_; }    ///< of the last step's batches
    double loss() const { return last_loss_; }                  ///< of the last batch
    Scores scores() const { return means_.means(); }            ///< means over this epoch so far
    nn::AnyModule& model() { return model_; }
    optim::Optimizer& optimizer() { return optimizer_; }
    /// Makes fit return after the step or epoch at hand.
    void stop() { stopped_ = true; }

    /// All that the run depends on: model, optimizer, schedule, generator, the loader's position, history, the
    /// callbacks' own. Complete after each step of the optimizer, that is in on_step_done and later.
    data::Checkpoint checkpoint();
    /// Goes on from a checkpoint that such a trainer wrote: model, optimizer, schedule and callbacks (those added so
    /// far) at once, generator and loader when fit begins. With the same program and data the run then ends with the
    /// same bits as one that never stopped. Throws IoError for another file, Error when model or optimizer do not fit.
    void resume(const std::string& path, Site site = Site::here());

private:
    /// What fit needs of a loader of any type.
    struct LoaderHandle {
        std::int64_t size;
        std::function<data::LoaderState()> state;
        std::function<void(const data::LoaderState&)> restore;
    };
    /// While one lives the model is in eval mode and nothing is recorded; then every module has its mode again.
    class Evaluating {
    public:
        explicit Evaluating(nn::AnyModule& model);
        ~Evaluating();
        Evaluating(const Evaluating&) = delete;
        Evaluating& operator=(const Evaluating&) = delete;

    private:
        std::vector<std::pair<nn::AnyModule*, bool>> modes_;
        NoGrad no_grad_;
    };
    using RunStep = std::function<StepResult()>;

    template <class Batch>
    static StepResult result_of(StepResult result, Batch& batch) {
        if (result.examples == 0) result.examples = data::fields_of(batch)[0]->size(0);
        return result;
    }

    void begin_fit(const LoaderHandle& loader, Site site);
    void train_on(const RunStep& step, const LoaderHandle& loader);
    bool epoch_is_over(const LoaderHandle& loader) const;
    void end_epoch(const std::function<Scores()>& validate);
    void end_fit();
    bool finished() const;

    double overfit_step(const RunStep& step);
    void add_to(RunningScores& means, const StepResult& result);
    /// Runs step and backward, adding to the gradients; the loss is then in last_loss_.
    StepResult backward(const RunStep& step);
    /// Steps on the mean of `batches` batches' gradients; `step` is what to run again to find a NaN.
    void step_optimizer(std::int64_t batches, const RunStep& step);
    [[noreturn]] void fail_not_finite(const char* what, double value, const RunStep& step);

    nn::AnyModule& model_;
    optim::Optimizer& optimizer_;
    TrainerOptions options_;
    std::vector<std::unique_ptr<Callback>> callbacks_;
    optim::Schedule* schedule_ = nullptr;
    Site site_;

    std::vector<Epoch> history_;
    RunningScores means_;         // of this epoch
    data::LoaderState position_;  // of what the optimizer has seen
    std::int64_t batches_ = 0, steps_ = 0, accumulated_ = 0, last_examples_ = 0;
    double last_loss_ = 0;
    bool stopped_ = false;
    struct Pending {
        GeneratorState generator;
        data::LoaderState loader;
    };
    std::optional<Pending> resumed_;  // until fit begins
    GeneratorState before_step_;      // the generator's, for running it again
};

}  // namespace vitrine::models
