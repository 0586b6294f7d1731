// Thrust's iterators that hold no memory, and its function objects.
#pragma once

#include <complex>
#include <cstddef>
#include <functional>
#include <iterator>
#include <random>
#include <tuple>
#include <utility>

#include "thrust_vector.h"

namespace thrust {

using std::get;
using std::make_pair;
using std::make_tuple;
using std::pair;
using std::tie;
using std::tuple;
template <class T>
using complex = std::complex<T>;

/// The element itself, also of the device: the algorithms run on the host.
template <class Iterator>
Iterator vitrine_raw(Iterator it) {
    return it;
}
template <class T>
T* vitrine_raw(device_ptr<T> it) {
    return it.get();
}

/// A random access iterator by `own.at(index)`.
template <class Own, class Value, class Reference = Value>
class VitrineIterator {
public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Reference;

    Reference operator*() const { return own().at(index_); }
    Reference operator[](difference_type i) const { return own().at(index_ + i); }
    Own& operator+=(difference_type n) {
        index_ += n;
        return static_cast<Own&>(*this);
    }
    Own& operator-=(difference_type n) { return *this += -n; }
    Own& operator++() { return *this += 1; }
    Own& operator--() { return *this -= 1; }
    Own operator++(int) { return std::exchange(static_cast<Own&>(*this), own() + 1); }
    Own operator--(int) { return std::exchange(static_cast<Own&>(*this), own() - 1); }
    friend Own operator+(Own it, difference_type n) { return it += n; }
    friend Own operator+(difference_type n, Own it) { return it += n; }
    friend Own operator-(Own it, difference_type n) { return it -= n; }
    friend difference_type operator-(const Own& a, const Own& b) { return place(a) - place(b); }
    friend bool operator==(const Own& a, const Own& b) { return place(a) == place(b); }
    friend auto operator<=>(const Own& a, const Own& b) { return place(a) <=> place(b); }

private:
    static difference_type place(const VitrineIterator& it) {
        return it.index_ + static_cast<difference_type>(it.own().origin());
    }
    const Own& own() const { return static_cast<const Own&>(*this); }
    difference_type index_ = 0;
};

template <class T>
struct counting_iterator : VitrineIterator<counting_iterator<T>, T> {
    explicit counting_iterator(T start = T()) : first(start) {}
    T at(std::ptrdiff_t i) const { return static_cast<T>(first + static_cast<T>(i)); }
    T origin() const { return first; }
    T first;
};
template <class T>
counting_iterator<T> make_counting_iterator(T first) {
    return counting_iterator<T>(first);
}

template <class T>
struct constant_iterator : VitrineIterator<constant_iterator<T>, T> {
    explicit constant_iterator(T of, std::ptrdiff_t place = 0) : value(of), start(place) {}
    T at(std::ptrdiff_t) const { return value; }
    std::ptrdiff_t origin() const { return start; }
    T value;
    std::ptrdiff_t start;
};
template <class T>
constant_iterator<T> make_constant_iterator(T value) {
    return constant_iterator<T>(value);
}

/// Takes anything and keeps nothing.
struct VitrineNowhere {
    template <class T>
    const VitrineNowhere& operator=(const T&) const {
        return *this;
    }
};
struct discard_iterator : VitrineIterator<discard_iterator, VitrineNowhere> {
    explicit discard_iterator(std::ptrdiff_t place = 0) : start(place) {}
    VitrineNowhere at(std::ptrdiff_t) const { return {}; }
    std::ptrdiff_t origin() const { return start; }
    std::ptrdiff_t start;
};
inline discard_iterator make_discard_iterator() { return discard_iterator(); }

template <class Iterator>
using VitrineElement =
    std::remove_cvref_t<decltype(vitrine_raw(std::declval<Iterator>())[std::ptrdiff_t()])>;

template <class F, class Iterator>
struct transform_iterator
    : VitrineIterator<transform_iterator<F, Iterator>,
                      std::decay_t<std::invoke_result_t<F, VitrineElement<Iterator>>>> {
    transform_iterator(Iterator from, F function) : it(from), f(function) {}
    auto at(std::ptrdiff_t i) const { return f(vitrine_raw(it)[i]); }
    std::ptrdiff_t origin() const { return 0; }  // of iterators that began as one
    Iterator it;
    mutable F f;
};
template <class Iterator, class F>
transform_iterator<F, Iterator> make_transform_iterator(Iterator it, F f) {
    return transform_iterator<F, Iterator>(it, f);
}

template <class Elements, class Indices>
struct permutation_iterator
    : VitrineIterator<permutation_iterator<Elements, Indices>, VitrineElement<Elements>,
                      decltype(vitrine_raw(std::declval<Elements>())[std::ptrdiff_t()])> {
    permutation_iterator(Elements from, Indices by) : elements(from), indices(by) {}
    decltype(auto) at(std::ptrdiff_t i) const {
        return vitrine_raw(elements)[static_cast<std::ptrdiff_t>(vitrine_raw(indices)[i])];
    }
    std::ptrdiff_t origin() const { return 0; }
    Elements elements;
    Indices indices;
};
template <class Elements, class Indices>
permutation_iterator<Elements, Indices> make_permutation_iterator(Elements e, Indices i) {
    return permutation_iterator<Elements, Indices>(e, i);
}

// thrust::plus<T> and its like; what std lacks follows.
template <class T = void> using plus = std::plus<T>;
template <class T = void> using minus = std::minus<T>;
template <class T = void> using multiplies = std::multiplies<T>;
template <class T = void> using divides = std::divides<T>;
template <class T = void> using modulus = std::modulus<T>;
template <class T = void> using negate = std::negate<T>;
template <class T = void> using less = std::less<T>;
template <class T = void> using less_equal = std::less_equal<T>;
template <class T = void> using greater = std::greater<T>;
template <class T = void> using greater_equal = std::greater_equal<T>;
template <class T = void> using equal_to = std::equal_to<T>;
template <class T = void> using not_equal_to = std::not_equal_to<T>;
template <class T = void> using logical_and = std::logical_and<T>;
template <class T = void> using logical_or = std::logical_or<T>;
template <class T = void> using logical_not = std::logical_not<T>;
template <class T = void> using bit_and = std::bit_and<T>;
template <class T = void> using bit_or = std::bit_or<T>;
template <class T = void> using bit_xor = std::bit_xor<T>;
template <class T = void>
struct maximum {
    template <class U>
    U operator()(const U& a, const U& b) const {
        return a < b ? b : a;
    }
};
template <class T = void>
struct minimum {
    template <class U>
    U operator()(const U& a, const U& b) const {
        return b < a ? b : a;
    }
};
template <class T = void>
struct identity {
    template <class U>
    U operator()(const U& x) const {
        return x;
    }
};
template <class T = void>
struct square {
    template <class U>
    U operator()(const U& x) const {
        return x * x;
    }
};
template <class Argument, class Result>
struct unary_function {
    using argument_type = Argument;
    using result_type = Result;
};
template <class First, class Second, class Result>
struct binary_function {
    using first_argument_type = First;
    using second_argument_type = Second;
    using result_type = Result;
};

using default_random_engine = std::minstd_rand;
using minstd_rand = std::minstd_rand;
using std::normal_distribution;
using std::uniform_int_distribution;
using std::uniform_real_distribution;
namespace random = thrust;

}  // namespace thrust
