// Batches of a data set, in order or shuffled, epoch after epoch.
//
//     data::DataLoader loader(train, {.batch_size = 128, .shuffle = true});
//     for (int epoch = 0; epoch < 10; ++epoch)
//         for (auto& [x, y] : loader) ...
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "batch_order.h"
#include "dataset.h"
#include "vitrine/core/operand.h"

namespace vitrine::data {

/// Each loop over a loader is one epoch. A batch is a struct as the data set's get(i) returns it, every tensor of which
/// has the examples along a new first dimension; its tensors are fresh in each step and may be kept.
/// One loop at a time; a loop that is left early leaves its epoch, the next one starts the next.
template <Dataset D>
class DataLoader {
public:
    using Batch = decltype(std::declval<const D&>().get(std::int64_t{}));

    /// The data set must outlive the loader. Throws Error for a batch_size below 1.
    explicit DataLoader(const D& dataset, DataLoaderOptions options = {}, Site site = Site::here())
        : dataset_(&dataset), order_(dataset.size(), options, site), site_(site) {}
    /// The loader keeps the data set.
    explicit DataLoader(std::shared_ptr<D> dataset, DataLoaderOptions options = {}, Site site = Site::here())
        : DataLoader(existing(dataset, site), options, site) {
        owner_ = std::move(dataset);
    }
    /// A temporary data set would be gone when the first batch is asked for.
    explicit DataLoader(const D&& dataset, DataLoaderOptions options = {}, Site site = Site::here()) = delete;

    std::int64_t size() const { return order_.batches(); }  ///< batches in an epoch

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
        order_.begin();
        advance();
        return Iterator(this);
    }
    std::default_sentinel_t end() const { return {}; }

    /// Inside a loop the batch at hand counts as done. After restore() the next loop hands out what is left of that
    /// epoch; throws Error for a state that this loader cannot be in.
    const LoaderState& state() const { return order_.state(); }
    void restore(const LoaderState& state, Site site = Site::here()) { order_.restore(state, site); }

private:
    static const D& existing(const std::shared_ptr<D>& dataset, Site site) {
        Call("DataLoader", site).check(dataset != nullptr, "an empty pointer; needed is a data set");
        return *dataset;
    }

    void advance() {
        const std::span<const std::int64_t> indices = order_.next();
        ended_ = indices.empty();
        batch_ = ended_ ? Batch{} : collate(indices);
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
            *joined[f] = stack_examples(column, "DataLoader", site_);
        }
        return batch;
    }

    const D* dataset_;
    std::shared_ptr<const D> owner_;
    BatchOrder order_;
    Site site_;
    Batch batch_{};
    bool ended_ = true;
};

template <class D>
DataLoader(std::shared_ptr<D>) -> DataLoader<D>;
template <class D>
DataLoader(std::shared_ptr<D>, DataLoaderOptions) -> DataLoader<D>;

}  // namespace vitrine::data
