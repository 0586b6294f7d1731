#include "machine.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <map>
#include <tuple>
#include <vector>

#include "vitrine/core/device.h"
#include "vitrine/core/ops/creation.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vitrine::bench {
namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Operations of one round: 12 independent chains, so that the latency of one is hidden by the others.
constexpr int chains = 12, rounds = 20'000;

#if defined(__x86_64__)
__attribute__((target("avx512f"))) double fma_avx512() {
    __m512 sum[chains], a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
    for (auto& s : sum) s = a;
    for (int r = 0; r < rounds; ++r)
#pragma GCC unroll 12
        for (int c = 0; c < chains; ++c) sum[c] = _mm512_fmadd_ps(sum[c], a, b);
    for (int c = 1; c < chains; ++c) sum[0] = _mm512_add_ps(sum[0], sum[c]);
    volatile float keep = _mm512_cvtss_f32(sum[0]);
    (void)keep;
    return 2.0 * 16 * chains * rounds;
}

__attribute__((target("avx2,fma"))) double fma_avx2() {
    __m256 sum[chains], a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
    for (auto& s : sum) s = a;
    for (int r = 0; r < rounds; ++r)
#pragma GCC unroll 12
        for (int c = 0; c < chains; ++c) sum[c] = _mm256_fmadd_ps(sum[c], a, b);
    for (int c = 1; c < chains; ++c) sum[0] = _mm256_add_ps(sum[0], sum[c]);
    volatile float keep = _mm256_cvtss_f32(sum[0]);
    (void)keep;
    return 2.0 * 8 * chains * rounds;
}
#endif

double fma_plain() {
    float sum[4 * chains];
    std::fill(std::begin(sum), std::end(sum), 1.0f);
    for (int r = 0; r < rounds; ++r)
        for (float& s : sum) s = s * 0.999f + 0.001f;
    volatile float keep = sum[0];
    (void)keep;
    return 2.0 * 4 * chains * rounds;
}

double fma_loop() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return fma_avx512();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return fma_avx2();
#endif
    return fma_plain();
}

}  // namespace

double peak_flops(bool f64) {
    static std::map<int, double> known;
    const int threads = num_threads();
    double& best = known[threads];
    if (best == 0) {
        for (int attempt = 0; attempt < 40; ++attempt) {
            double flops = 0;
            const double start = seconds();
#pragma omp parallel for num_threads(threads) reduction(+ : flops)
            for (int t = 0; t < threads; ++t) flops += fma_loop();
            best = std::max(best, flops / (seconds() - start));
        }
    }
    return f64 ? best / 2 : best;
}

namespace {

struct alignas(64) Line {
    std::uint64_t words[8] = {};
};

// All with the widest instructions that the machine has, whatever the build was made for.
#if defined(__x86_64__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void copy_loop(std::uint64_t* y, const std::uint64_t* x, std::size_t words) {
    for (std::size_t i = 0; i < words; ++i) y[i] = x[i] ^ 1;  // not a plain copy, which would become a call of memcpy
}

#if defined(__x86_64__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void update_loop(std::uint64_t* x, std::size_t words) {
    for (std::size_t i = 0; i < words; ++i) x[i] += 1;
}

#if defined(__x86_64__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void triad_loop(std::uint64_t* z, const std::uint64_t* x, const std::uint64_t* y, std::size_t words) {
    for (std::size_t i = 0; i < words; ++i) z[i] = x[i] + y[i];
}

#if defined(__x86_64__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
std::uint64_t read_loop(const std::uint64_t* x, std::size_t words) {
    std::uint64_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;  // no addition waits for the one before it
    const std::size_t quarter = words / 4;
    for (std::size_t i = 0; i < quarter; ++i) {
        sum0 += x[i];
        sum1 += x[i + quarter];
        sum2 += x[i + 2 * quarter];
        sum3 += x[i + 3 * quarter];
    }
    return sum0 + sum1 + sum2 + sum3;
}

