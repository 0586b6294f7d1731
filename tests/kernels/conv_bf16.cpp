#include "vitrine/kernels/conv/conv_bf16.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "vitrine/kernels/base/half.h"
#include "vitrine/kernels/base/parallel.h"

using namespace vitrine::kernels;

namespace {

struct Options {
    std::int64_t stride = 1, pad = 0, dilation = 1, groups = 1;
};

ConvShape shape_of(std::int64_t N, std::int64_t C, std::int64_t H, std::int64_t W, std::int64_t O, std::int64_t U,
                   std::int64_t V, Options o = {}) {
    ConvShape s;
    s.N = N, s.C = C, s.H = H, s.W = W, s.O = O, s.U = U, s.V = V, s.G = o.groups;
    s.stride_h = s.stride_w = o.stride, s.pad_h = s.pad_w = o.pad, s.dilation_h = s.dilation_w = o.dilation;
    s.P = (H + 2 * o.pad - o.dilation * (U - 1) - 1) / o.stride + 1;
    s.Q = (W + 2 * o.pad - o.dilation * (V - 1) - 1) / o.stride + 1;
    s.algorithm = ConvAlgorithm::implicit_gemm;
    return s;
}

std::string text(const ConvShape& s) {
    std::string all;
    for (std::int64_t n : {s.N, s.C, s.H, s.W, s.O, s.U, s.V, s.stride_h, s.pad_h, s.dilation_h, s.G})
        all += std::to_string(n) + ' ';
    return all;
}

// Even numbers of [-1, 1), always the same.
std::vector<float> drawn(std::int64_t n, std::uint32_t seed) {
    std::vector<float> x(static_cast<std::size_t>(n));
    for (float& value : x) {
        seed = seed * 1664525u + 1013904223u;
        value = static_cast<float>(seed >> 8) * 0x1p-23f - 1;
    }
    return x;
}

struct Factors {
    std::vector<float> x, w, dy, bias, bias_x;

    explicit Factors(const ConvShape& s)
        : x(drawn(s.N * s.H * s.W * s.C, 1)),
          w(drawn(s.U * s.V * s.Cg() * s.O, 2)),
          dy(drawn(s.N * s.P * s.Q * s.O, 3)),
          bias(drawn(s.O, 4)),
          bias_x(drawn(s.C, 5)) {}
};

struct Results {
    std::vector<float> y, dx, dw;
    bool operator==(const Results&) const = default;
};

// On a 64-byte boundary, of garbage.
struct Scratch {
    std::vector<char> bytes;
    ConvWorkspace ws;

    explicit Scratch(std::size_t n) : bytes(n + 64, '\x7f') {
        const auto at = reinterpret_cast<std::uintptr_t>(bytes.data());
        ws = {bytes.data() + (64 - at % 64) % 64, n};
    }
};

Results of_kernel(const ConvShape& s, const Factors& f) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    Results r{std::vector<float>(f.dy.size(), nan), std::vector<float>(f.x.size(), nan),
              std::vector<float>(f.w.size(), nan)};
    const Cpu on;
    conv_forward_bf16(on, f.x.data(), f.w.data(), f.bias.data(), r.y.data(), s,
                      Scratch(conv_forward_bf16_workspace_bytes(on, s)).ws);
    conv_backward_data_bf16(on, f.dy.data(), f.w.data(), f.bias_x.data(), r.dx.data(), s,
                            Scratch(conv_backward_data_bf16_workspace_bytes(on, s)).ws);
    conv_backward_weight_bf16(on, f.x.data(), f.dy.data(), r.dw.data(), s,
                              Scratch(conv_backward_weight_bf16_workspace_bytes(on, s)).ws);
    return r;
}

// A sum in double, how many products it has, and the sum of their sizes.
struct Sum {
    double value = 0, size = 0, products = 0;

    void add(double a, double b) { value += a * b, size += std::fabs(a * b), ++products; }
    // Of factors rounded before: what adding up in f32 does.
    double error() const { return (products + 4) * 0x1p-23 * size + 0x1p-100; }
};

double rounded(float x) { return static_cast<double>(static_cast<float>(static_cast<bf16>(x))); }

struct Expected {
    std::vector<Sum> y, dx, dw;

