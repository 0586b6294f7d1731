#include "dataset.h"

#include <algorithm>

#include "vitrine/config.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/core/tensor_impl.h"
#if VITRINE_HAS_CUDA
#include "vitrine/core/cuda_device.h"
#endif

namespace vitrine::data {

namespace {

// The largest size of each dimension.
Shape common_shape(std::span<const Tensor> examples) {
    Shape shape = examples[0].shape();
    for (const Tensor& x : examples)
        for (int d = 0; d < shape.dims(); ++d) shape[d] = std::max(shape[d], x.shape()[d]);
    return shape;
}

void copy_into_corner(const Tensor& x, Tensor to) {
    for (int d = 0; d < x.dim(); ++d) to = to.slice(d, 0, x.shape()[d]);
    to.copy_(x);
}

}  // namespace

Tensor stack_examples(std::span<const Tensor> examples, std::optional<double> pad_value, const char* what, Site site) {
    const Call call(what, site);
    call.check(!examples.empty(), "no examples; needed is one");
    const Tensor& first = examples[0];
    bool alike = true;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const Tensor& x = examples[i];
        call.check(x.defined(), "a tensor of example ", i, " of the batch is undefined");
        call.check(x.device() == Device::cpu, "example ", i, " of the batch is on ", x.device(),
                   "; allowed is cpu (move the batch with to())");
        alike = alike && x.shape() == first.shape();
        const bool fits = pad_value ? x.dim() == first.dim() : x.shape() == first.shape();
        call.check(fits && x.dtype() == first.dtype(), "example ", i, " of the batch is ", x.shape(), " ", x.dtype(), ", example 0 is ",
                   first.shape(), " ", first.dtype(), pad_value ? "; all must have as many dimensions and one dtype" : "; all must be alike");
    }
    Shape shape = common_shape(examples);
    call.check(shape.dims() < Shape::max_dims, "examples of ", shape.dims(), " dimensions; allowed are 0 to ",
               Shape::max_dims - 1);
    shape.insert(0, static_cast<std::int64_t>(examples.size()));
    const NoGrad no_grad;
    const Tensor batch = alike ? empty(shape, {.dtype = first.dtype()}, site) : full(shape, *pad_value, {.dtype = first.dtype()}, site);
    for (std::size_t i = 0; i < examples.size(); ++i) copy_into_corner(examples[i], batch.select(0, static_cast<std::int64_t>(i)));
    return batch;
}

#if VITRINE_HAS_CUDA
void check_can_pin(Site site) {
    Call("DataLoader", site).check(is_available(Device::cuda), "pin_memory without a GPU; it is for copies to device cuda");
}

Tensor pinned(const Tensor& x, Site site) {
    check_can_pin(site);
    const Tensor from = dense(x, site);  // in the order in which it lies, such as channels-last
    const std::size_t bytes = static_cast<std::size_t>(from.numel()) * element_size(from.dtype());
    std::shared_ptr<void> block(cuda_allocate_host(bytes), cuda_release_host);
    copy_bytes(block.get(), Device::cpu, from.impl()->data(), Device::cpu, bytes);
    return from_memory(block.get(), block, x.shape(), from.strides(), x.dtype(), site);
}
#else
void check_can_pin(Site site) {
    Call("DataLoader", site).fail("pin_memory in a build without device cuda");
}

Tensor pinned(const Tensor& x, Site site) {
    check_can_pin(site);
    return x;
}
#endif

}  // namespace vitrine::data
