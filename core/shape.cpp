#include "shape.h"

#include <algorithm>
#include <ostream>

#include "vitrine/kernels/base/error.h"

namespace vitrine {

Shape::Shape(std::span<const std::int64_t> sizes) {
    VITRINE_CHECK(sizes.size() <= max_dims, "shape: ", sizes.size(), " dimensions; allowed are at most ", max_dims);
    std::copy(sizes.begin(), sizes.end(), sizes_.begin());
    dims_ = static_cast<int>(sizes.size());
}

Shape Shape::filled(int dims, std::int64_t value) {
    Shape shape;
    for (int i = 0; i < dims; ++i) shape.push_back(value);
    return shape;
}

void Shape::push_back(std::int64_t size) { insert(dims_, size); }

void Shape::insert(int at, std::int64_t size) {
    VITRINE_CHECK(dims_ < max_dims, "shape: more than ", max_dims, " dimensions");
    for (int i = dims_; i > at; --i) (*this)[i] = (*this)[i - 1];
    (*this)[at] = size;
    ++dims_;
}

void Shape::erase(int at) {
    for (int i = at; i + 1 < dims_; ++i) (*this)[i] = (*this)[i + 1];
    --dims_;
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
    out << '(';
    for (int i = 0; i < shape.dims(); ++i) out << (i ? ", " : "") << shape[i];
    return out << (shape.dims() == 1 ? ",)" : ")");
}

Strides contiguous_strides(const Shape& shape) {
    Strides strides = Strides::filled(shape.dims(), 1);
    for (int i = shape.dims() - 2; i >= 0; --i) strides[i] = strides[i + 1] * std::max<std::int64_t>(shape[i + 1], 1);
    return strides;
}

namespace {

struct Order {
    std::array<int, Shape::max_dims> dims;
    int count;  // dimensions of size 1 are left out
};

// The dimensions from the innermost in memory to the outermost; where strides tie, later ones first.
Order memory_order(const Shape& shape, const Strides& strides) {
    Order order{};
    for (int i = shape.dims() - 1; i >= 0; --i)
        if (shape[i] != 1) order.dims[static_cast<std::size_t>(order.count++)] = i;
    std::stable_sort(order.dims.begin(), order.dims.begin() + order.count,
                     [&](int a, int b) { return strides[a] < strides[b]; });
    return order;
}

bool is_broadcast(const Shape& shape, const Strides& strides) {
    for (int i = 0; i < shape.dims(); ++i)
        if (shape[i] > 1 && strides[i] == 0) return true;
    return false;
}

}  // namespace

bool is_dense(const Shape& shape, const Strides& strides) {
    if (is_contiguous(shape, strides)) return true;
    std::int64_t expected = 1;
    const Order order = memory_order(shape, strides);
    for (int i = 0; i < order.count; ++i) {
        const int d = order.dims[static_cast<std::size_t>(i)];
        if (strides[d] != expected) return false;
        expected *= shape[d];
    }
    return true;
}

bool same_layout(const Shape& shape, const Strides& a, const Strides& b) {
    for (int i = 0; i < shape.dims(); ++i)
        if (shape[i] > 1 && a[i] != b[i]) return false;
    return true;
}

Strides dense_strides(const Shape& shape, const Strides& like) {
    if (is_contiguous(shape, like) || is_broadcast(shape, like)) return contiguous_strides(shape);
    Strides strides = Strides::filled(shape.dims(), 1);
    std::int64_t next = 1;
    const Order order = memory_order(shape, like);
    for (int i = 0; i < order.count; ++i) {
        const int d = order.dims[static_cast<std::size_t>(i)];
        strides[d] = next;
        next *= shape[d];
    }
    return strides;
}

}  // namespace vitrine
