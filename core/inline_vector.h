// A vector whose first N elements need no heap.
#pragma once

#include <array>
#include <cstddef>
#include <algorithm>
#include <memory>
#include <utility>

namespace vitrine {

/// Grows by push_back only; T is default-constructible and movable.
template <class T, std::size_t N>
class InlineVector {
public:
    InlineVector() = default;
    explicit InlineVector(std::size_t size) { reset(size); }

    std::size_t size() const { return size_; }
    T* begin() { return heap_ ? heap_.get() : inline_.data(); }
    T* end() { return begin() + size_; }
    const T* begin() const { return heap_ ? heap_.get() : inline_.data(); }
    const T* end() const { return begin() + size_; }
    T& operator[](std::size_t i) { return begin()[i]; }
    const T& operator[](std::size_t i) const { return begin()[i]; }

    void push_back(T value) {
        if (size_ == capacity_) grow(2 * capacity_);
        begin()[size_++] = std::move(value);
    }

private:
    void reset(std::size_t size) {
        if (size > capacity_) grow(size);
        size_ = size;
    }
    void grow(std::size_t capacity) {
        auto larger = std::make_unique<T[]>(capacity);
        std::move(begin(), end(), larger.get());
        heap_ = std::move(larger);
        capacity_ = capacity;
    }

    std::array<T, N> inline_{};
    std::unique_ptr<T[]> heap_;
    std::size_t size_ = 0, capacity_ = N;
};

}  // namespace vitrine
