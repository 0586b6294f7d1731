// Scaled dot-product attention.
#pragma once

#include <optional>

#include "vitrine/core/generator.h"
#include "vitrine/core/operand.h"

namespace vitrine {

struct AttentionOptions {
    /// Added to the scores: of q's dtype, any shape that broadcasts to (..., N, M). Or bool: true where a query may see
    /// a key.
    Tensor mask = {};
    bool causal = false;   ///< query i sees keys 0 to i alone
    double dropout_p = 0;  ///< each probability is 0 with this probability, else divided by 1 - dropout_p
    std::optional<double> scale = std::nullopt;  ///< else 1 / sqrt(D)
};

/// o_i = sum_j p_ij v_j, p_i = softmax_j(scale q_i . k_j + mask_ij): q (..., N, D), k (..., M, D), v (..., M, E), all
/// f32 or f64, with the same leading dimensions; o (..., N, E). q may have no rows, k and v may not. No N x M matrix is
/// stored, unless the mask requires grad, or in a backward that is itself recorded (create_graph). A query that sees no
/// key gets 0. The operands may be transposed views: only their last dimension must lie together, else they are copied.
/// (A. Vaswani et al., NeurIPS 2017; T. Dao et al., "FlashAttention", NeurIPS 2022.) Throws Error for sizes that do not
/// fit, a mask of another shape or dtype, dropout_p outside 0 to 1, and D or E above 256 on cuda and simt.
Tensor scaled_dot_product_attention(Operand q, const Tensor& k, const Tensor& v, AttentionOptions options = {},
                                    Generator& generator = default_generator());

/// The probabilities p (..., N, M) of the call above, after dropout: made by matmul and softmax, and stored.
Tensor attention_weights(Operand q, const Tensor& k, AttentionOptions options = {},
                         Generator& generator = default_generator());

}  // namespace vitrine
