// Sizes of a tensor, without heap.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <span>

namespace vitrine {

/// Up to 8 dimensions, outermost first. Also used for strides (in elements) and lists of axes.
class Shape {
public:
    static constexpr int max_dims = 8;

    Shape() = default;
    /// Throws Error for more than max_dims sizes.
    Shape(std::initializer_list<std::int64_t> sizes) : Shape(std::span(sizes.begin(), sizes.size())) {}
    explicit Shape(std::span<const std::int64_t> sizes);
    /// `dims` times the same value.
    static Shape filled(int dims, std::int64_t value);

    int dims() const { return dims_; }
    bool empty() const { return dims_ == 0; }
    /// Product of the sizes; 1 without dimensions.
    std::int64_t numel() const {
        std::int64_t n = 1;
        for (std::int64_t size : *this) n *= size;
        return n;
    }

    std::int64_t& operator[](int i) { return sizes_[static_cast<std::size_t>(i)]; }
    std::int64_t operator[](int i) const { return sizes_[static_cast<std::size_t>(i)]; }
    std::int64_t back() const { return (*this)[dims_ - 1]; }

    const std::int64_t* begin() const { return sizes_.data(); }
    const std::int64_t* end() const { return sizes_.data() + dims_; }

    void push_back(std::int64_t size);
    void insert(int at, std::int64_t size);
    void erase(int at);

    friend bool operator==(const Shape& a, const Shape& b) {
        bool same = a.dims_ == b.dims_;
        for (int i = 0; same && i < a.dims_; ++i) same = a[i] == b[i];
        return same;
    }

private:
    std::array<std::int64_t, max_dims> sizes_{};
    int dims_ = 0;
};

using Strides = Shape;

/// "(2, 3)", "(5,)", "()".
std::ostream& operator<<(std::ostream& out, const Shape& shape);

/// Row-major strides of a shape; sizes of 0 count as 1.
Strides contiguous_strides(const Shape& shape);
/// True when strides are row-major; strides of dimensions of size 1 are never compared.
inline bool is_contiguous(const Shape& shape, const Strides& strides) {
    std::int64_t expected = 1;
    bool in_order = true;
    for (int i = shape.dims() - 1; i >= 0; --i) {
        if (shape[i] == 0) return true;
        if (shape[i] != 1 && strides[i] != expected) in_order = false;
        expected *= shape[i];
    }
    return in_order;
}
/// True when the elements fill one block without gaps in some order of the dimensions.
bool is_dense(const Shape& shape, const Strides& strides);
/// True when a and b walk the same shape in the same places (dimensions of size 1 aside).
bool same_layout(const Shape& shape, const Strides& a, const Strides& b);
/// Strides without gaps that keep the order in which `like` walks the dimensions (row-major for a broadcast `like`).
Strides dense_strides(const Shape& shape, const Strides& like);

}  // namespace vitrine
