// A data set of two tensors that are in memory.
#pragma once

#include <span>

#include "dataset.h"

namespace vitrine::data {

/// Example i is (x[i], y[i]): inputs and targets along the first dimension of two tensors of the cpu.
class TensorDataset {
public:
    /// Keeps both (copies them where they are not contiguous). Throws Error unless they are on the cpu and their first
    /// sizes are equal.
    TensorDataset(const Tensor& x, const Tensor& y, Site site = Site::here());

    std::int64_t size() const { return x_.size(0); }
    /// Views of row i. Throws Error unless 0 <= i < size().
    Example get(std::int64_t i, Site site = Site::here()) const;
    /// Copies of the rows `indices`.
    Example get_batch(std::span<const std::int64_t> indices, Site site = Site::here()) const;

private:
    Tensor x_, y_;
};

}  // namespace vitrine::data
