#include "trainer.h"

#include <algorithm>
#include <cmath>

#include "nan_guard.h"
#include "run_notes.h"
#include "vitrine/core/anomaly.h"
#include "vitrine/core/operand.h"
#include "vitrine/optim/clip.h"

namespace vitrine::models {

Trainer::Trainer(nn::AnyModule& model, optim::Optimizer& optimizer, TrainerOptions options, Site site)
    : model_(model), optimizer_(optimizer), options_(std::move(options)), site_(site) {
    const Call call("Trainer", site);
    call.check(options_.epochs >= 0, "epochs ", options_.epochs, "; allowed are 0 and more");
    call.check(options_.steps >= 0, "steps ", options_.steps, "; allowed are 0 and more");
    call.check(options_.accumulate >= 1, "accumulate ", options_.accumulate, "; allowed are 1 and more");
    call.check(options_.clip_norm >= 0, "clip_norm ", options_.clip_norm, "; allowed are 0 and more");
    call.check(options_.clip_value >= 0, "clip_value ", options_.clip_value, "; allowed are 0 and more");
}

Trainer::~Trainer() = default;

Trainer::Evaluating::Evaluating(nn::AnyModule& model) {
    for (const auto& [name, module] : model.named_modules()) modes_.emplace_back(module, module->is_training());
    model.eval();
}

// Outer modules come first, so that what they set inside is put right afterwards.
Trainer::Evaluating::~Evaluating() {
    for (const auto& [module, training] : modes_) module->train(training);
}

// ---- the loop's parts

void Trainer::begin_fit(const LoaderHandle& loader, Site site) {
    site_ = site;
    stopped_ = false;
    accumulated_ = 0;
    batches_ = loader.size;
    if (resumed_) {
        default_generator().set_state(resumed_->generator);
        loader.restore(resumed_->loader);
        resumed_.reset();
        position_ = loader.state();
    } else {
        means_ = {};
        position_ = loader.state();
        const bool epoch_done = batches_ > 0 && position_.batches >= batches_;
        if (epoch_done) position_ = {position_.seed, position_.epoch + 1, 0};
        loader.restore(position_);  // what is left of an epoch that was begun comes first
    }
    model_.train();
    for (const auto& callback : callbacks_) callback->on_fit_begin(*this);
}

bool Trainer::finished() const {
    return stopped_ || (options_.steps > 0 && steps_ >= options_.steps) || position_.epoch >= options_.epochs;
}

void Trainer::train_on(const RunStep& step, const LoaderHandle& loader) {
    if (accumulated_ == 0) {
        optimizer_.zero_grad();
        last_examples_ = 0;
    }
    add_to(means_, backward(step));
    const data::LoaderState now = loader.state();
    const bool last = now.batches >= loader.size;
    if (++accumulated_ < options_.accumulate && !last) return;

    step_optimizer(accumulated_, step);
    if (schedule_) schedule_->step(site_);
    ++steps_;
    accumulated_ = 0;
    position_ = now;
    for (const auto& callback : callbacks_) callback->on_step(*this);
    for (const auto& callback : callbacks_) callback->on_step_done(*this);
}

// Left because the batches were at an end, or with the last of them.
bool Trainer::epoch_is_over(const LoaderHandle& loader) const {
    const data::LoaderState now = loader.state();
    return now.epoch > position_.epoch || now.batches >= loader.size;
}

void Trainer::end_epoch(const std::function<Scores()>& validate) {
    Epoch done{position_.epoch + 1, steps_, {{"lr", optimizer_.lr()}}};
    for (const auto& [name, mean] : means_.means()) done.scores["train_" + name] = mean;
    if (validate)
        for (const auto& [name, score] : validate()) done.scores[options_.validation + "_" + name] = score;
    history_.push_back(std::move(done));
    means_ = {};
    position_ = {position_.seed, position_.epoch + 1, 0};
    for (const auto& callback : callbacks_) callback->on_epoch_end(*this);
    for (const auto& callback : callbacks_) callback->on_epoch_done(*this);
}

void Trainer::end_fit() {
    for (const auto& callback : callbacks_) callback->on_fit_end(*this);
}

double Trainer::overfit_step(const RunStep& step) {
    optimizer_.zero_grad();
    backward(step);
    step_optimizer(1, step);
    return last_loss_;
}

// ---- one step

void Trainer::add_to(RunningScores& means, const StepResult& result) {
    Scores scores = result.scores;
    scores["loss"] = result.loss.item<double>(site_);
    means.add(scores, static_cast<double>(result.examples), site_);
}

StepResult Trainer::backward(const RunStep& step) {
    if (options_.guard) before_step_ = default_generator().get_state();
    StepResult result = step();
    Call("Trainer", site_).check(result.loss.defined(), "the step returned an undefined loss");
    last_loss_ = result.loss.item<double>(site_);
    last_examples_ += result.examples;
    if (options_.guard && !std::isfinite(last_loss_)) fail_not_finite("loss", last_loss_, step);
    result.loss.backward({}, site_);
    return result;
}

void Trainer::step_optimizer(std::int64_t batches, const RunStep& step) {
    double scale = 1 / static_cast<double>(batches);
    if (options_.clip_value > 0) optim::clip_grad_value_(optimizer_.parameters(), options_.clip_value / scale, site_);
    if (options_.guard || options_.clip_norm > 0) {
        const double norm = optim::grad_norm(optimizer_.parameters(), site_) * scale;
        if (options_.guard && !std::isfinite(norm)) fail_not_finite("gradient's norm", norm, step);
        if (options_.clip_norm > 0) scale *= std::min(1.0, options_.clip_norm / (norm + 1e-6));
    }
    optimizer_.step(scale, site_);
}

// The step once more, with the same random numbers, in anomaly mode: it throws where the first one is made.
void Trainer::fail_not_finite(const char* what, double value, const RunStep& step) {
    const Call call("Trainer", site_);
    const std::string where =
        join("the ", what, " is ", std::isnan(value) ? std::fabs(value) : value, " in step ", steps_ + 1, ": ");
    if (const std::string name = parameter_not_finite(model_); !name.empty())
        call.fail(join(where, "parameter ", name, " was not finite before it"));
    const std::string gradient = gradient_not_finite(model_);
    default_generator().set_state(before_step_);
    try {
        const DetectAnomaly look({.inf = !std::isnan(value)});
        step().loss.backward({}, site_);
    } catch (const Error& first) {
        call.fail(where + first.what());
    }
    call.fail(join(where, "no op of the same step makes one again; the gradient of ", gradient, " holds one"));
}

// ---- checkpoints

data::Checkpoint Trainer::checkpoint() {
    data::Checkpoint saved{.model = model_.state_dict(),
                           .optimizer = optimizer_.state_dict(),
                           .generator = default_generator().get_state(),
                           .loader = position_};
    if (schedule_) saved.schedule = schedule_->state_dict();
    saved.notes["trainer.steps"] = std::to_string(steps_);
    saved.notes["trainer.means"] = text_of(means_);
    saved.notes["trainer.history"] = text_of(history_);
    for (const auto& callback : callbacks_) callback->save(saved);
    return saved;
}

void Trainer::resume(const std::string& path, Site site) {
    const data::Checkpoint saved = data::load_checkpoint(path, site);
    const std::int64_t steps = whole_number(note(saved, "trainer.steps", path), path);
    RunningScores means = means_from(note(saved, "trainer.means", path), path);
    std::vector<Epoch> history = history_from(note(saved, "trainer.history", path), path);

    for (const auto& callback : callbacks_) callback->load(saved, path);
    model_.load_state_dict(saved.model, true, site);
    optimizer_.load_state_dict(saved.optimizer, site);
    if (schedule_) schedule_->load_state_dict(saved.schedule, site);
    steps_ = steps;
    means_ = std::move(means);
    history_ = std::move(history);
    position_ = saved.loader;
    resumed_ = {saved.generator, saved.loader};
}

}  // namespace vitrine::models
