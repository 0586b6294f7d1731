// Losses as modules: each calls the op of its name with its options (core/ops/loss.h, core/ops/cross_entropy.h).
#pragma once

#include "module.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/loss.h"

namespace vitrine::nn {

/// `loss(logits, classes)`: cross_entropy.
class CrossEntropyLoss final : public Module<CrossEntropyLoss> {
public:
    explicit CrossEntropyLoss(CrossEntropyOptions options = {}) : options_(options) {}
    Tensor forward(const Tensor& x, const Tensor& target) const;
    void members(Members& m) override;

private:
    CrossEntropyOptions options_;
};

/// `loss(log_probabilities, classes)`: nll_loss.
class NLLLoss final : public Module<NLLLoss> {
public:
    explicit NLLLoss(CrossEntropyOptions options = {}) : options_(options) {}
    Tensor forward(const Tensor& x, const Tensor& target) const;
    void members(Members& m) override;

private:
    CrossEntropyOptions options_;
};

/// `loss(logits, probabilities)`: binary_cross_entropy_with_logits.
class BCEWithLogitsLoss final : public Module<BCEWithLogitsLoss> {
public:
    explicit BCEWithLogitsLoss(LossOptions options = {}) : options_(options) {}
    Tensor forward(const Tensor& x, const Tensor& target) const;
    void members(Members& m) override { m("reduction", options_.reduction); }

private:
    LossOptions options_;
};

/// `loss(prediction, target)`: mse_loss.
class MSELoss final : public Module<MSELoss> {
public:
    explicit MSELoss(LossOptions options = {}) : options_(options) {}
    Tensor forward(const Tensor& x, const Tensor& target) const;
    void members(Members& m) override { m("reduction", options_.reduction); }

private:
    LossOptions options_;
};

/// `loss(prediction, target)`: l1_loss.
class L1Loss final : public Module<L1Loss> {
public:
    explicit L1Loss(LossOptions options = {}) : options_(options) {}
    Tensor forward(const Tensor& x, const Tensor& target) const;
    void members(Members& m) override { m("reduction", options_.reduction); }

private:
    LossOptions options_;
};

/// `loss(prediction, target)`: smooth_l1_loss.
class SmoothL1Loss final : public Module<SmoothL1Loss> {
public:
    explicit SmoothL1Loss(SmoothL1Options options = {}) : options_(options) {}
    Tensor forward(const Tensor& x, const Tensor& target) const;
    void members(Members& m) override { m("beta", options_.beta), m("reduction", options_.reduction); }

private:
    SmoothL1Options options_;
};

/// `loss(prediction, target)`: huber_loss.
class HuberLoss final : public Module<HuberLoss> {
public:
    explicit HuberLoss(HuberOptions options = {}) : options_(options) {}
    Tensor forward(const Tensor& x, const Tensor& target) const;
    void members(Members& m) override { m("delta", options_.delta), m("reduction", options_.reduction); }

private:
    HuberOptions options_;
};

/// `loss(probabilities, probabilities)`: binary_cross_entropy.
class BCELoss final : public Module<BCELoss> {
public:
    explicit BCELoss(LossOptions options = {}) : options_(options) {}
    Tensor forward(const Tensor& x, const Tensor& target) const;
    void members(Members& m) override { m("reduction", options_.reduction); }

private:
    LossOptions options_;
};

/// `loss(log_probabilities, probabilities)`: kl_div.
class KLDivLoss final : public Module<KLDivLoss> {
public:
    explicit KLDivLoss(KlDivOptions options = {}) : options_(options) {}
    Tensor forward(const Tensor& x, const Tensor& target) const;
    void members(Members& m) override { m("log_target", options_.log_target), m("reduction", options_.reduction); }

private:
    KlDivOptions options_;
};

}  // namespace vitrine::nn
