// Activations as modules: each calls the op of its name (core/ops/unary.h, core/ops/softmax.h).
#pragma once

#include <cstdint>

#include "module.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine::nn {

struct ReLU final : Module<ReLU> {
    Tensor forward(const Tensor& x) const;
};

class LeakyReLU final : public Module<LeakyReLU> {
public:
    explicit LeakyReLU(double negative_slope = 0.01) : negative_slope_(negative_slope) {}
    Tensor forward(const Tensor& x) const;
    void members(Members& m) override { m("negative_slope", negative_slope_); }
    std::string describe() const override;

private:
    double negative_slope_;
};

class GELU final : public Module<GELU> {
public:
    explicit GELU(GeluApproximation approximation = GeluApproximation::none) : approximation_(approximation) {}
    Tensor forward(const Tensor& x) const;
    void members(Members& m) override { m("approximation", approximation_); }
    std::string describe() const override;

private:
    GeluApproximation approximation_;
};

struct SiLU final : Module<SiLU> {
    Tensor forward(const Tensor& x) const;
};

struct Sigmoid final : Module<Sigmoid> {
    Tensor forward(const Tensor& x) const;
};

struct Tanh final : Module<Tanh> {
    Tensor forward(const Tensor& x) const;
};

class Softplus final : public Module<Softplus> {
public:
    explicit Softplus(double beta = 1, double threshold = 20) : beta_(beta), threshold_(threshold) {}
    Tensor forward(const Tensor& x) const;
    void members(Members& m) override { m("beta", beta_), m("threshold", threshold_); }
    std::string describe() const override;

private:
    double beta_, threshold_;
};

class Softmax final : public Module<Softmax> {
public:
    explicit Softmax(std::int64_t axis = -1) : axis_(axis) {}
    Tensor forward(const Tensor& x) const;
    void members(Members& m) override { m("axis", axis_); }
    std::string describe() const override;

private:
    std::int64_t axis_;
};

class LogSoftmax final : public Module<LogSoftmax> {
public:
    explicit LogSoftmax(std::int64_t axis = -1) : axis_(axis) {}
    Tensor forward(const Tensor& x) const;
    void members(Members& m) override { m("axis", axis_); }
    std::string describe() const override;

private:
    std::int64_t axis_;
};

}  // namespace vitrine::nn
