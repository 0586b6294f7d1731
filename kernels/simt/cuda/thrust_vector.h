// Thrust's vectors and pointers. What the host reads and writes through them is the library's own
// access to memory of the device, and no finding.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

#include "vitrine/kernels/simt/check/events.h"

#include "allocations.h"
#include "api.h"
#include "host_access.h"

namespace thrust {

/// What the library stored on the device counts as written.
inline void vitrine_written(const void* memory, std::size_t bytes) {
    if (bytes > 0 && vitrine_cuda::allocations().find(memory))
        vitrine::kernels::simt::check::memory_written(memory, bytes);
}

template <class T>
class device_ptr;

template <class T>
class device_reference {
public:
    explicit device_reference(T* place) : place_(place) {}
    device_reference(const device_reference&) = default;
    operator std::remove_cv_t<T>() const {
        const vitrine_cuda::EmulatorRuns here;
        return *place_;
    }
    const device_reference& operator=(const std::remove_cv_t<T>& value) const {
        const vitrine_cuda::EmulatorRuns here;
        *place_ = value;
        vitrine_written(place_, sizeof(T));
        return *this;
    }
    device_reference& operator=(const device_reference& other) {
        static_cast<const device_reference&>(*this) = static_cast<std::remove_cv_t<T>>(other);
        return *this;
    }
    device_ptr<T> operator&() const { return device_ptr<T>(place_); }
    const device_reference& operator+=(const T& value) const { return *this = T(*this) + value; }
    const device_reference& operator-=(const T& value) const { return *this = T(*this) - value; }
    const device_reference& operator*=(const T& value) const { return *this = T(*this) * value; }

private:
    T* place_;
};

/// A pointer to the device's memory, and the iterator of a device_vector.
template <class T>
class device_ptr {
public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = std::remove_cv_t<T>;
    using difference_type = std::ptrdiff_t;
    using pointer = device_ptr;
    using reference = device_reference<T>;

    device_ptr(std::nullptr_t = nullptr) : place_(nullptr) {}
    explicit device_ptr(T* place) : place_(place) {}
    template <class U>
    requires std::is_convertible_v<U*, T*> device_ptr(device_ptr<U> other) : place_(other.get()) {}

    T* get() const { return place_; }
    reference operator*() const { return reference(place_); }
    reference operator[](difference_type i) const { return reference(place_ + i); }
    device_ptr& operator+=(difference_type n) {
        place_ += n;
        return *this;
    }
    device_ptr& operator-=(difference_type n) { return *this += -n; }
    device_ptr& operator++() { return *this += 1; }
    device_ptr& operator--() { return *this -= 1; }
    device_ptr operator++(int) { return std::exchange(*this, *this + 1); }
    device_ptr operator--(int) { return std::exchange(*this, *this - 1); }
    friend device_ptr operator+(device_ptr p, difference_type n) { return p += n; }
    friend device_ptr operator+(difference_type n, device_ptr p) { return p += n; }
    friend device_ptr operator-(device_ptr p, difference_type n) { return p -= n; }
    friend difference_type operator-(device_ptr a, device_ptr b) { return a.place_ - b.place_; }
    friend auto operator<=>(device_ptr a, device_ptr b) = default;

private:
    T* place_;
};

template <class T>
T* raw_pointer_cast(device_ptr<T> p) {
    return p.get();
}
template <class T>
T* raw_pointer_cast(T* p) {
    return p;
}
template <class T>
device_ptr<T> device_pointer_cast(T* p) {
    return device_ptr<T>(p);
}
template <class T>
device_ptr<T> device_malloc(std::size_t count) {
    T* memory = nullptr;
    cudaMalloc(&memory, count * sizeof(T));
    return device_ptr<T>(memory);
}
template <class T>
void device_free(device_ptr<T> p) {
    cudaFree(p.get());
}

template <class T>
class device_vector;

template <class T>
class host_vector : public std::vector<T> {
public:
    using std::vector<T>::vector;
    host_vector() = default;
    host_vector(const std::vector<T>& other) : std::vector<T>(other) {}
    host_vector(const device_vector<T>& other) : std::vector<T>(other.begin(), other.end()) {}
    using std::vector<T>::operator=;
    host_vector& operator=(const device_vector<T>& other) {
        this->assign(other.begin(), other.end());
        return *this;
    }
};

template <class T>
class device_vector {
public:
    using value_type = T;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using reference = device_reference<T>;
    using pointer = device_ptr<T>;
    using iterator = device_ptr<T>;
    using const_iterator = device_ptr<const T>;

