// Lowering the learning rate when a metric no longer gets better.
#pragma once

#include <cstdint>

#include "optimizer.h"

namespace vitrine::optim {

struct PlateauOptions {
    double factor = 0.1;         ///< in [0, 1): what rates are multiplied by
    std::int64_t patience = 10;  ///< >= 0: so many metrics in a row may be no better; the next lowers the rate
    double threshold = 1e-4;     ///< >= 0: better is below best (1 - threshold), or best - threshold if not relative
    bool relative = true;
    bool maximize = false;      ///< the metric is to rise: above best (1 + threshold), or best + threshold
    std::int64_t cooldown = 0;  ///< >= 0: so many metrics after a change do not count as bad
    double min_lr = 0;          ///< >= 0
    double eps = 1e-8;          ///< >= 0: a change of a rate that is not larger is left out
};

/// Once an epoch: `plateau.step(validation_loss)`. As torch.optim.lr_scheduler.ReduceLROnPlateau. The optimizer must
/// outlive it.
class Plateau {
public:
    /// Throws Error for an option out of range.
    explicit Plateau(Optimizer& optimizer, PlateauOptions options = {}, Site site = Site::here());

    /// Takes a new value of the metric; true when it lowered the rates. NaN is never better.
    bool step(double metric, Site site = Site::here());
    /// The best metric so far: infinity (minus infinity when maximizing) before the first.
    double best() const { return best_; }

    /// The best metric and the counts; the rates themselves are the optimizer's state.
    StateDict state_dict() const;
    /// Throws Error, and changes nothing, if a name is unknown or missing or a count negative.
    void load_state_dict(const StateDict& dict, Site site = Site::here());

private:
    bool is_better(double metric) const;
    bool lower(Site site);

    Optimizer& optimizer_;
    PlateauOptions options_;
    double best_;
    std::int64_t bad_ = 0, cooling_ = 0;
};

}  // namespace vitrine::optim
