// The register tiles of the implicit GEMM for every instruction set that this processor has.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/conv/conv_cpu_gemm.h"

using namespace vitrine::kernels;

namespace {

// Two runs of 5 steps; B in panels; rows of C in blocks of 3. The wanted C by loops in double.
template <class T>
void check_tiles(ConvTilesFunction<T> multiply) {
    for (std::int64_t M : {1, 6, 7, 14, 15, 33}) {
        for (std::int64_t N : {1, 4, 15, 16, 17, 32, 33, 67}) {
            const std::int64_t length = 5, a_row = 13, panels = (N + conv_panel - 1) / conv_panel, c_row = N + 2;
            const std::vector<ConvRun> runs{{40, 0}, {1, length * conv_panel}};
            std::vector<T> a(static_cast<std::size_t>(50 + M * a_row)), bias(static_cast<std::size_t>(N));
            std::vector<T> b(static_cast<std::size_t>(panels * 2 * length * conv_panel));
            std::vector<T> c(static_cast<std::size_t>(c_row * M * 2), T(0.25)), wanted = c;
            for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<T>(std::sin(double(i)));
            for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<T>(std::cos(double(i)));
            for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = static_cast<T>(i);
            ConvTiles<T> x{};
            x.M = M, x.N = N;
            x.runs = runs.data(), x.run_count = 2, x.run_length = length;
            x.a = a.data(), x.a_row = a_row, x.a_col = 2;
            x.b = b.data(), x.b_row = conv_panel, x.b_panel = 2 * length * conv_panel;
            x.c = c.data(), x.c_row = c_row, x.c_block = 4 * c_row, x.block = 3;
            x.bias = M % 2 ? bias.data() : nullptr;
            x.add = N % 2 == 1;
            multiply(x);

            for (std::int64_t i = 0; i < M; ++i) {
                for (std::int64_t j = 0; j < N; ++j) {
                    T& cij = wanted[static_cast<std::size_t>(i % 3 * x.c_row + i / 3 * x.c_block + j)];
                    double sum = (x.add ? double(cij) : 0) + (x.bias ? double(x.bias[j]) : 0);
                    for (const ConvRun& run : runs)
                        for (std::int64_t k = 0; k < length; ++k)
                            sum += double(x.a[run.a + i * a_row + 2 * k]) *
                                   double(x.b[j / conv_panel * x.b_panel + run.b + k * conv_panel + j % conv_panel]);
                    cij = static_cast<T>(sum);
                }
            }
            double largest = 0;  // also between the rows of C, where nothing may be written
            for (std::size_t i = 0; i < c.size(); ++i)
                largest = std::max(largest, std::abs(double(c[i]) - double(wanted[i])));
            CHECK_MESSAGE(largest < (sizeof(T) == 4 ? 1e-5 : 1e-13), "M ", M, " N ", N);
        }
    }
}

}  // namespace

TEST_CASE("kernels/conv: tiles for any processor") {
    check_tiles<float>(conv_tiles_generic);
    check_tiles<double>(conv_tiles_generic);
}

#if defined(__x86_64__)
TEST_CASE("kernels/conv: tiles of AVX2") {
    if (processor_isa() < Isa::avx2) {
        MESSAGE("SKIPPED: this processor has no AVX2");
        return;
    }
    check_tiles<float>(conv_tiles_avx2);
    check_tiles<double>(conv_tiles_avx2);
}

TEST_CASE("kernels/conv: tiles of AVX-512") {
    if (processor_isa() < Isa::avx512) {
        MESSAGE("SKIPPED: this processor has no AVX-512");
        return;
    }
    check_tiles<float>(conv_tiles_avx512);
    check_tiles<double>(conv_tiles_avx512);
}
#endif
