#include "peaks.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <map>
#include <tuple>
#include <vector>

#include "device.h"
#include "vitrine/core/ops/creation.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vitrine {
namespace {

// Of one thread its own time, which other programs do not stretch.
double seconds() {
#if defined(CLOCK_THREAD_CPUTIME_ID)
    if (num_threads() == 1) {
        std::timespec t{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
    }
#endif
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

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

constexpr std::size_t line = 64;

/// What one thread works on.
struct Part {
    std::uint64_t *x, *y, *z;
    std::size_t words;
};

struct Memcpy {
    [[gnu::always_inline]] static void run(const Part& p) { std::memcpy(p.y, p.x, p.words * sizeof(std::uint64_t)); }
};
struct Copy {  // not a plain copy, which would become a call of memcpy
    [[gnu::always_inline]] static void run(const Part& p) {
        std::uint64_t *const x = p.x, *const y = p.y;
        for (std::size_t i = 0; i < p.words; ++i) y[i] = x[i] ^ 1;
    }
};
struct Update {
    [[gnu::always_inline]] static void run(const Part& p) {
        for (std::size_t i = 0; i < p.words; ++i) p.x[i] += 1;
    }
};
struct Triad {
    [[gnu::always_inline]] static void run(const Part& p) {
        std::uint64_t *const x = p.x, *const y = p.y, *const z = p.z;
        for (std::size_t i = 0; i < p.words; ++i) z[i] = x[i] + y[i];
    }
};
struct Read {
    [[gnu::always_inline]] static void run(const Part& p) {
        std::uint64_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;  // no addition waits for the one before it
        const std::size_t quarter = p.words / 4;
        for (std::size_t i = 0; i < quarter; ++i) {
            sum0 += p.x[i];
            sum1 += p.x[i + quarter];
            sum2 += p.x[i + 2 * quarter];
            sum3 += p.x[i + 3 * quarter];
        }
        volatile std::uint64_t keep = sum0 + sum1 + sum2 + sum3;
        (void)keep;
    }
};

// With the widest instructions that the machine has, whatever the build was made for.
#if defined(__x86_64__)
template <class Loop>
[[gnu::target("avx512f")]] void run_avx512(const Part& p) {
    Loop::run(p);
}
template <class Loop>
[[gnu::target("avx2")]] void run_avx2(const Part& p) {
    Loop::run(p);
}
#endif
template <class Loop>
void run(const Part& p) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return run_avx512<Loop>(p);
    if (__builtin_cpu_supports("avx2")) return run_avx2<Loop>(p);
#endif
    Loop::run(p);
}

/// The arrays of a loop and the bytes that a pass moves.
struct Arrays {
    Tensor x, y, z;
    std::size_t part;  // lines of each array for a thread
    double moved;

    Part of(int thread) const {
        const auto words = [&](const Tensor& array) {
            return reinterpret_cast<std::uint64_t*>(array.data<std::uint8_t>()) + static_cast<std::size_t>(thread) * part * (line / 8);
        };
        return {words(x), y.defined() ? words(y) : nullptr, z.defined() ? words(z) : nullptr, part * (line / 8)};
    }
};

// Of the attempts of `limit` seconds, each moving a few megabytes, the one that a twentieth of them beat: on a machine that
// others use too, a shorter time may hold no undisturbed one, and the clock of a thread's own time may skip now and then.
template <class Loop>
double fastest(const Arrays& arrays, double limit) {
    const int threads = num_threads();
    const int repeats = static_cast<int>(std::max(1.0, (4 << 20) / arrays.moved));
    std::vector<double> speeds;
    for (const double end = seconds() + limit; speeds.empty() || seconds() < end;) {
        const double start = seconds();
#pragma omp parallel for num_threads(threads)
        for (int t = 0; t < threads; ++t)
            for (int r = 0; r < repeats; ++r) {
                run<Loop>(arrays.of(t));
                asm volatile("" : : : "memory");
            }
        speeds.push_back(arrays.moved * repeats / (seconds() - start));
    }
    const auto place = speeds.begin() + static_cast<std::ptrdiff_t>(speeds.size() * 19 / 20);
    std::nth_element(speeds.begin(), place, speeds.end());
    return *place;
}

Arrays arrays_for(std::size_t bytes, Traffic traffic) {
    const std::size_t count = traffic == Traffic::triad ? 3 : traffic == Traffic::copy ? 2 : 1;
    const std::size_t passes = traffic == Traffic::update ? 2 : count;
    // Of the bytes moved, an update touches each place twice: its working set is half as large.
    const std::size_t each = std::max<std::size_t>(bytes / passes / line, 1);
    const auto threads = static_cast<std::size_t>(num_threads());
    const std::size_t part = std::max<std::size_t>(each / threads, 1), size = part * threads * line;
    // From the library's allocator, for the same large pages, and written once, so that the pages are there.
    const auto array = [&](bool used) { return used ? zeros({static_cast<std::int64_t>(size)}, {.dtype = DType::u8}) : Tensor(); };
    return {array(true), array(count >= 2), array(count == 3), part, static_cast<double>(passes * size)};
}

double measure_bytes(std::size_t bytes, Traffic traffic, double limit) {
    const Arrays arrays = arrays_for(bytes, traffic);
    switch (traffic) {
        case Traffic::copy: return std::max(fastest<Memcpy>(arrays, limit), fastest<Copy>(arrays, limit));
        case Traffic::triad: return fastest<Triad>(arrays, limit);
        case Traffic::update: return fastest<Update>(arrays, limit);
        case Traffic::read: return fastest<Read>(arrays, limit);
    }
    return 0;
}

}  // namespace

double peak_bytes(std::size_t bytes, Traffic traffic, double seconds_each) {
    static std::map<std::tuple<int, std::size_t, Traffic>, double> known;
    double& best = known[{num_threads(), bytes, traffic}];
    if (best == 0) best = measure_bytes(bytes, traffic, seconds_each);
    return best;
}

double copy_peak_near(double bytes) {
    constexpr int least = 8, most = 14;  // powers of 4
    const double place = std::clamp(std::log2(std::max(bytes, 1.0)) / 2, double{least}, double{most});
    const int below = std::min(static_cast<int>(place), most - 1);
    const auto peak = [](int power) { return peak_bytes(std::size_t{1} << (2 * power), Traffic::copy, 0.05); };
    const double part = place - below;
    return (1 - part) * peak(below) + part * peak(below + 1);
}

}  // namespace vitrine
