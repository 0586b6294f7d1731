// Modules without parameters that are no activations.
#pragma once

#include <cstdint>

#include "module.h"

namespace vitrine::nn {

/// Returns its input.
struct Identity final : Module<Identity> {
    Tensor forward(const Tensor& x) const { return x; }
};

/// Joins dimensions first to last into one: (N, C, H, W) becomes (N, C H W).
class Flatten final : public Module<Flatten> {
public:
    explicit Flatten(std::int64_t first = 1, std::int64_t last = -1) : first_(first), last_(last) {}
    Tensor forward(const Tensor& x) const;
    void members(Members& m) override { m("first", first_), m("last", last_); }
    std::string describe() const override;

private:
    std::int64_t first_, last_;
};

/// In training mode each element is 0 with probability p and else divided by 1 - p; in eval mode x itself.
class Dropout final : public Module<Dropout> {
public:
    /// Throws Error unless 0 <= p <= 1.
    explicit Dropout(double p = 0.5, Site site = Site::here());
    Tensor forward(const Tensor& x) const;
    /// residual + forward(x) as one op. Hooks do not run: dropout_add(dropout, x, residual) of nn/fused.h looks for them.
    Tensor forward_add(const Tensor& x, const Tensor& residual) const;
    void members(Members& m) override { m("p", p_); }
    std::string describe() const override;

private:
    double p_;
};

}  // namespace vitrine::nn
