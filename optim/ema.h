// A running mean of a model's weights.
#pragma once

#include <cstdint>
#include <vector>

#include "optimizer.h"

namespace vitrine::optim {

struct EMAOptions {
    double decay = 0.999;  ///< in [0, 1]
    bool warmup = false;  ///< use min(decay, (1 + t) / (10 + t)) at update t = 0, 1, ..., so that early means are young
};

/// After each step of the optimizer: mean = decay mean + (1 - decay) w for every weight, in one pass over all of them.
/// The means start as the weights. Give it `net.parameters()`, or `net.state_dict()`'s tensors to take in buffers too;
/// tensors of integers are copied. Polyak and Juditsky, 1992; as torch.optim.swa_utils.AveragedModel with
/// get_ema_multi_avg_fn. Keeps handles: the weights stay the model's.
class EMA {
public:
    /// Throws Error if there is no weight, one is undefined, or the decay is out of range.
    explicit EMA(const std::vector<Tensor>& weights, EMAOptions options = {}, Site site = Site::here());

    /// Takes the weights into the means. Throws Error if a weight was moved to another device or dtype since.
    void update(Site site = Site::here());
    std::int64_t updates() const { return updates_; }
    /// The means, in the order of the weights, each tensor once.
    const std::vector<Tensor>& means() const { return means_; }

    /// Exchanges weights and means, so that the model computes with the means; again, and all is as before.
    void swap(Site site = Site::here());
    /// Writes the means into other tensors of the same shapes, those of a copy of the model for instance. Throws Error,
    /// and changes nothing, if they do not match.
    void copy_to(const std::vector<Tensor>& tensors, Site site = Site::here()) const;

    /// "updates", "mean.0", ... The tensors are the object's own, not copies.
    StateDict state_dict() const;
    /// Throws Error, and changes nothing, if a name is unknown or missing or a tensor has another shape or dtype.
    void load_state_dict(const StateDict& dict, Site site = Site::here());

private:
    EMAOptions options_;
    std::vector<Tensor> weights_, means_;
    std::int64_t updates_ = 0;
};

/// While one lives, the model computes with the means: `{ optim::UseMeans means(ema); validate(net); }`
class UseMeans {
public:
    explicit UseMeans(EMA& ema) : ema_(ema) { ema_.swap(); }
    ~UseMeans() { ema_.swap(); }
    UseMeans(const UseMeans&) = delete;
    UseMeans& operator=(const UseMeans&) = delete;

private:
    EMA& ema_;
};

}  // namespace vitrine::optim
