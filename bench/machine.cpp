#include "machine.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <vector>

#include "vitrine/core/device.h"
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

double peak_bytes(std::size_t bytes) {
    static std::map<std::pair<int, std::size_t>, double> known;
    const int threads = num_threads();
    double& best = known[{threads, bytes}];
    if (best == 0) {
        const std::size_t half = std::max<std::size_t>(bytes / 2, 64), part = half / static_cast<std::size_t>(threads);
        std::vector<char> x(half, 1), y(half, 2);
        const int repeats = static_cast<int>(std::max<std::size_t>(1, (std::size_t{4} << 20) / half));
        for (int attempt = 0; attempt < 30; ++attempt) {
            const double start = seconds();
#pragma omp parallel for num_threads(threads)
            for (int t = 0; t < threads; ++t)
                for (int r = 0; r < repeats; ++r) {
                    std::memcpy(y.data() + static_cast<std::size_t>(t) * part, x.data() + static_cast<std::size_t>(t) * part, part);
                    benchmark::ClobberMemory();
                }
            best = std::max(best, 2.0 * static_cast<double>(half) * repeats / (seconds() - start));
        }
    }
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

void report_bytes(benchmark::State& state, double bytes) { report(state, "GB/s", bytes, peak_bytes(static_cast<std::size_t>(bytes))); }
void report_flops(benchmark::State& state, double flops, bool f64) { report(state, "GFLOP/s", flops, peak_flops(f64)); }

}  // namespace vitrine::bench
