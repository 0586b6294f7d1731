#include "dataset.h"

#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::data {

Tensor stack_examples(std::span<const Tensor> examples, const char* what, Site site) {
    const Call call(what, site);
    call.check(!examples.empty(), "no examples; needed is one");
    const Tensor& first = examples[0];
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const Tensor& x = examples[i];
        call.check(x.defined(), "a tensor of example ", i, " of the batch is undefined");
        call.check(x.device() == Device::cpu, "example ", i, " of the batch is on ", x.device(),
                   "; allowed is cpu (move the batch with to())");
        call.check(x.shape() == first.shape() && x.dtype() == first.dtype(), "example ", i, " of the batch is ",
                   x.shape(), " ", x.dtype(), ", example 0 is ", first.shape(), " ", first.dtype(),
                   "; all must be alike");
    }
    Shape shape = first.shape();
    call.check(shape.dims() < Shape::max_dims, "examples of ", shape.dims(), " dimensions; allowed are 0 to ",
               Shape::max_dims - 1);
    shape.insert(0, static_cast<std::int64_t>(examples.size()));
    const Tensor batch = empty(shape, {.dtype = first.dtype()}, site);
    const std::size_t bytes = static_cast<std::size_t>(first.numel()) * element_size(first.dtype());
    auto* to = static_cast<std::byte*>(batch.impl()->data());
    for (const Tensor& x : examples) {
        copy_bytes(to, Device::cpu, x.contiguous().impl()->data(), Device::cpu, bytes);
        to += bytes;
    }
    return batch;
}

}  // namespace vitrine::data
