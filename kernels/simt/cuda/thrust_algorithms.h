// Thrust's algorithms, on the host, element after element. A policy as the first argument
// (thrust::device, ...) changes nothing.
#pragma once

#include <algorithm>
#include <iterator>
#include <numeric>
#include <type_traits>
#include <vector>

#include "thrust_iterators.h"

namespace thrust {

struct VitrinePolicy {
    VitrinePolicy on(cudaStream_t) const { return {}; }
    template <class Allocator>
    VitrinePolicy operator()(const Allocator&) const {
        return {};
    }
};
constexpr VitrinePolicy device, host, seq;
namespace cuda {
constexpr VitrinePolicy par, par_nosync;
}

template <class T>
constexpr bool vitrine_is_policy = std::is_same_v<std::remove_cvref_t<T>, VitrinePolicy>;

/// f(first + i) with raw iterators for all i of [first, last), as the library's own accesses.
template <class In, class F>
void vitrine_each(In first, In last, F f) {
    const vitrine_cuda::EmulatorRuns here;
    const auto count = last - first;
    const auto raw = vitrine_raw(first);
    for (std::ptrdiff_t i = 0; i < count; ++i) f(raw[i], i);
}

/// Stores `value` at place i of `out`.
template <class Out, class T>
void vitrine_put(Out out, std::ptrdiff_t i, const T& value) {
    vitrine_raw(out)[i] = value;
}
template <class T, class U>
void vitrine_put(device_ptr<T> out, std::ptrdiff_t i, const U& value) {
    out.get()[i] = static_cast<T>(value);
    vitrine_written(out.get() + i, sizeof(T));
}
template <class T, class U>
void vitrine_put(T* out, std::ptrdiff_t i, const U& value) {
    out[i] = static_cast<T>(value);
    vitrine_written(out + i, sizeof(T));
}

/// std's algorithm in place: f(raw first, raw last).
template <class It, class F>
auto vitrine_range(It first, It last, F f) {
    const vitrine_cuda::EmulatorRuns here;
    const auto begin = vitrine_raw(first);
    return f(begin, begin + (last - first));
}

template <class In, class Out>
requires(!vitrine_is_policy<In>) Out copy(In first, In last, Out out) {
    vitrine_each(first, last, [&](const auto& x, std::ptrdiff_t i) { vitrine_put(out, i, x); });
    return out + (last - first);
}
template <class In, class Out>
requires(!vitrine_is_policy<In>) Out copy_n(In first, std::ptrdiff_t n, Out out) {
    return copy(first, first + n, out);
}
template <class It, class T>
requires(!vitrine_is_policy<It>) void fill(It first, It last, const T& value) {
    vitrine_each(first, last, [&](const auto&, std::ptrdiff_t i) { vitrine_put(first, i, value); });
}
template <class It, class T>
requires(!vitrine_is_policy<It>) It fill_n(It first, std::ptrdiff_t n, const T& value) {
    fill(first, first + n, value);
    return first + n;
}
template <class It, class T = VitrineElement<It>>
requires(!vitrine_is_policy<It>) void sequence(It first, It last, T start = T(0), T step = T(1)) {
    vitrine_each(first, last, [&](const auto&, std::ptrdiff_t i) {
        vitrine_put(first, i, start + static_cast<T>(i) * step);
    });
}
template <class It, class F>
requires(!vitrine_is_policy<It>) void generate(It first, It last, F f) {
    vitrine_each(first, last, [&](const auto&, std::ptrdiff_t i) { vitrine_put(first, i, f()); });
}
template <class It, class F>
requires(!vitrine_is_policy<It>) It for_each(It first, It last, F f) {
    vitrine_each(first, last, [&](auto&& x, std::ptrdiff_t) { f(x); });
    return last;
}
template <class It, class F>
requires(!vitrine_is_policy<It>) It for_each_n(It first, std::ptrdiff_t n, F f) {
    return for_each(first, first + n, f);
}
template <class In, class Out, class F>
requires(!vitrine_is_policy<In>) Out transform(In first, In last, Out out, F f) {
    vitrine_each(first, last, [&](const auto& x, std::ptrdiff_t i) { vitrine_put(out, i, f(x)); });
    return out + (last - first);
}
template <class In, class In2, class Out, class F>
requires(!vitrine_is_policy<In>) Out transform(In first, In last, In2 second, Out out, F f) {
    const auto other = vitrine_raw(second);
    vitrine_each(first, last,
                 [&](const auto& x, std::ptrdiff_t i) { vitrine_put(out, i, f(x, other[i])); });
    return out + (last - first);
}
template <class In, class Map, class Out>
requires(!vitrine_is_policy<In>) void scatter(In first, In last, Map map, Out out) {
    const auto places = vitrine_raw(map);
    vitrine_each(first, last, [&](const auto& x, std::ptrdiff_t i) {
        vitrine_put(out, static_cast<std::ptrdiff_t>(places[i]), x);
    });
}
template <class Map, class In, class Out>
requires(!vitrine_is_policy<Map>) Out gather(Map first, Map last, In in, Out out) {
    const auto values = vitrine_raw(in);
    vitrine_each(first, last, [&](const auto& place, std::ptrdiff_t i) {
        vitrine_put(out, i, values[static_cast<std::ptrdiff_t>(place)]);
    });
    return out + (last - first);
}

template <class In, class T = VitrineElement<In>, class F = plus<>>
requires(!vitrine_is_policy<In>) T reduce(In first, In last, T start = T(0), F f = F()) {
    vitrine_each(first, last, [&](const auto& x, std::ptrdiff_t) { start = f(start, x); });
    return start;
}
template <class In, class Map, class T, class F>
requires(!vitrine_is_policy<In>) T transform_reduce(In first, In last, Map map, T start, F f) {
    vitrine_each(first, last, [&](const auto& x, std::ptrdiff_t) { start = f(start, map(x)); });
    return start;
}
template <class In, class In2, class T>
requires(!vitrine_is_policy<In>) T inner_product(In first, In last, In2 second, T start) {
    const auto other = vitrine_raw(second);
    vitrine_each(first, last, [&](const auto& x, std::ptrdiff_t i) { start = start + x * other[i]; });
    return start;
}
template <class In, class F>
requires(!vitrine_is_policy<In>) std::ptrdiff_t count_if(In first, In last, F f) {
    return vitrine_range(first, last, [&](auto a, auto b) { return std::count_if(a, b, f); });
}
template <class In, class T>
requires(!vitrine_is_policy<In>) std::ptrdiff_t count(In first, In last, const T& value) {
    return vitrine_range(first, last, [&](auto a, auto b) { return std::count(a, b, value); });
}
template <class In, class Out, class F = plus<>>
requires(!vitrine_is_policy<In>) Out inclusive_scan(In first, In last, Out out, F f = F()) {
    VitrineElement<In> sum{};
    vitrine_each(first, last, [&](const auto& x, std::ptrdiff_t i) {
        sum = i == 0 ? x : f(sum, x);
        vitrine_put(out, i, sum);
    });
    return out + (last - first);
}
template <class In, class Out, class T = VitrineElement<In>, class F = plus<>>
requires(!vitrine_is_policy<In>) Out exclusive_scan(In first, In last, Out out, T start = T(0),
                                                    F f = F()) {
    vitrine_each(first, last, [&](const auto& x, std::ptrdiff_t i) {
        const T next = f(start, x);
        vitrine_put(out, i, start);
        start = next;
    });
    return out + (last - first);
}
template <class In, class Out, class F = minus<>>
requires(!vitrine_is_policy<In>) Out adjacent_difference(In first, In last, Out out, F f = F()) {
    VitrineElement<In> before{};
    vitrine_each(first, last, [&](const auto& x, std::ptrdiff_t i) {
        const auto now = x;
        vitrine_put(out, i, i == 0 ? now : f(now, before));
        before = now;
    });
    return out + (last - first);
}

template <class It, class F = less<>>
requires(!vitrine_is_policy<It>) void sort(It first, It last, F f = F()) {
    vitrine_range(first, last, [&](auto a, auto b) { std::stable_sort(a, b, f); });
}
template <class It, class F = less<>>
requires(!vitrine_is_policy<It>) void stable_sort(It first, It last, F f = F()) {
    sort(first, last, f);
}
template <class Keys, class Values, class F = less<>>
requires(!vitrine_is_policy<Keys>) void sort_by_key(Keys first, Keys last, Values values, F f = F()) {
    const vitrine_cuda::EmulatorRuns here;
    const auto count = last - first;
    std::vector<std::ptrdiff_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    const auto keys = vitrine_raw(first);
    const auto old = vitrine_raw(values);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return f(keys[a], keys[b]); });
    const std::vector<VitrineElement<Keys>> old_keys(keys, keys + count);
    const std::vector<VitrineElement<Values>> old_values(old, old + count);
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        const auto from = static_cast<std::size_t>(order[static_cast<std::size_t>(i)]);
        vitrine_put(first, i, old_keys[from]);
        vitrine_put(values, i, old_values[from]);
    }
}
template <class Keys, class Values, class F = less<>>
requires(!vitrine_is_policy<Keys>) void stable_sort_by_key(Keys first, Keys last, Values values,
                                                           F f = F()) {
    sort_by_key(first, last, values, f);
}
template <class It, class F = less<>>
requires(!vitrine_is_policy<It>) bool is_sorted(It first, It last, F f = F()) {
    return vitrine_range(first, last, [&](auto a, auto b) { return std::is_sorted(a, b, f); });
}
template <class It, class F = less<>>
requires(!vitrine_is_policy<It>) It max_element(It first, It last, F f = F()) {
    return first +
           vitrine_range(first, last, [&](auto a, auto b) { return std::max_element(a, b, f) - a; });
}
template <class It, class F = less<>>
requires(!vitrine_is_policy<It>) It min_element(It first, It last, F f = F()) {
    return first +
           vitrine_range(first, last, [&](auto a, auto b) { return std::min_element(a, b, f) - a; });
}
template <class It, class F = less<>>
requires(!vitrine_is_policy<It>) pair<It, It> minmax_element(It first, It last, F f = F()) {
    return {min_element(first, last, f), max_element(first, last, f)};
}
template <class It, class T>
requires(!vitrine_is_policy<It>) It find(It first, It last, const T& value) {
    return first +
           vitrine_range(first, last, [&](auto a, auto b) { return std::find(a, b, value) - a; });
}
template <class It, class F = equal_to<>>
requires(!vitrine_is_policy<It>) It unique(It first, It last, F f = F()) {
    return first + vitrine_range(first, last, [&](auto a, auto b) { return std::unique(a, b, f) - a; });
}
template <class It, class T>
requires(!vitrine_is_policy<It>) It remove(It first, It last, const T& value) {
    return first +
           vitrine_range(first, last, [&](auto a, auto b) { return std::remove(a, b, value) - a; });
}
template <class It, class F>
requires(!vitrine_is_policy<It>) It remove_if(It first, It last, F f) {
    return first +
           vitrine_range(first, last, [&](auto a, auto b) { return std::remove_if(a, b, f) - a; });
}
template <class In, class Out, class F>
requires(!vitrine_is_policy<In>) Out copy_if(In first, In last, Out out, F f) {
    std::ptrdiff_t kept = 0;
    vitrine_each(first, last, [&](const auto& x, std::ptrdiff_t) {
        if (f(x)) vitrine_put(out, kept++, x);
    });
    return out + kept;
}
template <class It>
requires(!vitrine_is_policy<It>) void reverse(It first, It last) {
    vitrine_range(first, last, [](auto a, auto b) { std::reverse(a, b); });
}
template <class Keys, class Values, class OutKeys, class OutValues>
requires(!vitrine_is_policy<Keys>) pair<OutKeys, OutValues> reduce_by_key(
    Keys first, Keys last, Values values, OutKeys out_keys, OutValues out_values) {
    std::ptrdiff_t groups = 0;
    VitrineElement<Values> sum{};
    const auto raw = vitrine_raw(first);
    const auto added = vitrine_raw(values);
    vitrine_each(first, last, [&](const auto& key, std::ptrdiff_t i) {
        const bool is_new = i == 0 || !(raw[i - 1] == key);
        sum = is_new ? added[i] : sum + added[i];
        if (is_new) vitrine_put(out_keys, groups++, key);
        vitrine_put(out_values, groups - 1, sum);
    });
    return {out_keys + groups, out_values + groups};
}

}  // namespace thrust
