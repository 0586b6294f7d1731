// Layers that take their input size from their first input.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "conv.h"
#include "linear.h"

namespace vitrine::nn {

/// A layer of type Layer that is built at the first forward, on that input's device and with its dtype. Before that
/// there are no weights: parameters(), state_dict() and what else asks for them throw Error; call the module once
/// (summary(x) does), then make the optimizer. Names are Layer's: "weight", "bias". A first forward is no business of
/// several threads at once.
template <class Derived, class Layer>
class Lazy : public Module<Derived> {
public:
    /// Throws Error as Layer does.
    Tensor forward(const Tensor& x) {
        if (layer_) return layer_->forward(x);
        auto layer = std::make_unique<Layer>(static_cast<const Derived&>(*this).build(x));
        Tensor y = layer->forward(x);
        layer_ = std::move(layer);  // not if forward throws
        return y;
    }
    bool is_built() const { return layer_ != nullptr; }
    /// The layer itself. Throws Error before the first forward.
    Layer& layer() const {
        VITRINE_CHECK(layer_, this->describe(), ": it has no layer yet; call it once");
        return *layer_;
    }

    void members(Members& m) override {
        if (layer_) return layer_->members(m);
        m.missing("weight");
    }
    std::string describe() const override {
        return layer_ ? layer_->describe() : static_cast<const Derived&>(*this).describe_unbuilt();
    }
    /// Built if this one is.
    Derived clone() const {
        Derived copy = static_cast<const Derived&>(*this).unbuilt();
        if (layer_) copy.layer_ = std::make_unique<Layer>(layer_->clone());
        copy.train(this->is_training());
        return copy;
    }

private:
    std::unique_ptr<Layer> layer_;
};

struct LazyLinearOptions {
    bool bias = true;
};

/// Linear(x's last size, out_features). As torch.nn.LazyLinear.
class LazyLinear final : public Lazy<LazyLinear, Linear> {
public:
    /// Throws Error for a negative size.
    explicit LazyLinear(std::int64_t out_features, LazyLinearOptions options = {}, Site site = Site::here());

private:
    friend Lazy<LazyLinear, Linear>;
    Linear build(const Tensor& x) const;
    LazyLinear unbuilt() const { return LazyLinear(out_features_, options_); }
    std::string describe_unbuilt() const;

    std::int64_t out_features_;
    LazyLinearOptions options_;
};

/// Conv2d(x's channels, out_channels, kernel_size); dtype and device of the options give way to x's. As
/// torch.nn.LazyConv2d.
class LazyConv2d final : public Lazy<LazyConv2d, Conv2d> {
public:
    /// Throws Error for sizes or options that do not fit together.
    LazyConv2d(std::int64_t out_channels, Pair2 kernel_size, Conv2dOptions options = {}, Site site = Site::here());

private:
    friend Lazy<LazyConv2d, Conv2d>;
    Conv2d build(const Tensor& x) const;
    LazyConv2d unbuilt() const { return LazyConv2d(out_channels_, kernel_size_, options_); }
    std::string describe_unbuilt() const;

    std::int64_t out_channels_;
    Pair2 kernel_size_;
    Conv2dOptions options_;
};

}  // namespace vitrine::nn
