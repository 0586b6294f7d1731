// Vectors of 16 bytes that g++ and clang turn into whatever the machine has, for register tiles of 6 rows by two.
#pragma once

namespace vitrine::kernels {
namespace {

template <class T>
struct Lanes16 {
    using Element = T;
    typedef T Vector __attribute__((vector_size(16)));
    // The same in memory: no alignment beyond the element's, and it may alias the element.
    typedef T InMemory __attribute__((vector_size(16), aligned(sizeof(T)), may_alias));
    static constexpr int width = 16 / sizeof(T), rows = 6;
    static Vector zero() { return Vector{}; }
    static Vector load(const T* p) { return *reinterpret_cast<const InMemory*>(p); }
    static Vector load_first(const T* p, int n) {
        Vector x{};
        for (int i = 0; i < n && i < width; ++i) x[i] = p[i];
        return x;
    }
    static void store(T* p, Vector x) { *reinterpret_cast<InMemory*>(p) = x; }
    static void store_first(T* p, Vector x, int n) {
        for (int i = 0; i < n && i < width; ++i) p[i] = x[i];
    }
    static Vector broadcast(const T* p) { return Vector{} + *p; }
    static Vector add(Vector a, Vector b) { return a + b; }
    static Vector fma(Vector a, Vector b, Vector c) { return a * b + c; }
};

using Floats = Lanes16<float>;
using Doubles = Lanes16<double>;

}  // namespace
}  // namespace vitrine::kernels