// The fastest of the attempts of a third of a second at running `loop` over a part a thread, each moving `moved` bytes in
// all: on a machine that others use too, a shorter time may hold no undisturbed one.
template <class Loop>
double fastest(double moved, int repeats, Loop loop) {
    const int threads = num_threads();
    double best = 0;
    for (const double end = seconds() + 1.0 / 3; seconds() < end;) {
        const double start = seconds();
#pragma omp parallel for num_threads(threads)
        for (int t = 0; t < threads; ++t)
            for (int r = 0; r < repeats; ++r) {
                loop(static_cast<std::size_t>(t));
                benchmark::ClobberMemory();
            }
        best = std::max(best, moved * repeats / (seconds() - start));
    }
    return best;
}

double measure_bytes(std::size_t bytes, Traffic traffic) {
    const std::size_t arrays = traffic == Traffic::triad ? 3 : traffic == Traffic::copy ? 2 : 1;
    const std::size_t passes = traffic == Traffic::update ? 2 : arrays;
    // Of the bytes moved, an update touches each place twice: its working set is half as large.
    const std::size_t each = std::max<std::size_t>(bytes / passes / sizeof(Line), 1);
    const auto threads = static_cast<std::size_t>(num_threads());
    const std::size_t part = std::max<std::size_t>(each / threads, 1);
    // From the library's allocator, for the same large pages, and written once, so that the pages are there.
    const auto array = [&](bool used) { return zeros({used ? static_cast<std::int64_t>(part * threads * sizeof(Line)) : 0}, {.dtype = DType::u8}); };
    const Tensor x_bytes = array(true), y_bytes = array(arrays >= 2), z_bytes = array(arrays == 3);
    const auto lines = [](const Tensor& array_bytes) { return reinterpret_cast<Line*>(array_bytes.data<std::uint8_t>()); };
    Line *const x = lines(x_bytes), *const y = lines(y_bytes), *const z = lines(z_bytes);
    const double moved = static_cast<double>(passes * part * threads * sizeof(Line));
    const int repeats = static_cast<int>(std::max(1.0, (4 << 20) / moved));
    if (traffic == Traffic::copy)
        return std::max(fastest(moved, repeats, [&](std::size_t t) { std::memcpy(y + t * part, x + t * part, part * sizeof(Line)); }),
                        fastest(moved, repeats, [&](std::size_t t) { copy_loop(y[t * part].words, x[t * part].words, 8 * part); }));
    if (traffic == Traffic::triad)
        return fastest(moved, repeats, [&](std::size_t t) { triad_loop(z[t * part].words, x[t * part].words, y[t * part].words, 8 * part); });
    if (traffic == Traffic::update)
        return fastest(moved, repeats, [&](std::size_t t) { update_loop(x[t * part].words, 8 * part); });
    return fastest(moved, repeats, [&](std::size_t t) { benchmark::DoNotOptimize(read_loop(x[t * part].words, 8 * part)); });
}

}  // namespace

double peak_bytes(std::size_t bytes, Traffic traffic) {
    static std::map<std::tuple<int, std::size_t, Traffic>, double> known;
    double& best = known[{num_threads(), bytes, traffic}];
    if (best == 0) best = measure_bytes(bytes, traffic);
    return best;
}

namespace {

void report(benchmark::State& state, const char* unit, double amount, double peak) {
    using benchmark::Counter;
    const double total = amount * static_cast<double>(state.iterations());
    state.counters[unit] = Counter(total / 1e9, Counter::kIsRate);
    state.counters["%peak"] = Counter(100 * total / peak, Counter::kIsRate);
    state.counters["peak"] = Counter(peak / 1e9);
}

}  // namespace

void report_bytes(benchmark::State& state, double bytes, Traffic traffic) {
    report(state, "GB/s", bytes, peak_bytes(static_cast<std::size_t>(bytes), traffic));
}
void report_flops(benchmark::State& state, double flops, bool f64) { report(state, "GFLOP/s", flops, peak_flops(f64)); }

}  // namespace vitrine::bench
