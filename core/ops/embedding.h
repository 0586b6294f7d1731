// Rows of a table, chosen by ids.
#pragma once

#include <cstdint>
#include <optional>

#include "vitrine/core/operand.h"

namespace vitrine {

struct EmbeddingOptions {
    /// A row that gets no gradient (it stands for "nothing here"); negative counts from the end. Its values are read as
    /// any other's.
    std::optional<std::int64_t> padding_index = std::nullopt;
};

/// y[...] = weight[ids[...]]: weight (V, C), f32 or f64; ids of any shape, i64 or i32, 0 to V-1; y (ids' shape, C). The
/// gradient of a row is the sum over the places that named it, in their order. Throws Error for other shapes or dtypes,
/// two devices, an id or padding_index out of range.
Tensor embedding(Operand weight, const Tensor& ids, EmbeddingOptions options = {});

/// dweight (rows, C) of embedding from ids and dy (ids' shape, C).
Tensor embedding_backward(Operand dy, const Tensor& ids, std::int64_t rows, EmbeddingOptions options = {});

}  // namespace vitrine
