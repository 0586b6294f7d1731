// Which examples make up which batch: the part of a DataLoader that does not know the data set.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sampler.h"
#include "vitrine/core/site.h"

namespace vitrine::data {

struct DataLoaderOptions {
    std::int64_t batch_size = 1;
    bool shuffle = false;    ///< another order in each epoch
    bool drop_last = false;  ///< leave out a last batch that is not full
    /// Of the orders; with nothing said it is drawn from the default generator (manual_seed).
    std::optional<std::int64_t> seed = std::nullopt;
    /// Which examples make an epoch, and in which order; in place of shuffle.
    std::shared_ptr<const Sampler> sampler = nullptr;
    /// Threads that make batches while the loop uses earlier ones; 0: the loop's own thread makes them. The batches do
    /// not depend on it. get(), get_batch() and what map() was given are then called by several threads at once.
    std::int64_t workers = 0;
    std::int64_t prefetch = 2;  ///< batches that each worker may be ahead
    /// Where examples differ in shape, all get the largest size of each dimension; what is added at the ends has this
    /// value. With nothing said they must be alike.
    std::optional<double> pad_value = std::nullopt;
    /// Batches lie in page-locked memory, from which a GPU copies at full speed. Throws Error without device cuda.
    bool pin_memory = false;
};

/// Where a DataLoader stands, to be saved and restored.
struct LoaderState {
    std::int64_t seed = 0;
    std::int64_t epoch = 0;    ///< the epoch that is running, or the next one to run
    std::int64_t batches = 0;  ///< how many of that epoch's batches were handed out
    friend bool operator==(const LoaderState&, const LoaderState&) = default;
};

/// The random numbers of batch k of the epoch that began at `epoch`: of no other batch, and of no tensor of that seed.
std::uint64_t batch_seed(const LoaderState& epoch, std::int64_t k);

/// The order of `size` examples in each epoch: the sampler's.
class BatchOrder {
public:
    /// Throws Error for a batch_size or prefetch below 1, negative workers, a sampler beside shuffle.
    BatchOrder(std::int64_t size, const DataLoaderOptions& options, Site site);

    std::int64_t batches() const;  ///< in one epoch
    /// Starts the next epoch: the one that restore() named, at its batch, else the one after the last that was started.
    void begin();
    /// The examples of batch k of the epoch that runs. Valid until the next begin().
    std::span<const std::int64_t> batch(std::int64_t k) const;
    /// Counts the next batch as handed out and gives its number; none at the end of the epoch.
    std::optional<std::int64_t> next();

    const LoaderState& state() const { return state_; }
    /// Throws Error unless epoch >= 0 and 0 <= state.batches <= batches().
    void restore(const LoaderState& state, Site site);

private:
    std::int64_t epoch_size() const;  // examples
    std::int64_t size_;
    DataLoaderOptions options_;
    LoaderState state_;
    bool running_ = false;
    std::vector<std::int64_t> order_;
};

}  // namespace vitrine::data
