// Changing an optimizer's learning rate while it trains.
#pragma once

#include <cstdint>
#include <vector>

#include "curve.h"
#include "optimizer.h"

namespace vitrine::optim {

/// Gives each of an optimizer's groups the learning rate that a curve has for the step to come:
///
///     optim::SGD sgd(net.parameters(), {.lr = 0.1, .momentum = 0.9, .nesterov = true});
///     optim::Schedule schedule(sgd, optim::OneCycle{.steps = 2400});
///     ...
///     sgd.step();
///     schedule.step();
///
/// The base rate of a group is the one it has when the schedule is made. The rate is a function of the step alone, not
/// of the rate before: nothing drifts, and a restored run has the same bits. The optimizer must outlive the schedule.
class Schedule {
public:
    /// Sets the rate of step 0. Throws Error for a field of the curve out of range, and where the curve moves a
    /// momentum that the optimizer has not.
    Schedule(Optimizer& optimizer, Curve curve, Site site = Site::here());

    /// After the optimizer's step: sets the rate of the next one. Throws Error, and changes nothing, if the curve gives
    /// a rate that is negative or not finite.
    void step(Site site = Site::here());
    std::int64_t steps() const { return t_; }

    /// The number of steps taken and the base rates, for a checkpoint beside the optimizer's.
    StateDict state_dict() const;
    /// Goes on from such a state, and sets the rates that belong to it. Throws Error, and changes nothing, if a name is
    /// unknown or missing or a number out of range.
    void load_state_dict(const StateDict& dict, Site site = Site::here());

private:
    void move_to(const Call& call, std::int64_t t, const std::vector<double>& base);

    Optimizer& optimizer_;
    Curve curve_;
    std::int64_t t_ = 0;
    std::vector<double> base_;  // one a group
};

}  // namespace vitrine::optim
