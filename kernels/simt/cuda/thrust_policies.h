// The algorithms of thrust_algorithms.h with a policy before their other arguments.
#pragma once

#include "thrust_algorithms.h"

namespace thrust {

template <class... A>
auto copy(const VitrinePolicy&, A... a) {
    return thrust::copy(a...);
}
template <class... A>
auto copy_n(const VitrinePolicy&, A... a) {
    return thrust::copy_n(a...);
}
template <class... A>
auto fill(const VitrinePolicy&, A... a) {
    return thrust::fill(a...);
}
template <class... A>
auto fill_n(const VitrinePolicy&, A... a) {
    return thrust::fill_n(a...);
}
template <class... A>
auto sequence(const VitrinePolicy&, A... a) {
    return thrust::sequence(a...);
}
template <class... A>
auto generate(const VitrinePolicy&, A... a) {
    return thrust::generate(a...);
}
template <class... A>
auto for_each(const VitrinePolicy&, A... a) {
    return thrust::for_each(a...);
}
template <class... A>
auto for_each_n(const VitrinePolicy&, A... a) {
    return thrust::for_each_n(a...);
}
template <class... A>
auto transform(const VitrinePolicy&, A... a) {
    return thrust::transform(a...);
}
template <class... A>
auto scatter(const VitrinePolicy&, A... a) {
    return thrust::scatter(a...);
}
template <class... A>
auto gather(const VitrinePolicy&, A... a) {
    return thrust::gather(a...);
}
template <class... A>
auto reduce(const VitrinePolicy&, A... a) {
    return thrust::reduce(a...);
}
template <class... A>
auto transform_reduce(const VitrinePolicy&, A... a) {
    return thrust::transform_reduce(a...);
}
template <class... A>
auto inner_product(const VitrinePolicy&, A... a) {
    return thrust::inner_product(a...);
}
template <class... A>
auto count_if(const VitrinePolicy&, A... a) {
    return thrust::count_if(a...);
}
template <class... A>
auto count(const VitrinePolicy&, A... a) {
    return thrust::count(a...);
}
template <class... A>
auto inclusive_scan(const VitrinePolicy&, A... a) {
    return thrust::inclusive_scan(a...);
}
template <class... A>
auto exclusive_scan(const VitrinePolicy&, A... a) {
    return thrust::exclusive_scan(a...);
}
template <class... A>
auto adjacent_difference(const VitrinePolicy&, A... a) {
    return thrust::adjacent_difference(a...);
}
template <class... A>
auto sort(const VitrinePolicy&, A... a) {
    return thrust::sort(a...);
}
template <class... A>
auto stable_sort(const VitrinePolicy&, A... a) {
    return thrust::stable_sort(a...);
}
template <class... A>
auto sort_by_key(const VitrinePolicy&, A... a) {
    return thrust::sort_by_key(a...);
}
template <class... A>
auto stable_sort_by_key(const VitrinePolicy&, A... a) {
    return thrust::stable_sort_by_key(a...);
}
template <class... A>
auto is_sorted(const VitrinePolicy&, A... a) {
    return thrust::is_sorted(a...);
}
template <class... A>
auto max_element(const VitrinePolicy&, A... a) {
    return thrust::max_element(a...);
}
template <class... A>
auto min_element(const VitrinePolicy&, A... a) {
    return thrust::min_element(a...);
}
template <class... A>
auto minmax_element(const VitrinePolicy&, A... a) {
    return thrust::minmax_element(a...);
}
template <class... A>
auto find(const VitrinePolicy&, A... a) {
    return thrust::find(a...);
}
template <class... A>
auto unique(const VitrinePolicy&, A... a) {
    return thrust::unique(a...);
}
template <class... A>
auto remove(const VitrinePolicy&, A... a) {
    return thrust::remove(a...);
}
template <class... A>
auto remove_if(const VitrinePolicy&, A... a) {
    return thrust::remove_if(a...);
}
template <class... A>
auto copy_if(const VitrinePolicy&, A... a) {
    return thrust::copy_if(a...);
}
template <class... A>
auto reverse(const VitrinePolicy&, A... a) {
    return thrust::reverse(a...);
}
template <class... A>
auto reduce_by_key(const VitrinePolicy&, A... a) {
    return thrust::reduce_by_key(a...);
}

}  // namespace thrust
