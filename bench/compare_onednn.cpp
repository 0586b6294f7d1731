// Our matrix product beside oneDNN's dnnl_sgemm, shape after shape in one run: microseconds of both, their ratio, and the
// geometric mean of the ratios. Built where CMake finds oneDNN (Debian: libdnnl-dev).
//
//   compare_onednn [THREADS] [MILLISECONDS PER SHAPE]
//
// One thread is measured in time of the thread, which other programs do not disturb, two and more by the clock. Of each
// side counts the least of many turns; the turns alternate, so that both see the same machine.
#include <oneapi/dnnl/dnnl.h>
#include <omp.h>
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <vector>

#include "vitrine/kernels/base/parallel.h"
#include "vitrine/kernels/matmul/matmul.h"

namespace {

using namespace vitrine::kernels;

struct Product {
    std::int64_t M, K, N;
    const char* kinds;  // N: as it is; T: lies the other way round in memory; for A and B
};

// The products of the nets in bench/steps, and squares.
constexpr Product products[] = {
    {64, 64, 64, "NN NT"},         {128, 128, 128, "NN"},          {256, 256, 256, "NN"},
    {512, 512, 512, "NN NT TN"},   {1024, 1024, 1024, "NN NT TN"}, {2048, 2048, 2048, "NN NT TN"},
    {128, 784, 400, "NN NT TN"},   {128, 400, 784, "NN NT TN"},    {400, 128, 784, "TN"},
    {128, 400, 20, "NN NT TN"},    {20, 128, 400, "TN"},           {128, 20, 400, "NN"},
    {64, 512, 512, "NN NT TN"},    {64, 512, 2048, "NN NT TN"},    {4096, 512, 2048, "NN NT TN"},
    {512, 4096, 2048, "TN"},       {3200, 128, 512, "NN NT TN"},   {2048, 256, 768, "NN NT TN"},
    {128, 64, 128, "NN NT TN"},    {128, 512, 10, "NN NT TN"},     {2048, 256, 65, "NN NT TN"},
};

double seconds(int threads) {
    timespec t;
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Memory in large pages, as the library's allocator gives it.
struct Memory {
    static constexpr std::size_t page = std::size_t{2} << 20;
    float* data;
    explicit Memory(std::int64_t n) {
        const std::size_t bytes = (static_cast<std::size_t>(n) * sizeof(float) + page - 1) / page * page;
        data = static_cast<float*>(::operator new(bytes, std::align_val_t(page)));
        madvise(data, bytes, MADV_HUGEPAGE);
        for (std::int64_t i = 0; i < n; ++i) data[i] = static_cast<float>(i % 13) - 6;
    }
    ~Memory() { ::operator delete(data, std::align_val_t(page)); }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
};

// Calls run() as often as fills a turn, again and again by turns with the other side.
template <class Run>
double least_time(const Run& run, int threads, int repeat, double least) {
    const double begin = seconds(threads);
    for (int i = 0; i < repeat; ++i) run();
    return std::min(least, (seconds(threads) - begin) / repeat);
}

double ratio_of(const Product& p, bool a_transposed, bool b_transposed, int threads, double milliseconds) {
    const Memory a(p.M * p.K), b(p.K * p.N), ours(p.M * p.N), theirs(p.M * p.N);
    MatmulShape s{.M = p.M, .N = p.N, .K = p.K, .a_row = p.K, .a_col = 1, .b_row = p.N, .b_col = 1};
    if (a_transposed) s.a_row = 1, s.a_col = p.M;
    if (b_transposed) s.b_row = 1, s.b_col = p.K;
    const std::size_t bytes = matmul_workspace_bytes<float>(Cpu{}, s);
    const Memory space(static_cast<std::int64_t>(bytes / 4) + 1);

    const auto our_product = [&] { matmul<float>(Cpu{}, a.data, b.data, ours.data, s, {space.data, bytes}); };
    const auto their_product = [&] {
        dnnl_sgemm(a_transposed ? 'T' : 'N', b_transposed ? 'T' : 'N', p.M, p.N, p.K, 1.0f, a.data, a_transposed ? p.M : p.K,
                   b.data, b_transposed ? p.K : p.N, 0.0f, theirs.data, p.N);
    };
    our_product(), their_product();
    double worst = 0;
    for (std::int64_t i = 0; i < p.M * p.N; ++i) worst = std::max(worst, static_cast<double>(std::fabs(ours.data[i] - theirs.data[i])));
    if (worst > 0.01 * std::sqrt(static_cast<double>(p.K))) std::printf("the results differ by %g\n", worst), std::exit(1);

    const double flops = 2.0 * static_cast<double>(p.M) * static_cast<double>(p.K) * static_cast<double>(p.N);
    const int repeat = std::max(1, static_cast<int>(2e7 / flops));
    double our_time = 1e9, their_time = 1e9;
    int turns = 0;
    for (const double end = seconds(threads) + milliseconds * 1e-3; turns < 3 || seconds(threads) < end; ++turns) {
        our_time = least_time(our_product, threads, repeat, our_time);
        their_time = least_time(their_product, threads, repeat, their_time);
    }
    std::printf("%5ld x%5ld x%5ld %c%c  %9.2f %9.2f us  %6.1f %6.1f GF/s  %5.2f\n", static_cast<long>(p.M), static_cast<long>(p.K),
                static_cast<long>(p.N), a_transposed ? 'T' : 'N', b_transposed ? 'T' : 'N', our_time * 1e6, their_time * 1e6,
                flops / our_time * 1e-9, flops / their_time * 1e-9, their_time / our_time);
    std::fflush(stdout);
    return their_time / our_time;
}

}  // namespace

int main(int argc, char** argv) {
    const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
    const double milliseconds = argc > 2 ? std::atof(argv[2]) : 300;
    set_num_threads(threads);
    omp_set_num_threads(threads);
    std::printf("    M x    K x    N op        ours    oneDNN         ours  oneDNN       oneDNN/ours\n");
    double logs = 0;
    int count = 0;
    for (const Product& p : products) {
        for (const char* kind = p.kinds; *kind; kind += kind[2] ? 3 : 2, ++count)
            logs += std::log(ratio_of(p, kind[0] == 'T', kind[1] == 'T', threads, milliseconds));
    }
    std::printf("geometric mean of %d: %.3f\n", count, std::exp(logs / count));
}
