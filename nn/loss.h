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
    void members(Members& m) override { m("reduction", options_.reduction), m("ignore_index", options_.ignore_index); }

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

}  // namespace vitrine::nn
