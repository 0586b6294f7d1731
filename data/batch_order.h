// Which examples make up which batch: the part of a DataLoader that does not know the data set.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vitrine/core/site.h"

namespace vitrine::data {

struct DataLoaderOptions {
    std::int64_t batch_size = 1;
    bool shuffle = false;    ///< another order in each epoch
    bool drop_last = false;  ///< leave out a last batch that is not full
    /// Of the orders; with nothing said it is drawn from the default generator (manual_seed).
    std::optional<std::int64_t> seed = std::nullopt;
};

/// Where a DataLoader stands, to be saved and restored.
struct LoaderState {
    std::int64_t seed = 0;
    std::int64_t epoch = 0;    ///< the epoch that is running, or the next one to run
    std::int64_t batches = 0;  ///< how many of that epoch's batches were handed out
    friend bool operator==(const LoaderState&, const LoaderState&) = default;
};

/// The order of `size` examples in each epoch. The order of an epoch depends on the seed, the number of the epoch and
/// `size` alone: Fisher and Yates's shuffle with Philox's numbers.
class BatchOrder {
public:
    /// Throws Error for a batch_size below 1.
    BatchOrder(std::int64_t size, const DataLoaderOptions& options, Site site);

    std::int64_t batches() const;  ///< in one epoch
    /// Starts the next epoch: the one that restore() named, at its batch, else the one after the last that was started.
    void begin();
    /// The examples of the next batch; none at the end of the epoch. Valid until the next call.
    std::span<const std::int64_t> next();

    const LoaderState& state() const { return state_; }
    /// Throws Error unless epoch >= 0 and 0 <= state.batches <= batches().
    void restore(const LoaderState& state, Site site);

private:
    std::int64_t size_;
    DataLoaderOptions options_;
    LoaderState state_;
    bool running_ = false;
    std::vector<std::int64_t> order_;
};

}  // namespace vitrine::data
