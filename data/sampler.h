// Which examples of a data set make an epoch, and in which order.
#pragma once

#include <cstdint>
#include <vector>

#include "vitrine/core/site.h"

namespace vitrine::data {

/// Derive to choose yourself, and give it to a DataLoader as options.sampler.
class Sampler {
public:
    virtual ~Sampler() = default;
    /// Examples in an epoch.
    virtual std::int64_t size() const = 0;
    /// Their indices. Depends on the seed and the number of the epoch alone, so that a run can be resumed.
    virtual std::vector<std::int64_t> order(std::uint64_t seed, std::uint64_t epoch) const = 0;
};

/// 0, 1, ..., size - 1.
class SequentialSampler final : public Sampler {
public:
    explicit SequentialSampler(std::int64_t size) : size_(size) {}
    std::int64_t size() const override { return size_; }
    std::vector<std::int64_t> order(std::uint64_t seed, std::uint64_t epoch) const override;

private:
    std::int64_t size_;
};

/// Every example once, in another order in each epoch: Fisher and Yates's shuffle with Philox's numbers.
class ShuffledSampler final : public Sampler {
public:
    explicit ShuffledSampler(std::int64_t size) : size_(size) {}
    std::int64_t size() const override { return size_; }
    std::vector<std::int64_t> order(std::uint64_t seed, std::uint64_t epoch) const override;

private:
    std::int64_t size_;
};

/// `count` examples, each drawn on its own with a probability in proportion to its weight; an example may come more than
/// once. For classes of unequal sizes: give each example 1 / the number of its class.
class WeightedSampler final : public Sampler {
public:
    /// Throws Error for a negative count, a weight that is negative or not finite, or weights that are all 0.
    WeightedSampler(const std::vector<double>& weights, std::int64_t count, Site site = Site::here());
    std::int64_t size() const override { return count_; }
    std::vector<std::int64_t> order(std::uint64_t seed, std::uint64_t epoch) const override;

private:
    std::vector<double> sums_;  // of weights, up to each example
    std::int64_t count_;
};

}  // namespace vitrine::data
