// Batches of a data set, in order or shuffled, epoch after epoch.
//
//     data::DataLoader loader(train, {.batch_size = 128, .shuffle = true});
//     for (int epoch = 0; epoch < 10; ++epoch)
//         for (auto& [x, y] : loader) ...
//
// Threads make the batches where options.workers says so; map() changes each batch there, such as by the functions of
// transforms.h:
//
//     loader.map([](data::Example& batch, Generator& random) { batch.x = data::random_flip(batch.x, random); });
#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "batch_order.h"
#include "dataset.h"
#include "prefetch.h"
#include "vitrine/core/generator.h"
#include "vitrine/core/operand.h"

namespace vitrine::data {

/// Each loop over a loader is one epoch. A batch is a struct as the data set's get(i) returns it, every tensor of which
/// has the examples along a new first dimension; its tensors are fresh in each step and may be kept.
/// One loop at a time; a loop that is left early leaves its epoch, the next one starts the next.
template <Dataset D>
class DataLoader {
public:
    using Batch = decltype(std::declval<const D&>().get(std::int64_t{}));

    /// The data set must outlive the loader. Throws Error for options out of their ranges.
    explicit DataLoader(const D& dataset, DataLoaderOptions options = {}, Site site = Site::here())
        : dataset_(&dataset), options_(options), order_(dataset.size(), options, site), site_(site) {
        if (options.pin_memory) check_can_pin(site);
    }
    /// The loader keeps the data set.
    explicit DataLoader(std::shared_ptr<D> dataset, DataLoaderOptions options = {}, Site site = Site::here())
        : DataLoader(existing(dataset, site), options, site) {
        owner_ = std::move(dataset);
    }
    /// A temporary data set would be gone when the first batch is asked for.
    explicit DataLoader(const D&& dataset, DataLoaderOptions options = {}, Site site = Site::here()) = delete;

    DataLoader(const DataLoader&) = delete;  // its threads know where it is
    DataLoader& operator=(const DataLoader&) = delete;

    std::int64_t size() const { return order_.batches(); }  ///< batches in an epoch

    /// Calls change(batch, generator) for every batch, after those of earlier calls of map(). The generator's numbers
    /// depend on the loader's seed, the epoch and the batch: not on the number of workers, nor on where a run was resumed.
    DataLoader& map(std::function<void(Batch&, Generator&)> change) {
        if (prefetch_) prefetch_->cancel();
        changes_.push_back(std::move(change));
        if (prefetch_ && !ended_) prefetch_->start(order_.state().batches, order_.batches());  // of a loop in progress
        return *this;
    }

    class Iterator {
    public:
        explicit Iterator(DataLoader* loader) : loader_(loader) {}
        Batch& operator*() const { return loader_->batch_; }
        Iterator& operator++() {
            loader_->advance();
            return *this;
        }
        bool operator==(std::default_sentinel_t) const { return loader_->ended_; }

    private:
        DataLoader* loader_;
    };

    Iterator begin() {
        if (prefetch_) prefetch_->cancel();
        order_.begin();
        epoch_ = order_.state();
        if (options_.workers > 0) start_workers();
        advance();
        return Iterator(this);
    }
    std::default_sentinel_t end() const { return {}; }

    /// Inside a loop the batch at hand counts as done. After restore() the next loop hands out what is left of that
    /// epoch, and one in progress ends; throws Error for a state that this loader cannot be in.
    const LoaderState& state() const { return order_.state(); }
    void restore(const LoaderState& state, Site site = Site::here()) { order_.restore(state, site); }

private:
    static const D& existing(const std::shared_ptr<D>& dataset, Site site) {
        Call("DataLoader", site).check(dataset != nullptr, "an empty pointer; needed is a data set");
        return *dataset;
    }

    void start_workers() {
        if (!prefetch_)
            prefetch_ = std::make_unique<Prefetch<Batch>>(options_.workers, options_.workers * options_.prefetch,
                                                          [this](std::int64_t k) { return make(k); });
        prefetch_->start(epoch_.batches, order_.batches());
    }

    void advance() {
        const auto k = order_.next();
        ended_ = !k;
        batch_ = Batch{};
        if (k) batch_ = prefetch_ ? prefetch_->take(*k) : make(*k);
    }

    // Batch k of the epoch; called by several threads.
    Batch make(std::int64_t k) const {
        const ProfileScope profiled("make a batch", site_);
        const std::span<const std::int64_t> indices = order_.batch(k);
        Batch batch = collate(indices);
        Generator random(batch_seed(epoch_, k));
        for (const auto& change : changes_) change(batch, random);
        if (options_.pin_memory)
            for (Tensor* field : fields_of(batch)) *field = pinned(*field, site_);
        return batch;
    }

    Batch collate(std::span<const std::int64_t> indices) const {
        if constexpr (BatchedDataset<D>) return dataset_->get_batch(indices);
        else return stack(indices);
    }

    Batch stack(std::span<const std::int64_t> indices) const {
        std::vector<Batch> examples;
        for (const std::int64_t i : indices) examples.push_back(dataset_->get(i));
        Batch batch;
        const auto joined = fields_of(batch);
        for (std::size_t f = 0; f < joined.size(); ++f) {
            std::vector<Tensor> column;
            for (Batch& example : examples) column.push_back(*fields_of(example)[f]);
            *joined[f] = stack_examples(column, options_.pad_value, "DataLoader", site_);
        }
        return batch;
    }

    const D* dataset_;
    std::shared_ptr<const D> owner_;
    DataLoaderOptions options_;
    BatchOrder order_;
    Site site_;
    LoaderState epoch_;  // as the epoch that runs began
    std::vector<std::function<void(Batch&, Generator&)>> changes_;
    Batch batch_{};
    bool ended_ = true;
    std::unique_ptr<Prefetch<Batch>> prefetch_;  // last: its threads use all of the above
};

template <class D>
DataLoader(std::shared_ptr<D>) -> DataLoader<D>;
template <class D>
DataLoader(std::shared_ptr<D>, DataLoaderOptions) -> DataLoader<D>;

}  // namespace vitrine::data
