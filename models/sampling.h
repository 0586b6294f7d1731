// Drawing the next token of a text from a model's logits.
#pragma once

#include <cstdint>

#include "vitrine/core/generator.h"
#include "vitrine/core/tensor.h"

namespace vitrine::models {

struct SamplingOptions {
    double temperature = 1;   ///< logits are divided by it: below 1 the likely tokens gain; 0: the likeliest, always
    std::int64_t top_k = 0;   ///< only so many of the likeliest tokens can be drawn (of equal ones the first); 0: all
};

/// A token with probability softmax(logits / temperature) among the top_k. logits: (V), f32 or f64, any device. Draws one
/// uniform number, none when temperature is 0. Throws Error for other logits, NaN or +inf among them, none above -inf, or
/// an option out of range.
std::int64_t sample_token(const Tensor& logits, SamplingOptions options = {}, Generator& generator = default_generator(),
                          Site site = Site::here());

}  // namespace vitrine::models
