#include "cases/random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <set>
#include <thread>

#include "op_case.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/base/error.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/random/random_tile.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

/// Distance of two floats of one sign in units of the last place; 0 and -0 are the same.
std::int64_t ulps(float a, float b) {
    const auto order = [](float x) {
        const auto bits = std::bit_cast<std::int32_t>(x);
        return bits < 0 ? std::int64_t{-0x80000000ll} - bits : std::int64_t{bits};
    };
    return std::abs(order(a) - order(b));
}

Tensor drawn_uniform(std::int64_t n, DType dtype, Device device, GeneratorState from) {
    Generator generator;
    generator.set_state(from);
    return rand({n}, {.dtype = dtype, .device = device}, generator);
}

Tensor drawn_normal(std::int64_t n, DType dtype, Device device, GeneratorState from) {
    Generator generator;
    generator.set_state(from);
    return randn({n}, {.dtype = dtype, .device = device}, generator);
}

/// The error ends with this file and the line of the call.
void check_error(const std::string& got, int line, const std::string& text) {
    CHECK(got == join(text, " (random.cpp:", line, ")"));
}

}  // namespace

TEST_CASE("ops/random: Philox gives Random123's published vectors") {
    const auto words = [](std::uint32_t c0, std::uint32_t c1, std::uint32_t c2, std::uint32_t c3, std::uint32_t k0,
                          std::uint32_t k1) {
        const auto w = kernels::philox4x32_10({c0, c1, c2, c3}, k0, k1);
        return std::array{w.w0, w.w1, w.w2, w.w3};
    };
    using Words = std::array<std::uint32_t, 4>;
    CHECK(words(0, 0, 0, 0, 0, 0) == Words{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u});
    CHECK(words(~0u, ~0u, ~0u, ~0u, ~0u, ~0u) == Words{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu});
    CHECK(words(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u) ==
          Words{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u});
}

TEST_CASE("ops/random: tiles of words are the reference's on every instruction set") {
    std::vector<kernels::WordTile> tiles{kernels::word_tile_portable};
#if defined(__x86_64__)
    if (kernels::processor_isa() >= kernels::Isa::avx2)
        tiles.push_back(kernels::word_tile_avx2);
    else
        MESSAGE("skipped AVX2: this CPU lacks it");
    if (kernels::processor_isa() >= kernels::Isa::avx512)
        tiles.push_back(kernels::word_tile_avx512);
    else
        MESSAGE("skipped AVX-512: this CPU lacks it");
#endif
    for (const auto& from : random_starts) {
        for (kernels::WordTile tile : tiles) {
            std::uint32_t w[kernels::tile_words];
            tile(from, 3, w);
            for (int i = 0; i < kernels::tile_words; ++i) CHECK(w[i] == word_reference(from, 12 + i));
        }
    }
}

TEST_CASE("ops/random: uniform, normal and bernoulli against the reference on every device") {
    for (Device device : available_devices()) {
        for (DType dtype : {DType::f32, DType::f64}) {
            const bool f64 = dtype == DType::f64;
            for (const auto& from : random_starts) {
                for (std::int64_t n : random_sizes) {
                    CAPTURE(n);
                    const auto u = values_of(drawn_uniform(n, dtype, device, {from.seed, from.offset}));
                    const auto z = values_of(drawn_normal(n, dtype, device, {from.seed, from.offset}));
                    Generator generator;
                    generator.set_state({from.seed, from.offset});
                    const auto k = values_of(bernoulli({n}, 0.3, {.dtype = dtype, .device = device}, generator));
                    int wrong = 0;
                    for (std::int64_t i = 0; i < n; ++i) {
                        const auto at = static_cast<std::size_t>(i);
                        const double wanted = normal_reference(from, i, f64);
                        wrong += u[at] != unit_reference(from, i, f64);
                        wrong += std::fabs(z[at] - wanted) > (f64 ? 4e-15 : 5e-7) * std::max(1e-2, std::fabs(wanted));
                        wrong += k[at] != (unit_reference(from, i, false) < 0.3 ? 1.0 : 0.0);
                    }
                    CHECK(wrong == 0);
                }
            }
        }
    }
}

TEST_CASE("ops/random: all devices draw the same bits, f32 normals to 3 ulp; seed 5") {
    const std::int64_t n = 10'007;
    const auto bits_of = [&](auto make, Device device) { return make(device).template to_vector<float>(); };
    const auto uniform = [&](Device d) { return drawn_uniform(n, DType::f32, d, {5, 0}); };
    const auto scaled = [&](Device d) {
        Generator generator(5);
        Tensor x = empty({n}, {.device = d});
        return uniform_(x, -0.1, 0.7, generator);
    };
    for (Device device : available_devices()) {
        CHECK(bits_of(uniform, device) == bits_of(uniform, Device::cpu));
        CHECK(bits_of(scaled, device) == bits_of(scaled, Device::cpu));
        for (DType dtype : {DType::f32, DType::f64})
            CHECK(values_of(drawn_uniform(n, dtype, device, {5, 1})) ==
                  values_of(drawn_uniform(n, dtype, Device::cpu, {5, 1})));
        CHECK(drawn_normal(n, DType::f64, device, {5, 0}).to_vector<double>() ==
              drawn_normal(n, DType::f64, Device::cpu, {5, 0}).to_vector<double>());
        const auto a = drawn_normal(n, DType::f32, device, {5, 0}).to_vector<float>(),
                   b = drawn_normal(n, DType::f32, Device::cpu, {5, 0}).to_vector<float>();
        std::int64_t most = 0;
        for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, ulps(a[i], b[i]));
        CHECK(most <= 3);
    }
}

