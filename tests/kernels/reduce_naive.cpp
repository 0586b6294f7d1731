// The fast CPU reductions against the plain loops that they stand beside.
#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/reduce/reduce.h"
#include "vitrine/kernels/reduce/reduce_naive.h"

using namespace vitrine::kernels;

namespace {

// A matrix reduced along its rows, or along its columns.
ReduceShape matrix(std::int64_t kept, std::int64_t reduced, bool rows) {
    ReduceShape n;
    n.kept.count = n.reduced.count = 1;
    n.kept.size[0] = kept, n.reduced.size[0] = reduced;
    n.kept.stride[0] = rows ? reduced : 1, n.reduced.stride[0] = rows ? 1 : kept;
    return n;
}

template <class T>
struct Problem {
    ReduceShape n;
    std::vector<T> x, y, dy, fast, slow;
    std::vector<char> workspace;

    explicit Problem(const ReduceShape& shape) : n(shape) {
        const auto kept = static_cast<std::size_t>(n.kept.elements());
        std::mt19937 random(7);
        std::uniform_real_distribution<T> any(-3, 3);
        x.resize(kept * static_cast<std::size_t>(n.reduced.elements()));
        for (T& v : x) v = std::round(any(random) * 8) / 8;  // some are equal
        y.resize(kept), dy.resize(kept), fast.resize(x.size() + kept), slow.resize(x.size() + kept);
        for (T& v : dy) v = any(random);
        workspace.resize(reduce_extreme_backward_workspace_bytes(n) + 1);
    }

    void check_same(double tolerance) const {
        std::size_t different = 0;
        for (std::size_t i = 0; i < fast.size(); ++i) {
            const double a = double(fast[i]), b = double(slow[i]);
            const bool equal = a == b || (std::isnan(a) && std::isnan(b)) || std::fabs(a - b) <= tolerance * (1 + std::fabs(b));
            different += !equal;
        }
        CHECK(different == 0);
    }
};

template <class T>
void compare(std::int64_t kept, std::int64_t reduced, bool rows) {
    const double tolerance = sizeof(T) == 4 ? 1e-5 : 1e-12;
    Problem<T> p(matrix(kept, reduced, rows));
    CAPTURE(kept);
    CAPTURE(reduced);
    CAPTURE(rows);
    const T* x = p.x.data();
    T *fast = p.fast.data(), *slow = p.slow.data(), *y = p.y.data();
    void* w = p.workspace.data();

    reduce_sum(Cpu{}, x, fast, 3.0, p.n, w), reduce_sum_naive(x, slow, 3.0, p.n), p.check_same(10 * tolerance);
    reduce_variance(Cpu{}, x, fast + kept, fast, 2.0, p.n, w), reduce_variance_naive(x, slow + kept, slow, 2.0, p.n), p.check_same(10 * tolerance);
    reduce_min(Cpu{}, x, fast, p.n, w), reduce_min_naive(x, slow, p.n), p.check_same(1e-7);
    reduce_logsumexp(Cpu{}, x, fast, p.n, w), reduce_logsumexp_naive(x, slow, p.n), p.check_same(tolerance);
    reduce_logsumexp_naive(x, y, p.n);
    reduce_logsumexp_backward(Cpu{}, x, y, p.dy.data(), fast, p.n), reduce_logsumexp_backward_naive(x, y, p.dy.data(), slow, p.n), p.check_same(10 * tolerance);
    reduce_max(Cpu{}, x, fast, p.n, w), reduce_max_naive(x, slow, p.n), p.check_same(10 * tolerance);
    reduce_max_naive(x, y, p.n);
    reduce_extreme_backward(Cpu{}, x, y, p.dy.data(), fast, p.n, w), reduce_extreme_backward_naive(x, y, p.dy.data(), slow, p.n), p.check_same(tolerance);

    std::vector<std::int64_t> first(p.y.size(), -1), second(p.y.size(), -2);
    if (p.y.empty()) return;
    reduce_argmax(Cpu{}, x, first.data(), p.n, w), reduce_argmax_naive(x, second.data(), p.n);
    CHECK(first == second);
}

}  // namespace

TEST_CASE("kernels/reduce_naive: the fast reductions give what the plain loops give") {
    for (const std::int64_t kept : {0, 1, 7, 33, 257})
        for (const std::int64_t reduced : {1, 2, 31, 32, 33, 127, 1025})
            for (const bool rows : {true, false}) {
                compare<float>(kept, reduced, rows);
                compare<double>(kept, reduced, rows);
            }
    compare<float>(2, 70001, true);  // in pieces
    compare<float>(3, 70001, false);
}
