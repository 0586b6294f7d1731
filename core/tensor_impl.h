// What a Tensor handle points to. Private to core; not for users.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "pool.h"
#include "tensor.h"

namespace vitrine {

/// Memory that tensors share, and how often it was changed in place.
struct Storage : Counted, Pooled {
    void* data = nullptr;
    std::size_t bytes = 0;
    Device device = Device::cpu;
    std::atomic<std::uint32_t> version{0};
    std::shared_ptr<void> owner;  // keeps foreign memory alive; null: the block is the device allocator's
    ~Storage();
};
inline void destroy(Storage* storage) { delete storage; }

/// Gradient side of a tensor, shared with the node that computes it (which may outlive the tensor).
struct GradSlot : Counted {
    Tensor grad;
    bool retain = false;
    std::vector<std::function<Tensor(const Tensor&)>> hooks;
};
inline void destroy(GradSlot* slot) { delete slot; }

struct TensorImpl : Counted, Pooled {
    Ref<Storage> storage;
    std::int64_t offset = 0;  // elements from storage->data
    Shape shape;
    Strides strides;
    DType dtype = DType::f32;
    bool requires_grad = false;  // of a leaf
    int output_index = 0;        // which output of node
    Ref<Node> node;              // null for a leaf
    Ref<GradSlot> slot;          // null until the gradient side is needed

    TensorImpl();
    ~TensorImpl();
    Device device() const { return storage->device; }
    void* data() const { return static_cast<char*>(storage->data) + static_cast<std::size_t>(offset) * element_size(dtype); }
};

inline const TensorImpl& Tensor::defined_impl() const {
    if (!impl_) [[unlikely]] fail_undefined();
    return *impl_;
}
inline const Shape& Tensor::shape() const { return defined_impl().shape; }
inline const Strides& Tensor::strides() const { return defined_impl().strides; }
inline DType Tensor::dtype() const { return defined_impl().dtype; }
inline Device Tensor::device() const { return defined_impl().device(); }
inline bool Tensor::is_contiguous() const { return vitrine::is_contiguous(shape(), strides()); }
inline std::uint32_t Tensor::version() const { return defined_impl().storage->version.load(std::memory_order_relaxed); }
inline bool Tensor::requires_grad() const { return impl_ && (impl_->node || impl_->requires_grad); }
inline bool Tensor::is_leaf() const { return !defined_impl().node; }
inline Node* Tensor::node() const { return defined_impl().node.get(); }
inline int Tensor::output_index() const { return defined_impl().output_index; }

/// A tensor over new storage of the device's allocator; elements are not initialised.
Tensor make_tensor(const Shape& shape, const Strides& strides, DType dtype, Device device);
/// A tensor over x's storage, outside the graph.
Tensor make_view(const Tensor& x, const Shape& shape, const Strides& strides, std::int64_t offset);
/// x's gradient side, made on first use.
GradSlot& grad_slot(const Tensor& x);

}  // namespace vitrine