TEST_CASE("ops/random: the same bits at one and two threads; seed 9") {
    const int before = num_threads();
    const auto draw = [](DType dtype) {
        Generator generator(9);
        const Tensor u = rand({100'003}, {.dtype = dtype}, generator),
                     z = randn({100'003}, {.dtype = dtype}, generator);
        return std::pair(values_of(u), values_of(z));
    };
    for (DType dtype : {DType::f32, DType::f64}) {
        set_num_threads(1);
        const auto one = draw(dtype);
        set_num_threads(2);
        CHECK(draw(dtype) == one);
    }
    set_num_threads(before);
}

TEST_CASE("ops/random: moments of 400,000 numbers; seed 1") {
    const std::int64_t n = 400'000;
    for (DType dtype : {DType::f32, DType::f64}) {
        Generator generator(1);
        const auto u = values_of(rand({n}, {.dtype = dtype}, generator)),
                   z = values_of(randn({n}, {.dtype = dtype}, generator)),
                   k = values_of(bernoulli({n}, 0.2, {.dtype = dtype}, generator));
        const auto mean = [&](const std::vector<double>& v, auto f) {
            double sum = 0;
            for (double x : v) sum += f(x);
            return sum / static_cast<double>(n);
        };
        const auto itself = [](double x) { return x; };
        // Each bound is five standard deviations of what it bounds.
        CHECK(std::fabs(mean(u, itself) - 0.5) < 5 * 0.289 / 632);
        CHECK(std::fabs(mean(u, [](double x) { return x * x; }) - 1.0 / 3) < 5 * 0.298 / 632);
        CHECK(std::fabs(mean(z, itself)) < 5.0 / 632);
        CHECK(std::fabs(mean(z, [](double x) { return x * x; }) - 1) < 5 * 1.415 / 632);
        CHECK(std::fabs(mean(z, [](double x) { return x * x * x; })) < 5 * 3.88 / 632);
        CHECK(std::fabs(mean(z, [](double x) { return x * x * x * x; }) - 3) < 5 * 9.8 / 632);
        CHECK(std::fabs(mean(z, [](double x) { return x > 1.6448536269514722 ? 1.0 : 0.0; }) - 0.05) < 5 * 0.218 / 632);
        CHECK(std::fabs(mean(k, itself) - 0.2) < 5 * 0.4 / 632);
        double neighbours = 0;
        for (std::size_t i = 1; i < z.size(); ++i) neighbours += z[i] * z[i - 1];
        CHECK(std::fabs(neighbours / static_cast<double>(n)) < 5.0 / 632);
    }
}

TEST_CASE("ops/random: bounds are kept where rounding would cross them; seed 3") {
    Generator generator(3);
    const NoGrad no_grad;
    Tensor x = empty({100'000});
    const float hi = 2;
    uniform_(x, 1, hi, generator);
    for (float v : x.to_vector<float>()) REQUIRE((v >= 1 && v < hi));
    uniform_(x, 0.25, 0.25, generator);
    CHECK(values_of(x) == std::vector<double>(100'000, 0.25));
    bernoulli_(x, 0, generator);
    CHECK(values_of(x) == std::vector<double>(100'000, 0));
    bernoulli_(x, 1, generator);
    CHECK(values_of(x) == std::vector<double>(100'000, 1));
    normal_(x, 3, 0, generator);
    CHECK(values_of(x) == std::vector<double>(100'000, 3));
}

TEST_CASE("ops/random: numbers go to elements in logical order, whatever the strides; seed 4") {
    for (Device device : available_devices()) {
        const auto draw = [&](Tensor x) {
            Generator generator(4);
            return values_of(normal_(x, 1, 2, generator));
        };
        const auto rows = draw(empty({3, 5, 7}, {.device = device}));
        CHECK(draw(empty({7, 5, 3}, {.device = device}).transpose(0, 2)) == rows);
        CHECK(draw(zeros({3, 5, 15}, {.device = device}).slice(2, 1, 15, 2)) == rows);
        const Tensor like = empty({7, 5, 3}, {.device = device}).transpose(0, 2);
        Generator a(4), b(4);
        CHECK(values_of(rand_like(like, a)) == values_of(rand({3, 5, 7}, {.device = device}, b)));
        CHECK(rand_like(like, a).strides() == like.strides());
        CHECK(values_of(randn_like(like, a)) != values_of(randn_like(like, a)));
    }
}

TEST_CASE("ops/random: a generator's state is saved and restored; pieces do not overlap") {
    Generator generator(11);
    (void)rand({5}, {}, generator);
    const GeneratorState state = generator.get_state();
    CHECK(state == GeneratorState{11, 2});  // 5 words are two blocks
    const auto next = values_of(randn({9}, {.dtype = DType::f64}, generator));
    CHECK(generator.get_state() == GeneratorState{11, 7});  // 9 pairs of words are five blocks
    generator.set_state(state);
    CHECK(values_of(randn({9}, {.dtype = DType::f64}, generator)) == next);

    manual_seed(11);
    const auto first = values_of(rand({8}));
    CHECK(values_of(rand({8})) != first);
    manual_seed(11);
    CHECK(values_of(rand({8})) == first);
    CHECK(default_generator().seed() == 11);
}

TEST_CASE("ops/random: threads that share a generator draw different pieces; seed 2") {
    Generator generator(2);
    std::vector<std::vector<std::uint64_t>> taken(4);
    std::vector<std::thread> threads;
    for (auto& mine : taken)
        threads.emplace_back([&generator, &mine] {
            for (int i = 0; i < 500; ++i) mine.push_back(generator.take(3).offset);
        });
    for (auto& thread : threads) thread.join();
    std::set<std::uint64_t> offsets;
    for (const auto& mine : taken) offsets.insert(mine.begin(), mine.end());
    CHECK(offsets.size() == 2000);
    CHECK(*offsets.rbegin() == 3 * 1999);
}

TEST_CASE("ops/random: randperm holds every number once, every order as often; seed 6") {
    for (std::int64_t n : {0, 1, 2, 3, 31, 32, 33, 1021}) {
        Generator generator(6);
        auto order = randperm(n, {}, generator).to_vector<std::int64_t>();
        REQUIRE(static_cast<std::int64_t>(order.size()) == n);
        std::sort(order.begin(), order.end());
        for (std::int64_t i = 0; i < n; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
    }
    Generator generator(6);
    int count[6] = {};
    for (int i = 0; i < 6000; ++i) {
        const auto p = randperm(3, {}, generator).to_vector<std::int64_t>();
        ++count[p[0] * 2 + (p[1] > p[2])];
    }
    for (int c : count) CHECK(std::abs(c - 1000) < 5 * 29);  // five standard deviations
    CHECK(randperm(4, {.dtype = DType::f32}).dtype() == DType::f32);
}

TEST_CASE("ops/random: errors name the op, what was given, what is allowed and the line") {
    Tensor x = zeros({2}), w = zeros({2}, {.requires_grad = true}), i = zeros({2}, {.dtype = DType::i64});
    const GeneratorState before = default_generator().get_state();
    check_error(error_of([&] { bernoulli({2}, 1.5); }), __LINE__, "bernoulli: p 1.5; allowed is 0 to 1");
    check_error(error_of([&] { bernoulli_(x, -0.5); }), __LINE__, "bernoulli_: p -0.5; allowed is 0 to 1");
    check_error(error_of([&] { bernoulli_(x, NAN); }), __LINE__, "bernoulli_: p nan; allowed is 0 to 1");
    check_error(error_of([&] { uniform_(x, 2, 1); }), __LINE__,
                "uniform_: lo 2, hi 1; allowed is lo <= hi, both and their difference finite");
    check_error(error_of([&] { uniform_(x, -3e38, 3e38); }), __LINE__,
                "uniform_: lo -3e+38, hi 3e+38; allowed is lo <= hi, both and their difference finite");
    check_error(error_of([&] { normal_(x, 0, -1); }), __LINE__,
                "normal_: mean 0, std -1; allowed are finite ones, std >= 0");
    check_error(error_of([&] { normal_(i); }), __LINE__, "normal_: x is i64; allowed are f32 and f64");
    check_error(error_of([&] { normal_(w); }), __LINE__,
                "normal_: x requires grad and cannot be changed in place while recording; initialise it under NoGrad");
    check_error(error_of([&] { randperm(-1); }), __LINE__, "randperm: n -1; it cannot be negative");
    check_error(error_of([&] { randperm(257, {.dtype = DType::u8}); }), __LINE__,
                "randperm: n 257; u8 holds numbers below 256");
    check_error(error_of([&] { rand({2}, {.dtype = DType::i64}); }), __LINE__,
                "rand: dtype i64; allowed are f32 and f64");
    check_error(error_of([&] { rand({-2}); }), __LINE__, "rand: shape (-2,); sizes cannot be negative");
    CHECK(default_generator().get_state() == before);
    CHECK(values_of(x) == std::vector<double>{0, 0});
}

TEST_CASE("ops/random: filling in place bumps the version") {
    Tensor x = zeros({3}), t = zeros({3, 2}).transpose(0, 1);
    const auto vx = x.version(), vt = t.version();
    uniform_(x), normal_(t);
    CHECK(x.version() > vx);
    CHECK(t.version() > vt);
}
