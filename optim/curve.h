// What a learning rate does over time, as a function of the step.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <vector>

#include "vitrine/core/operand.h"

namespace vitrine::optim {

/// The learning rate of each step t = 0, 1, ... of a parameter group whose own ("base") rate is given: one of the
/// structs below, or any function `double(double base, std::int64_t t)`. A struct may also have `momentum(t)`, which
/// gives an optional<double>, and `check(call)`, which throws Error for a field out of range.
class Curve {
public:
    Curve() = default;  ///< the base rate at every step
    template <class F>
    requires(!std::same_as<F, Curve> && std::is_invocable_r_v<double, const F&, double, std::int64_t>) Curve(F f)
        : lr_(f) {  // NOLINT: implicit
        if constexpr (requires(const Call& call) { f.check(call); }) check_ = [f](const Call& call) { f.check(call); };
        if constexpr (requires { f.momentum(std::int64_t{}); })
            momentum_ = [f](std::int64_t t) { return f.momentum(t); };
    }

    double lr(double base, std::int64_t t) const { return lr_ ? lr_(base, t) : base; }
    /// nothing: momentum stays as it is.
    std::optional<double> momentum(std::int64_t t) const { return momentum_ ? momentum_(t) : std::nullopt; }
    void check(const Call& call) const {
        if (check_) check_(call);
    }

private:
    std::function<double(double, std::int64_t)> lr_;
    std::function<std::optional<double>(std::int64_t)> momentum_;
    std::function<void(const Call&)> check_;
};

/// lr = base.
struct Constant {
    double operator()(double base, std::int64_t) const { return base; }
};

/// lr = base gamma^floor(t / step_size). As torch.optim.lr_scheduler.StepLR.
struct StepDecay {
    std::int64_t step_size = 1;  ///< >= 1
    double gamma = 0.1;          ///< >= 0
    double operator()(double base, std::int64_t t) const;
    void check(const Call& call) const;
};

/// lr = base gamma^(number of milestones <= t). As MultiStepLR.
struct MultiStep {
    std::vector<std::int64_t> milestones = {};  ///< >= 0 and rising
    double gamma = 0.1;                         ///< >= 0
    double operator()(double base, std::int64_t t) const;
    void check(const Call& call) const;
};

/// lr = base gamma^t. As ExponentialLR.
struct Exponential {
    double gamma = 0.99;  ///< >= 0
    double operator()(double base, std::int64_t t) const { return base * std::pow(gamma, static_cast<double>(t)); }
    void check(const Call& call) const;
};

/// lr = min_lr + (base - min_lr) (1 + cos(pi t / steps)) / 2 up to t = steps, then min_lr. One period of SGDR:
/// Loshchilov and Hutter, ICLR 2017. As CosineAnnealingLR with T_max = steps and eta_min = min_lr, which beyond T_max
/// would rise again.
struct Cosine {
    std::int64_t steps = 1;  ///< >= 1
    double min_lr = 0;       ///< >= 0
    double operator()(double base, std::int64_t t) const;
    void check(const Call& call) const;
};

enum class Anneal { cosine, linear };

/// From base / div_factor up to base, the highest rate, over the first pct_start of the steps, then down to
/// base / div_factor / final_div_factor at t = steps - 1, where it stays. Meanwhile momentum (beta1 of Adam, AdamW)
/// goes from max_momentum down to base_momentum and back. Smith and Topin, "Super-convergence", 2018. As OneCycleLR
/// with total_steps = steps, max_lr = base and two phases:
///
///     up    t = 0 ... pct_start steps - 1         down  to t = steps - 1
///     p = the part of the phase that is over      cosine  end + (start - end) (1 + cos(pi p)) / 2
///                                                 linear  start + (end - start) p
struct OneCycle {
    std::int64_t steps = 1;         ///< >= 1
    double pct_start = 0.3;         ///< in [0, 1]
    double div_factor = 25;         ///< > 0
    double final_div_factor = 1e4;  ///< > 0
    Anneal anneal = Anneal::cosine;
    bool cycle_momentum = true;   ///< false: momentum stays as it is
    double base_momentum = 0.85;  ///< in [0, 1)
    double max_momentum = 0.95;   ///< in [0, 1)
    double operator()(double base, std::int64_t t) const;
    std::optional<double> momentum(std::int64_t t) const;
    void check(const Call& call) const;

private:
    double between(double start, double top, double end, std::int64_t t) const;
};

/// lr = base (start_factor + (1 - start_factor) t / steps) for t < steps, then what `then` gives for t - steps. Goyal
/// et al., 2017. As SequentialLR of LinearLR and another. The first step is t = 0: with start_factor 0 it changes
/// nothing.
struct Warmup {
    std::int64_t steps = 0;      ///< >= 0
    double start_factor = 0.01;  ///< in [0, 1]
    Curve then = {};             ///< for the steps after the warm-up, counted from 0 again
    double operator()(double base, std::int64_t t) const;
    std::optional<double> momentum(std::int64_t t) const { return then.momentum(t < steps ? 0 : t - steps); }
    void check(const Call& call) const;
};

}  // namespace vitrine::optim
