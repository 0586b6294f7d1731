#include "embedding.h"

#include "vitrine/core/ops/embedding.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::nn {

Embedding::Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim, EmbeddingOptions options, Site site)
    : padding_index_(options.padding_index) {
    const Call call("Embedding", site);
    call.check(num_embeddings >= 0 && embedding_dim >= 0, "num_embeddings ", num_embeddings, ", embedding_dim ",
               embedding_dim, "; neither may be negative");
    call.check(is_floating(options.dtype), "dtype ", options.dtype, "; allowed are f32 and f64");
    call.check(is_available(options.device), "device ", options.device, " is not available here");
    if (padding_index_) {
        call.check(*padding_index_ >= -num_embeddings && *padding_index_ < num_embeddings, "padding_index ",
                   *padding_index_, " for a table of ", num_embeddings, " rows");
        if (*padding_index_ < 0) *padding_index_ += num_embeddings;
    }
    const Shape shape{num_embeddings, embedding_dim};
    weight = make_tensor(shape, contiguous_strides(shape), options.dtype, options.device);
    reset_parameters();
    weight.requires_grad_();
}

void Embedding::reset_parameters() {
    init::normal_(weight);
    if (!padding_index_) return;
    const NoGrad no_grad;
    weight.select(0, *padding_index_).zero_();
}

Tensor Embedding::forward(const Tensor& ids) const { return embedding(weight, ids, {.padding_index = padding_index_}); }

Embedding Embedding::clone() const {
    return Module::clone(num_embeddings(), embedding_dim(),
                         EmbeddingOptions{.padding_index = padding_index_, .dtype = weight.dtype(), .device = weight.device()});
}

std::string Embedding::describe() const {
    const std::string sizes = join("Embedding(", num_embeddings(), ", ", embedding_dim());
    return padding_index_ ? join(sizes, ", padding_index ", *padding_index_, ')') : sizes + ')';
}

}  // namespace vitrine::nn