    Expected(const ConvShape& s, const Factors& f) : y(f.dy.size()), dx(f.x.size()), dw(f.w.size()) {
        for (std::size_t i = 0; i < y.size(); ++i) y[i].add(double(f.bias[i % f.bias.size()]), 1);
        for (std::size_t i = 0; i < dx.size(); ++i) dx[i].add(double(f.bias_x[i % f.bias_x.size()]), 1);
        for (std::int64_t n = 0; n < s.N; ++n)
            for (std::int64_t p = 0; p < s.P; ++p)
                for (std::int64_t q = 0; q < s.Q; ++q)
                    for (std::int64_t u = 0; u < s.U; ++u)
                        for (std::int64_t v = 0; v < s.V; ++v) add_tap(s, f, n, p, q, u, v);
    }

    void add_tap(const ConvShape& s, const Factors& f, std::int64_t n, std::int64_t p, std::int64_t q, std::int64_t u,
                 std::int64_t v) {
        const std::int64_t h = s.h(p, u), l = s.w(q, v);
        if (h < 0 || h >= s.H || l < 0 || l >= s.W) return;
        for (std::int64_t o = 0; o < s.O; ++o) {
            for (std::int64_t c = 0; c < s.Cg(); ++c) {
                const auto at_x = static_cast<std::size_t>(((n * s.H + h) * s.W + l) * s.C + o / s.Og() * s.Cg() + c);
                const auto at_y = static_cast<std::size_t>(((n * s.P + p) * s.Q + q) * s.O + o);
                const auto at_w = static_cast<std::size_t>(((u * s.V + v) * s.Cg() + c) * s.O + o);
                const double x = rounded(f.x[at_x]), w = rounded(f.w[at_w]), dy = rounded(f.dy[at_y]);
                y[at_y].add(x, w), dx[at_x].add(dy, w), dw[at_w].add(x, dy);
            }
        }
    }
};

void check(const std::vector<float>& got, const std::vector<Sum>& expected, const char* what) {
    INFO(what);
    double worst = 0;  // in units of the bound
    for (std::size_t i = 0; i < got.size(); ++i) {
        if (std::isfinite(expected[i].value))
            worst = std::max(worst, std::fabs(double(got[i]) - expected[i].value) / expected[i].error());
        else
            CHECK_FALSE(std::isfinite(got[i]));
        if (!std::isfinite(got[i])) CHECK_FALSE(std::isfinite(expected[i].value));
    }
    CHECK(worst <= 1);
}

void check(const ConvShape& s, const Factors& f) {
    INFO("N C H W O U V stride pad dilation groups: ", text(s));
    const Expected expected(s, f);
    const Results r = of_kernel(s, f);
    check(r.y, expected.y, "y");
    check(r.dx, expected.dx, "dx");
    check(r.dw, expected.dw, "dw");
}

}  // namespace

TEST_CASE("kernels/conv_bf16: the formula over rounded factors, forward and both gradients") {
    for (const ConvShape& s : {
             shape_of(2, 3, 5, 7, 4, 3, 3, {.pad = 1}),
             shape_of(1, 1, 1, 1, 1, 1, 1),
             shape_of(3, 17, 9, 10, 33, 3, 3, {.pad = 1}),
             shape_of(5, 31, 4, 4, 65, 3, 3, {.pad = 1}),                     // images share tiles; an odd number
             shape_of(9, 5, 7, 5, 16, 3, 3, {.stride = 2, .pad = 1}),
             shape_of(1, 32, 8, 32, 33, 3, 3, {.stride = 2, .pad = 1}),       // one image, columns in order
             shape_of(1, 3, 4, 67, 32, 3, 3, {.pad = 1}),
             shape_of(2, 3, 19, 61, 16, 7, 7, {.stride = 2, .pad = 3}),       // the first layer of many networks
             shape_of(2, 8, 12, 11, 31, 5, 5, {.pad = 2}),
             shape_of(4, 6, 9, 8, 10, 2, 3, {.stride = 3}),                   // pixels that no tap meets
             shape_of(2, 4, 11, 12, 8, 3, 3, {.stride = 2, .pad = 2, .dilation = 2}),
             shape_of(2, 4, 9, 30, 8, 2, 2, {.stride = 2, .dilation = 3}),
             shape_of(3, 16, 3, 5, 40, 1, 1),                                 // a plain product
             shape_of(3, 7, 5, 6, 9, 1, 1, {.stride = 2}),
             shape_of(2, 12, 6, 5, 8, 3, 3, {.pad = 1, .groups = 4}),
             shape_of(2, 6, 6, 30, 4, 1, 1, {.groups = 2}),
             shape_of(2, 5, 2, 3, 3, 3, 2, {.pad = 4}),
             shape_of(2, 2, 67, 29, 3, 2, 3),
         })
        check(s, Factors(s));
}

