// What can happen around training: Trainer calls these.
#pragma once

#include "vitrine/data/checkpoint.h"

namespace vitrine::models {

class Trainer;

/// Derive yours, override what you need, and `trainer.add(Mine(...))`. Callbacks are called in the order in which they
/// were added.
class Callback {
public:
    virtual ~Callback() = default;

    virtual void on_fit_begin(Trainer&) {}
    /// After each step of the optimizer.
    virtual void on_step(Trainer&) {}
    /// After each epoch and its validation: trainer.history().back() is that epoch.
    virtual void on_epoch_end(Trainer&) {}
    /// After the two above have been called on every callback: the moment to write a checkpoint.
    virtual void on_step_done(Trainer&) {}
    virtual void on_epoch_done(Trainer&) {}
    /// When fit returns normally.
    virtual void on_fit_end(Trainer&) {}

    /// Adds to a checkpoint what a resumed run needs to know (to its notes or extra tensors, under names of one's own).
    virtual void save(data::Checkpoint&) const {}
    /// Takes it back. `file` is for error texts. Throws IoError when it is not there.
    virtual void load(const data::Checkpoint&, const std::string& /*file*/) {}
};

}  // namespace vitrine::models
