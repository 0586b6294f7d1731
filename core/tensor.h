// The tensor: a small handle to shared, strided storage.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "device.h"
#include "dtype.h"
#include "ref.h"
#include "shape.h"
#include "site.h"

namespace vitrine {

struct TensorImpl;
class Node;

/// How a tensor is made: `zeros({2, 3}, {.dtype = vt::float64, .requires_grad = true})`.
struct TensorOptions {
    std::optional<DType> dtype = std::nullopt;  ///< nothing said: f32, or what the given values suggest
    Device device = Device::cpu;
    bool requires_grad = false;
};

/// How gradients are computed.
struct BackwardOptions {
    bool retain_graph = false;  ///< keep what the nodes saved, so that backward can run again
    bool create_graph = false;  ///< record the backward itself, so that it can be differentiated; retains the graph
};

/// An n-dimensional array of one element type on one device. Copying a Tensor copies the handle; views share
/// storage. A default-constructed Tensor is undefined: it may only be assigned to, compared by defined(), destroyed.
class Tensor {
public:
    Tensor() = default;
    explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}

    bool defined() const { return static_cast<bool>(impl_); }

    const Shape& shape() const;
    const Strides& strides() const;                        ///< in elements
    std::int64_t size(std::int64_t axis, Site site = Site::here()) const;  ///< axis may be negative; throws Error if out of range
    int dim() const { return shape().dims(); }             ///< number of dimensions
    std::int64_t numel() const { return shape().numel(); } ///< number of elements
    DType dtype() const;
    Device device() const;
    bool is_contiguous() const;  ///< row-major without gaps

    /// The elements, for reading and writing; cpu only. Throws Error if the device is not cpu (copy with to()) or
    /// T is not the dtype. Element (i, j, ...) is at i*strides()[0] + j*strides()[1] + ...
    template <class T>
    T* data(Site site = Site::here()) const {
        return static_cast<T*>(checked_data(dtype_of<T>, site));
    }
    /// The only element, on any device. Throws Error if there is not exactly one.
    template <class T>
    T item(Site site = Site::here()) const {
        if constexpr (std::is_integral_v<T>) return static_cast<T>(item_as_integer(site));
        else return static_cast<T>(item_as_double(site));
    }
    /// The elements in logical (row-major) order, copied to the host. Throws Error if T is not the dtype.
    template <class T>
    std::vector<T> to_vector(Site site = Site::here()) const;
    /// Element at an index, bounds-checked, cpu only: `x.at<float>({1, 2}) = 3`. Throws Error outside the shape.
    template <class T>
    T& at(std::initializer_list<std::int64_t> index, Site site = Site::here()) const {
        return data<T>(site)[checked_offset({index.begin(), index.size()}, site)];
    }

    // ---- gradients
    bool requires_grad() const;
    bool is_leaf() const;  ///< made by the user, not by a recorded op
    /// Makes a leaf record (or stop recording). Throws Error unless floating; false on a non-leaf throws.
    Tensor& requires_grad_(bool value = true, Site site = Site::here());
    /// The gradient that backward left here; undefined before.
    Tensor grad() const;
    void set_grad(Tensor grad, Site site = Site::here()) const;
    /// Keeps the gradient of this non-leaf after backward.
    void retain_grad(Site site = Site::here()) const;
    /// Calls `hook` with the gradient each time one is computed for this tensor; a defined result replaces it.
    void register_hook(std::function<Tensor(const Tensor&)> hook, Site site = Site::here()) const;
    /// Computes d(this)/d(leaf) for every leaf and adds it to the leaf's grad(). Throws Error unless this has one
    /// element, or if the graph was already freed, or if a saved tensor was changed in place.
    void backward(BackwardOptions options = {}, Site site = Site::here()) const;
    /// The same, from the given gradient of this tensor (same shape and dtype).
    void backward(const Tensor& gradient, BackwardOptions options = {}, Site site = Site::here()) const;
    /// The same elements, outside the graph.
    Tensor detach() const;
    /// The node that computed this, or nullptr for a leaf.
    Node* node() const;
    int output_index() const;  ///< which output of node()

    // ---- views and copies (core/ops/view.h, core/ops/copy.h); each is recorded like any op
    /// Same elements in another shape; one size may be -1. A view where strides allow, else a copy.
    Tensor reshape(const Shape& shape, Site site = Site::here()) const;
    /// Dimensions first to last joined into one.
    Tensor flatten(std::int64_t first = 0, std::int64_t last = -1, Site site = Site::here()) const;
    Tensor transpose(std::int64_t a, std::int64_t b, Site site = Site::here()) const;
    Tensor permute(const Shape& axes, Site site = Site::here()) const;
    Tensor expand(const Shape& shape, Site site = Site::here()) const;
    Tensor squeeze(std::int64_t axis, Site site = Site::here()) const;
    Tensor unsqueeze(std::int64_t axis, Site site = Site::here()) const;
    /// Elements begin, begin+step, ... below end along an axis: a view. Negative positions count from the end.
    Tensor slice(std::int64_t axis, std::int64_t begin, std::int64_t end, std::int64_t step = 1, Site site = Site::here()) const;
    /// The index-th slice along an axis, without that axis: a view.
    Tensor select(std::int64_t axis, std::int64_t index, Site site = Site::here()) const;
    Tensor contiguous(Site site = Site::here()) const;  ///< itself if row-major, else a copy
    Tensor clone(Site site = Site::here()) const;       ///< a copy with storage of its own
    Tensor to(DType dtype, Site site = Site::here()) const;
    Tensor to(Device device, Site site = Site::here()) const;

    // ---- in place: throw Error while recording if an operand requires grad; under no_grad they bump the version
    Tensor& fill_(double value, Site site = Site::here());
    Tensor& zero_(Site site = Site::here());
    Tensor& copy_(const Tensor& from, Site site = Site::here());
    Tensor& add_(const Tensor& w, double alpha = 1, Site site = Site::here());
    Tensor& mul_(const Tensor& w, Site site = Site::here());

    /// How often the storage was changed in place. Views share it.
    std::uint32_t version() const;

    TensorImpl* impl() const { return impl_.get(); }

private:
    const TensorImpl& defined_impl() const;
    [[noreturn]] static void fail_undefined();
    void* checked_data(DType wanted, Site site) const;
    std::int64_t checked_offset(std::span<const std::int64_t> index, Site site) const;
    double item_as_double(Site site) const;
    std::int64_t item_as_integer(Site site) const;

    Ref<TensorImpl> impl_;
};

extern template std::vector<float> Tensor::to_vector(Site) const;
extern template std::vector<double> Tensor::to_vector(Site) const;
extern template std::vector<std::int32_t> Tensor::to_vector(Site) const;
extern template std::vector<std::int64_t> Tensor::to_vector(Site) const;
extern template std::vector<std::uint8_t> Tensor::to_vector(Site) const;
extern template std::vector<bf16> Tensor::to_vector(Site) const;
extern template std::vector<f16> Tensor::to_vector(Site) const;

/// As NumPy prints it, then dtype and device where they are not the default.
std::ostream& operator<<(std::ostream& out, const Tensor& x);

/// Shared parts must see this before the last Ref goes.
void destroy(TensorImpl* impl);

}  // namespace vitrine

#include "tensor_impl.h"  // IWYU pragma: keep: a Ref needs its object complete