TEST_CASE("kernels/conv_bf16: without images, channels or pixels that meet") {
    for (const ConvShape& s : {shape_of(0, 3, 4, 4, 2, 3, 3), shape_of(2, 0, 4, 4, 5, 3, 3), shape_of(2, 3, 4, 4, 0, 3, 3),
                               shape_of(0, 3, 4, 4, 2, 1, 1), shape_of(2, 0, 4, 4, 5, 1, 1)})
        check(s, Factors(s));
}

TEST_CASE("kernels/conv_bf16: an infinity and a NaN reach the results that meet them, and no others") {
    for (const ConvShape& s : {shape_of(3, 3, 6, 33, 5, 3, 3, {.pad = 1}), shape_of(3, 5, 6, 6, 3, 3, 3, {.stride = 2, .pad = 1})}) {
        Factors f(s);
        f.x[static_cast<std::size_t>((2 * s.W + 4) * s.C + 1)] = std::numeric_limits<float>::infinity();
        f.dy[static_cast<std::size_t>(2 * s.O + 1)] = std::numeric_limits<float>::quiet_NaN();
        check(s, f);
    }
}

TEST_CASE("kernels/conv_bf16: the same bits at one and two threads") {
    const int before = num_threads();
    for (const ConvShape& s : {shape_of(4, 33, 16, 16, 40, 3, 3, {.pad = 1}), shape_of(5, 16, 32, 32, 24, 3, 3, {.stride = 2, .pad = 1}),
                               shape_of(3, 64, 16, 16, 40, 1, 1)}) {
        const Factors f(s);
        set_num_threads(1);
        const Results one = of_kernel(s, f);
        set_num_threads(2);
        CHECK(of_kernel(s, f) == one);
    }
    set_num_threads(before);
}

TEST_CASE("kernels/conv_bf16: where it pays") {
    const auto pays = [](ConvShape s, ConvAlgorithm algorithm = ConvAlgorithm::automatic) {
        s.algorithm = algorithm;
        std::string passes;
        for (ConvPass pass : {ConvPass::forward, ConvPass::backward_data, ConvPass::backward_weight})
            passes += conv_bf16_pays(s, pass) ? '+' : '-';
        return passes;
    };
    // Winograd is faster; where its tiles are too few for f32, bf16 is.
    const ConvShape block = shape_of(64, 64, 32, 32, 64, 3, 3, {.pad = 1});
    CHECK(pays(block) == "---");
    CHECK(pays(shape_of(8, 512, 4, 4, 512, 3, 3, {.pad = 1})) == "---");
    CHECK(pays(shape_of(7, 512, 4, 4, 512, 3, 3, {.pad = 1})) == "+++");
    // Strides, other kernels, dilation, groups.
    CHECK(pays(shape_of(64, 64, 32, 32, 128, 3, 3, {.stride = 2, .pad = 1})) == "+++");
    CHECK(pays(shape_of(64, 64, 32, 32, 128, 1, 1, {.stride = 2})) == "+++");
    CHECK(pays(shape_of(64, 64, 32, 32, 256, 1, 1)) == "+++");
    CHECK(pays(shape_of(8, 64, 16, 16, 64, 5, 5, {.pad = 2})) == "+++");
    CHECK(pays(shape_of(8, 64, 16, 16, 64, 3, 3, {.pad = 2, .dilation = 2})) == "+++");
    CHECK(pays(shape_of(8, 64, 16, 16, 64, 3, 3, {.pad = 1, .groups = 4})) == "+++");
    // Three channels make no pairs, the images of a batch do.
    CHECK(pays(shape_of(128, 3, 32, 32, 32, 3, 3, {.pad = 1})) == "-++");
    CHECK(pays(shape_of(8, 3, 64, 64, 64, 7, 7, {.stride = 2, .pad = 3})) == "+++");
    CHECK(pays(shape_of(1, 64, 56, 56, 128, 3, 3, {.stride = 2, .pad = 1})) == "++-");
    // Depthwise, a few pixels, and what the user asked for by name.
    CHECK(pays(shape_of(8, 64, 16, 16, 64, 3, 3, {.pad = 1, .groups = 64})) == "---");
    CHECK(pays(shape_of(2, 64, 3, 3, 64, 2, 2, {.pad = 1})) == "+++");
    CHECK(pays(shape_of(1, 64, 3, 3, 64, 2, 2, {.pad = 1})) == "---");
    CHECK(pays(block, ConvAlgorithm::implicit_gemm) == "+++");
    CHECK(pays(block, ConvAlgorithm::winograd) == "---");
    CHECK(pays(block, ConvAlgorithm::direct) == "---");
}
