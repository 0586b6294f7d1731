#include "ema.h"

#include <algorithm>
#include <utility>

#include "state.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/optimizer.h"

namespace vitrine::optim {
namespace {

std::string mean_key(std::size_t i) { return join("mean.", i); }

void check_match(const Call& call, const std::vector<Tensor>& means, const std::vector<Tensor>& tensors) {
    call.check(tensors.size() == means.size(), tensors.size(), " tensors for ", means.size(), " means");
    for (std::size_t i = 0; i < means.size(); ++i) call.check_same(means[i], tensors[i], "the mean", "the weight");
}

}  // namespace

EMA::EMA(const std::vector<Tensor>& weights, EMAOptions options, Site site)
    : options_(options), weights_(distinct(weights)) {
    const Call call("EMA", site);
    const NoGrad no_grad;
    call.check(options.decay >= 0 && options.decay <= 1, "decay ", options.decay, "; allowed is 0 to 1");
    call.check(!weights.empty(), "the list of weights is empty");
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        call.check(weights_[i].defined(), "weight ", i, " is undefined");
        means_.push_back(weights_[i].detach().clone());
    }
}

void EMA::update(Site site) {
    const Call call("EMA", site);
    check_match(call, means_, weights_);
    const NoGrad no_grad;
    std::vector<Tensor> means, weights;
    for (std::size_t i = 0; i < means_.size(); ++i) {
        if (is_floating(means_[i].dtype()))
            means.push_back(means_[i]), weights.push_back(weights_[i]);
        else
            means_[i].copy_(weights_[i]);
    }
    const auto t = static_cast<double>(updates_);
    const double decay = options_.warmup ? std::min(options_.decay, (1 + t) / (10 + t)) : options_.decay;
    lerp_all(means, weights, 1 - decay, site);
    ++updates_;
}

void EMA::swap(Site site) {
    check_match(Call("EMA", site), means_, weights_);
    const NoGrad no_grad;
    for (std::size_t i = 0; i < means_.size(); ++i) {
        const Tensor weight = weights_[i].detach().clone();
        weights_[i].copy_(means_[i]);
        means_[i].copy_(weight);
    }
}

void EMA::copy_to(const std::vector<Tensor>& tensors, Site site) const {
    std::vector<Tensor> to = distinct(tensors);
    check_match(Call("EMA", site), means_, to);
    const NoGrad no_grad;
    for (std::size_t i = 0; i < to.size(); ++i) to[i].copy_(means_[i]);
}

StateDict EMA::state_dict() const {
    StateDict dict{{"updates", count_tensor(updates_)}};
    for (std::size_t i = 0; i < means_.size(); ++i) dict[mean_key(i)] = means_[i];
    return dict;
}

void EMA::load_state_dict(const StateDict& dict, Site site) {
    const Call call("EMA", site);
    const NoGrad no_grad;
    Taking taking(call, dict);
    const std::int64_t updates = taking.count("updates");
    call.check(updates >= 0, "updates ", updates, "; allowed is 0 or more");
    std::vector<Tensor> means;
    for (std::size_t i = 0; i < means_.size(); ++i)
        means.push_back(taking.take(mean_key(i), means_[i].shape(), means_[i].dtype()).to(means_[i].device()));
    taking.finish();
    for (std::size_t i = 0; i < means_.size(); ++i) means_[i].copy_(means[i]);
    updates_ = updates;
}

}  // namespace vitrine::optim