    device_vector() = default;
    explicit device_vector(std::size_t count, const T& value = T()) { resize(count, value); }
    template <std::input_iterator Iterator>
    device_vector(Iterator first, Iterator last) {
        assign(first, last);
    }
    device_vector(std::initializer_list<T> values) { assign(values.begin(), values.end()); }
    device_vector(const std::vector<T>& other) { assign(other.begin(), other.end()); }
    device_vector(const device_vector& other) { assign(other.begin(), other.end()); }
    device_vector(device_vector&& other) noexcept { swap(other); }
    ~device_vector() { cudaFree(memory_); }

    device_vector& operator=(const device_vector& other) {
        if (this != &other) assign(other.begin(), other.end());
        return *this;
    }
    device_vector& operator=(device_vector&& other) noexcept {
        swap(other);
        return *this;
    }
    device_vector& operator=(const std::vector<T>& other) {
        assign(other.begin(), other.end());
        return *this;
    }

    template <class Iterator>
    void assign(Iterator first, Iterator last) {
        const std::vector<T> values(first, last);  // it may be this vector's own
        size_ = 0;
        reserve(values.size());
        append(values);
    }
    void assign(std::size_t count, const T& value) {
        size_ = 0;
        resize(count, value);
    }
    void resize(std::size_t count, const T& value = T()) {
        reserve(count);
        if (count > size_) append(std::vector<T>(count - size_, value));
        size_ = count;
    }
    void reserve(std::size_t count) {
        if (count <= capacity_) return;
        T* memory = nullptr;
        cudaMalloc(&memory, count * sizeof(T));
        if (size_ > 0) cudaMemcpy(memory, memory_, size_ * sizeof(T), cudaMemcpyDeviceToDevice);
        cudaFree(std::exchange(memory_, memory));
        capacity_ = count;
    }
    void push_back(const T& value) {
        if (size_ == capacity_) reserve(2 * size_ + 1);
        append(std::vector<T>(1, value));
    }
    void pop_back() { --size_; }
    void clear() { size_ = 0; }
    void shrink_to_fit() {}
    iterator erase(iterator first, iterator last) {
        const auto at = first - begin();
        std::vector<T> values(cbegin(), const_iterator(first));
        values.insert(values.end(), const_iterator(last), cend());
        assign(values.begin(), values.end());
        return begin() + at;
    }
    void swap(device_vector& other) noexcept {
        std::swap(memory_, other.memory_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    bool empty() const { return size_ == 0; }
    iterator begin() { return iterator(memory_); }
    iterator end() { return begin() + static_cast<std::ptrdiff_t>(size_); }
    const_iterator begin() const { return const_iterator(memory_); }
    const_iterator end() const { return begin() + static_cast<std::ptrdiff_t>(size_); }
    const_iterator cbegin() const { return begin(); }
    const_iterator cend() const { return end(); }
    pointer data() { return begin(); }
    const_iterator data() const { return begin(); }
    reference operator[](std::size_t i) { return reference(memory_ + i); }
    T operator[](std::size_t i) const { return device_reference<const T>(memory_ + i); }
    reference front() { return (*this)[0]; }
    reference back() { return (*this)[size_ - 1]; }

private:
    void append(const std::vector<T>& values) {
        const vitrine_cuda::EmulatorRuns here;
        for (std::size_t i = 0; i < values.size(); ++i) memory_[size_ + i] = values[i];
        vitrine_written(memory_ + size_, values.size() * sizeof(T));
        size_ += values.size();
    }

    T* memory_ = nullptr;
    std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace thrust
