// Fast CPU kernels against the plain loops that they stand beside. Reductions: reduce_naive.cpp.
#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "vitrine/kernels/batch_norm/batch_norm.h"
#include "vitrine/kernels/batch_norm/batch_norm_naive.h"
#include "vitrine/kernels/copy/copy.h"
#include "vitrine/kernels/copy/copy_naive.h"
#include "vitrine/kernels/group_norm/group_norm.h"
#include "vitrine/kernels/group_norm/group_norm_naive.h"

using namespace vitrine::kernels;

namespace {

template <class T>
std::vector<T> random_values(std::int64_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<T> any(-3, 3);
    std::vector<T> values(static_cast<std::size_t>(count));
    for (T& v : values) v = any(random);
    return values;
}

template <class T>
void check_close(const std::vector<T>& fast, const std::vector<T>& slow) {
    const double tolerance = sizeof(T) == 4 ? 2e-4 : 1e-11;
    REQUIRE(fast.size() == slow.size());
    for (std::size_t i = 0; i < fast.size(); ++i) {
        CAPTURE(i);
        REQUIRE(double(fast[i]) == doctest::Approx(double(slow[i])).epsilon(tolerance).scale(1));
    }
}

template <class T>
void compare_group_norm(GroupNormShape n, bool given) {
    CAPTURE(n.images);
    CAPTURE(n.pixels);
    CAPTURE(n.width);
    const std::int64_t count = n.rows() * n.channels(), groups = n.images * n.groups;
    const auto x = random_values<T>(count, 1), dy = random_values<T>(count, 2), w = random_values<T>(n.channels(), 3), b = random_values<T>(n.channels(), 4);
    const T *wp = given ? w.data() : nullptr, *bp = given ? b.data() : nullptr;
    std::vector<char> workspace(group_norm_workspace_bytes(n));
    std::vector<T> y[2], mean[2], rstd[2], dx[2], dw[2], db[2];
    for (int i : {0, 1}) {
        for (auto* v : {&y[i], &dx[i]}) v->resize(x.size());
        for (auto* v : {&mean[i], &rstd[i]}) v->resize(static_cast<std::size_t>(groups));
        for (auto* v : {&dw[i], &db[i]}) v->resize(w.size());
    }
    group_norm_forward(Cpu{}, x.data(), wp, bp, y[0].data(), mean[0].data(), rstd[0].data(), 1e-5, n, workspace.data());
    group_norm_forward_naive(x.data(), wp, bp, y[1].data(), mean[1].data(), rstd[1].data(), 1e-5, n);
    check_close(y[0], y[1]), check_close(mean[0], mean[1]), check_close(rstd[0], rstd[1]);

    const T *m = mean[1].data(), *r = rstd[1].data();
    group_norm_backward(Cpu{}, x.data(), wp, m, r, dy.data(), dx[0].data(), dw[0].data(), db[0].data(), n, workspace.data());
    group_norm_backward_naive(x.data(), wp, m, r, dy.data(), dx[1].data(), dw[1].data(), db[1].data(), n);
    check_close(dx[0], dx[1]), check_close(dw[0], dw[1]), check_close(db[0], db[1]);
}

template <class T>
void compare_batch_norm(BatchNormShape n, bool with_relu, bool training) {
    CAPTURE(n.rows);
    CAPTURE(n.channels);
    const std::int64_t count = n.rows * n.channels;
    const auto x = random_values<T>(count, 1), dy = random_values<T>(count, 2), r = random_values<T>(count, 6);
    const auto w = random_values<T>(n.channels, 3), b = random_values<T>(n.channels, 4);
    std::vector<char> workspace(batch_norm_workspace_bytes(n));
    std::vector<T> y[2], mean[2], rstd[2], rm[2], rv[2], dx[2], dr[2], dw[2], db[2];
    for (int i : {0, 1}) {
        for (auto* v : {&y[i], &dx[i], &dr[i]}) v->resize(x.size());
        for (auto* v : {&mean[i], &rstd[i], &dw[i], &db[i]}) v->resize(w.size());
        rm[i] = w, rv[i] = b;
    }
    const BatchNormRelu<T> relu{with_relu, with_relu ? r.data() : nullptr};
    batch_norm_forward(Cpu{}, x.data(), w.data(), b.data(), y[0].data(), mean[0].data(), rstd[0].data(), {rm[0].data(), rv[0].data(), 0.1}, 1e-5, n, workspace.data(), relu);
    batch_norm_forward_naive<T>(x.data(), w.data(), b.data(), y[1].data(), mean[1].data(), rstd[1].data(), {rm[1].data(), rv[1].data(), 0.1}, 1e-5, n, relu);
    check_close(y[0], y[1]), check_close(mean[0], mean[1]), check_close(rstd[0], rstd[1]), check_close(rm[0], rm[1]), check_close(rv[0], rv[1]);
    batch_norm_inference(Cpu{}, x.data(), w.data(), b.data(), mean[1].data(), rstd[1].data(), y[0].data(), n, relu);
    check_close(y[0], y[1]);

    const T *m = mean[1].data(), *s = rstd[1].data(), *mask = with_relu ? y[1].data() : nullptr;
    batch_norm_backward(Cpu{}, x.data(), w.data(), m, s, dy.data(), dx[0].data(), dw[0].data(), db[0].data(), training, n, workspace.data(), {mask, with_relu ? dr[0].data() : nullptr});
    batch_norm_backward_naive<T>(x.data(), w.data(), m, s, dy.data(), dx[1].data(), dw[1].data(), db[1].data(), training, n, {mask, with_relu ? dr[1].data() : nullptr});
    check_close(dx[0], dx[1]), check_close(dr[0], dr[1]), check_close(dw[0], dw[1]), check_close(db[0], db[1]);

    // A relu without r: y read and y computed again give the same bits.
    batch_norm_inference(Cpu{}, x.data(), w.data(), b.data(), m, s, y[0].data(), n, {true, nullptr});
    for (int i : {0, 1})
        batch_norm_backward(Cpu{}, x.data(), w.data(), m, s, dy.data(), dx[i].data(), dw[i].data(), db[i].data(), training, n, workspace.data(), {y[0].data(), nullptr, i == 0, b.data()});
    CHECK(dx[0] == dx[1]);
    CHECK(dw[0] == dw[1]);
    CHECK(db[0] == db[1]);
}

// A matrix, to a matrix that may lie turned.
template <class From, class To>
void compare_copy(std::int64_t rows, std::int64_t cols, bool turned) {
    CAPTURE(rows);
    CAPTURE(cols);
    const std::int64_t sizes[2] = {rows, cols}, along[2] = {cols, 1}, down[2] = {1, rows};
    const Strided<2> n = strided<2>(2, sizes, {along, turned ? down : along});
    const auto x = random_values<From>(rows * cols, 5);
    std::vector<To> fast(x.size()), slow(x.size());
    copy(Cpu{}, x.data(), fast.data(), n);
    copy_naive(x.data(), slow.data(), n);
    CHECK(fast == slow);
}

}  // namespace

