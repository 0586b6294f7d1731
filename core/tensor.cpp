#include "tensor.h"

#include <cstring>

#include "allocator.h"
#include "node.h"
#include "operand.h"
#include "tensor_impl.h"

namespace vitrine {

Storage::~Storage() {
    if (!owner) Allocator::of(device).release(data, bytes);
}

TensorImpl::TensorImpl() = default;
TensorImpl::~TensorImpl() = default;
void destroy(TensorImpl* impl) { delete impl; }

Tensor make_tensor(const Shape& shape, const Strides& strides, DType dtype, Device device) {
    std::size_t elements = 1;
    for (std::int64_t size : shape) {
        VITRINE_CHECK(size >= 0, "tensor: shape ", shape, "; sizes cannot be negative");
        VITRINE_CHECK(!__builtin_mul_overflow(elements, static_cast<std::size_t>(size), &elements) && elements <= PTRDIFF_MAX / 8,
                      "tensor: shape ", shape, " has more elements than can be counted");
    }
    Allocator& allocator = Allocator::of(device);
    Ref<Storage> storage = Ref<Storage>::first(new Storage);
    storage->device = device;
    storage->data = allocator.allocate(elements * element_size(dtype));
    storage->bytes = elements * element_size(dtype);
    Ref<TensorImpl> impl = Ref<TensorImpl>::first(new TensorImpl);
    impl->storage = std::move(storage);
    impl->shape = shape;
    impl->strides = strides;
    impl->dtype = dtype;
    return Tensor(std::move(impl));
}

Tensor make_view(const Tensor& x, const Shape& shape, const Strides& strides, std::int64_t offset) {
    Ref<TensorImpl> impl = Ref<TensorImpl>::first(new TensorImpl);
    impl->storage = x.impl()->storage;
    impl->offset = offset;
    impl->shape = shape;
    impl->strides = strides;
    impl->dtype = x.dtype();
    return Tensor(std::move(impl));
}

GradSlot& grad_slot(const Tensor& x) {
    TensorImpl* impl = x.impl();
    if (!impl->slot) {
        impl->slot = Ref(new GradSlot);
        if (impl->node) impl->node->watches.push_back({impl->output_index, impl->slot});
    }
    return *impl->slot;
}

void Tensor::fail_undefined() { throw Error("tensor: this one is undefined"); }

std::int64_t Tensor::size(std::int64_t axis, Site site) const {
    const int dims = dim();
    Call("size", site).check(axis >= -dims && axis < dims, "axis ", axis, " of x ", shape(), "; allowed are ", -dims, " to ", dims - 1);
    return shape()[static_cast<int>(axis < 0 ? axis + dims : axis)];
}

void* Tensor::checked_data(DType wanted, Site site) const {
    const TensorImpl& impl = defined_impl();
    const Call call("data", site);
    call.check(impl.device() == Device::cpu, "the tensor is on ", impl.device(), "; read it with to(Device::cpu) or to_vector()");
    call.check(impl.dtype == wanted, "the tensor is ", impl.dtype, ", asked for ", wanted);
    return impl.data();
}

std::int64_t Tensor::checked_offset(std::span<const std::int64_t> index, Site site) const {
    const Call call("at", site);
    call.check(static_cast<int>(index.size()) == dim(), index.size(), " indices for shape ", shape());
    std::int64_t offset = 0;
    for (int i = 0; i < dim(); ++i) {
        const std::int64_t at = index[static_cast<std::size_t>(i)];
        call.check(at >= 0 && at < shape()[i], "index ", at, " on axis ", i, " of shape ", shape());
        offset += at * strides()[i];
    }
    return offset;
}

namespace {
// One element from any device, as the dtype's type, converted to R.
template <class R>
R read_element(const Tensor& x) {
    alignas(8) unsigned char bytes[8] = {};
    copy_bytes(bytes, Device::cpu, x.impl()->data(), x.device(), element_size(x.dtype()));
    const auto as = [&]<class T>(T value) {
        std::memcpy(&value, bytes, sizeof value);
        return static_cast<R>(value);
    };
    switch (x.dtype()) {
        case DType::f32: return as(float{});
        case DType::f64: return as(double{});
        case DType::i32: return as(std::int32_t{});
        case DType::i64: return as(std::int64_t{});
        case DType::bf16: return as(bf16{});
        case DType::f16: return as(f16{});
        default: return static_cast<R>(bytes[0]);
    }
}
}  // namespace

double Tensor::item_as_double(Site site) const {
    Call("item", site).check(defined() && numel() == 1, "needs exactly one element, x is ", defined() ? join(shape()) : "undefined");
    return read_element<double>(*this);
}

std::int64_t Tensor::item_as_integer(Site site) const {
    Call("item", site).check(defined() && numel() == 1, "needs exactly one element, x is ", defined() ? join(shape()) : "undefined");
    return read_element<std::int64_t>(*this);
}

template <class T>
std::vector<T> Tensor::to_vector(Site site) const {
    Call("to_vector", site).check(dtype() == dtype_of<T>, "the tensor is ", dtype(), ", asked for ", dtype_of<T>);
    const NoGrad no_grad;
    const Tensor rows = contiguous();
    std::vector<T> values(static_cast<std::size_t>(numel()));
    if (!values.empty()) copy_bytes(values.data(), Device::cpu, rows.impl()->data(), device(), values.size() * sizeof(T));
    return values;
}
template std::vector<float> Tensor::to_vector(Site) const;
template std::vector<double> Tensor::to_vector(Site) const;
template std::vector<std::int32_t> Tensor::to_vector(Site) const;
template std::vector<std::int64_t> Tensor::to_vector(Site) const;
template std::vector<std::uint8_t> Tensor::to_vector(Site) const;
template std::vector<bf16> Tensor::to_vector(Site) const;
template std::vector<f16> Tensor::to_vector(Site) const;

// ---- gradients

Tensor Tensor::grad() const { return defined_impl().slot ? impl_->slot->grad : Tensor(); }

Tensor& Tensor::requires_grad_(bool value, Site site) {
    const Call call("requires_grad_", site);
    const Node* node = defined_impl().node.get();
    call.check(!node || value, "this tensor was computed by ", node ? node->name() : "", "; use detach()");
    call.check(is_floating(impl_->dtype) || is_half(impl_->dtype) || !value, "a tensor of ", impl_->dtype,
               " has no gradient; allowed are f32, f64, bf16 and f16");
    impl_->requires_grad = value;
    if (value && !node) grad_slot(*this);  // made here, so that threads that share a leaf only read
    return *this;
}

void Tensor::set_grad(Tensor grad, Site site) const {
    if (grad.defined()) {
        Call("set_grad", site)
            .check(grad.shape() == shape() && grad.dtype() == dtype() && grad.device() == device(), "a gradient ", grad.shape(), " ", grad.dtype(),
                   " on ", grad.device(), " for a tensor ", shape(), " ", dtype(), " on ", device());
    }
    grad_slot(*this).grad = std::move(grad);
}

void Tensor::retain_grad(Site site) const {
    Call("retain_grad", site).check(requires_grad(), "this tensor does not require grad");
    grad_slot(*this).retain = true;
}

void Tensor::register_hook(std::function<Tensor(const Tensor&)> hook, Site site) const {
    Call("register_hook", site).check(requires_grad(), "this tensor does not require grad");
    grad_slot(*this).hooks.push_back(std::move(hook));
}

Tensor Tensor::detach() const {
    return make_view(*this, shape(), strides(), impl_->offset);
}

}  // namespace vitrine
