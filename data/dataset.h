// What a data set is: anything that knows how many examples it has and hands out each as a struct of tensors.
//
//     struct Pair { vitrine::Tensor left, right; };
//     struct Pairs {
//         std::int64_t size() const;
//         Pair get(std::int64_t i) const;
//     };
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "vitrine/core/tensor.h"

namespace vitrine::data {

/// An input and what it should become: what the library's own data sets hand out.
struct Example {
    Tensor x, y;
};

template <class D>
concept Dataset = requires(const D& dataset, std::int64_t i) {
    { dataset.size() } -> std::convertible_to<std::int64_t>;
    dataset.get(i);
};

/// A data set that joins the examples `indices` itself, faster than one by one. Every tensor of the struct that it
/// returns has the examples along its first dimension.
template <class D>
concept BatchedDataset = Dataset<D> && requires(const D& dataset, std::span<const std::int64_t> indices) {
    dataset.get_batch(indices);
};

/// Stands for the initialiser of a field that is a Tensor.
struct AnyTensor {
    operator Tensor() const;
};

/// How many fields the struct of tensors T has; 0 when a field is no Tensor.
template <class T, class... Initialisers>
consteval int count_fields() {
    if constexpr (requires { T{Initialisers{}..., AnyTensor{}}; }) return count_fields<T, Initialisers..., AnyTensor>();
    else return static_cast<int>(sizeof...(Initialisers));
}

/// The fields of a struct of 1 to 4 tensors, in order.
template <class T>
auto fields_of(T& value) {
    constexpr int n = count_fields<T>();
    static_assert(n >= 1 && n <= 4, "get(i) must return a struct of 1 to 4 tensors");
    if constexpr (n == 1) {
        auto& [a] = value;
        return std::array{&a};
    } else if constexpr (n == 2) {
        auto& [a, b] = value;
        return std::array{&a, &b};
    } else if constexpr (n == 3) {
        auto& [a, b, c] = value;
        return std::array{&a, &b, &c};
    } else {
        auto& [a, b, c, d] = value;
        return std::array{&a, &b, &c, &d};
    }
}

/// Tensors of one shape and dtype joined along a new first dimension, in fresh memory. They must be on the cpu.
/// With a pad_value only their dtypes and numbers of dimensions must be the same: each gets the largest size of each
/// dimension, filled at the ends. Throws Error, which names `what` and the first that differs, otherwise.
Tensor stack_examples(std::span<const Tensor> examples, std::optional<double> pad_value, const char* what, Site site);

/// A copy of x, on the cpu, in page-locked memory. Throws Error without device cuda.
Tensor pinned(const Tensor& x, Site site = Site::here());
/// Throws Error unless pinned() works here.
void check_can_pin(Site site);

}  // namespace vitrine::data