TEST_CASE("kernels/naive_siblings: group norm") {
    for (const std::int64_t width : {1, 7, 31, 32, 33})
        for (const std::int64_t images : {1, 3, 65})
            for (const bool given : {true, false}) {
                compare_group_norm<float>({images, 1, 1, width + 1}, given);  // layer norm
                compare_group_norm<double>({images, 1, 2, width + 1}, given);
                compare_group_norm<float>({images, 13, 3, width}, given);
            }
    compare_group_norm<float>({67, 1, 1, 1041}, true);  // longer than a chunk of a sum
}

TEST_CASE("kernels/naive_siblings: a row of layer norm has the same bits wherever it stands") {
    const std::int64_t rows = 7, width = 37;  // four side by side, and three alone
    const auto x = random_values<float>(rows * width, 6);
    const GroupNormShape all{rows, 1, 1, width}, one{1, 1, 1, width};
    std::vector<char> workspace(group_norm_workspace_bytes(all));
    std::vector<float> y[2], mean(rows), rstd(rows);
    for (auto& v : y) v.resize(x.size());
    const float* none = nullptr;
    group_norm_forward(Cpu{}, x.data(), none, none, y[0].data(), mean.data(), rstd.data(), 1e-5, all, workspace.data());
    for (std::int64_t r = 0; r < rows; ++r)
        group_norm_forward(Cpu{}, x.data() + r * width, none, none, y[1].data() + r * width, mean.data(), rstd.data(), 1e-5, one, workspace.data());
    CHECK(y[0] == y[1]);
}

TEST_CASE("kernels/naive_siblings: batch norm") {
    for (const std::int64_t rows : {2, 7, 64, 65, 131})
        for (const std::int64_t channels : {1, 31, 32, 33, 225})
            for (const bool with_relu : {false, true})
                for (const bool training : {false, true}) {
                    compare_batch_norm<float>({rows, channels}, with_relu, training);
                    compare_batch_norm<double>({rows, channels}, with_relu, training);
                }
}

TEST_CASE("kernels/naive_siblings: copy") {
    for (const std::int64_t rows : {1, 7, 16, 33})
        for (const std::int64_t cols : {1, 15, 32, 257})
            for (const bool turned : {true, false}) {
                compare_copy<float, float>(rows, cols, turned);
                compare_copy<float, double>(rows, cols, turned);
                compare_copy<double, std::int32_t>(rows, cols, turned);
            }
}
