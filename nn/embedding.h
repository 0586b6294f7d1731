// A table of vectors, looked up by ids.
#pragma once

#include <cstdint>
#include <optional>

#include "module.h"

namespace vitrine::nn {

struct EmbeddingOptions {
    std::optional<std::int64_t> padding_index = std::nullopt;  ///< a row that starts at 0 and gets no gradient
    DType dtype = DType::f32;                                  ///< f32 or f64
    Device device = Device::cpu;
};

/// y = weight[ids]: ids of any shape, i64 or i32, y (ids' shape, embedding_dim). The weight starts normal with mean 0 and
/// standard deviation 1, as torch.nn.Embedding; the row padding_index (negative counts from the end) is 0.
class Embedding : public Module<Embedding> {
public:
    /// Throws Error for a negative size, a padding_index out of range, a dtype that is not floating, or a device that is
    /// not available.
    Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim, EmbeddingOptions options = {},
              Site site = Site::here());

    /// Throws Error for an id out of range.
    Tensor forward(const Tensor& ids) const;
    /// Draws the weight again.
    void reset_parameters();
    Embedding clone() const;

    void members(Members& m) override { m("weight", weight); }
    std::string describe() const override;

    std::int64_t num_embeddings() const { return weight.shape()[0]; }
    std::int64_t embedding_dim() const { return weight.shape()[1]; }
    std::optional<std::int64_t> padding_index() const { return padding_index_; }

    Tensor weight;  ///< (num_embeddings, embedding_dim)

private:
    std::optional<std::int64_t> padding_index_;  // counted from 0
};

}  // namespace vitrine::nn
