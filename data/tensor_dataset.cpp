#include "tensor_dataset.h"

#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::data {
namespace {

void check_index(const Call& call, std::int64_t i, std::int64_t size) {
    call.check(i >= 0 && i < size, "example ", i, " of ", size, "; allowed are 0 to ", size - 1);
}

Tensor take_rows(const Tensor& x, std::span<const std::int64_t> indices, Site site) {
    Shape shape = x.shape();
    shape[0] = static_cast<std::int64_t>(indices.size());
    const Tensor rows = empty(shape, {.dtype = x.dtype()}, site);
    const std::size_t bytes =
        indices.empty() ? 0 : static_cast<std::size_t>(rows.numel()) / indices.size() * element_size(x.dtype());
    const auto* from = static_cast<const std::byte*>(x.impl()->data());
    auto* to = static_cast<std::byte*>(rows.impl()->data());
    for (const std::int64_t i : indices) {
        copy_bytes(to, Device::cpu, from + static_cast<std::size_t>(i) * bytes, Device::cpu, bytes);
        to += bytes;
    }
    return rows;
}

}  // namespace

TensorDataset::TensorDataset(const Tensor& x, const Tensor& y, Site site) {
    const Call call("TensorDataset", site);
    for (const Tensor* t : {&x, &y}) {
        const char* letter = t == &x ? "x" : "y";
        call.check(t->defined(), letter, " is undefined");
        call.check(t->device() == Device::cpu, letter, " is on ", t->device(),
                   "; allowed is cpu (move each batch with to())");
        call.check(t->dim() >= 1, letter, " has no dimensions; examples lie along the first");
    }
    call.check(x.size(0) == y.size(0), "x has ", x.size(0), " examples and y ", y.size(0), "; both must have as many");
    x_ = x.detach().contiguous();
    y_ = y.detach().contiguous();
}

Example TensorDataset::get(std::int64_t i, Site site) const {
    check_index(Call("TensorDataset", site), i, size());
    return {x_.select(0, i, site), y_.select(0, i, site)};
}

Example TensorDataset::get_batch(std::span<const std::int64_t> indices, Site site) const {
    for (const std::int64_t i : indices) check_index(Call("TensorDataset", site), i, size());
    return {take_rows(x_, indices, site), take_rows(y_, indices, site)};
}

}  // namespace vitrine::data
