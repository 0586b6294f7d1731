// Decides what is packed and who computes what (matmul_cpu_share.h); the tiles are in matmul_cpu_tiles.h.
#include "matmul_cpu.h"
#include "matmul.h"
#include "matmul_bf16.h"
#include "matmul_cpu_share.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/base/parallel.h"

#include <algorithm>
#include <iterator>

namespace vitrine::kernels {
template <class T>
MultiplyPart<T> widest_multiply() {
#if defined(__x86_64__)
    if (isa() == Isa::avx512) return matmul_avx512;
    if (isa() == Isa::avx2) return matmul_avx2;
#endif
    return matmul_generic;
}
template MultiplyPart<float> widest_multiply();
template MultiplyPart<double> widest_multiply();

namespace {

struct Plan {
    MatmulCut cut;
    std::int64_t m_step, n_step, k_step;
    bool pack_a, copy_strips, pack_b, dots;
    std::int64_t panels_a, panels_b;  // elements of workspace for one part

    std::int64_t part_elements() const { return panels_a + panels_b; }
};

void cut(const MatmulShape& s, bool by_columns, Plan& p) {
    constexpr double products_a_step = 16;
    matmul_cut(s, by_columns, by_columns ? matmul_columns_max : 1, products_a_step, p.cut);
}

// By columns, or by rows where there are few columns, or where that makes the largest share of one matrix smaller: 400
// columns are 224 and 176. An operand that each share packs for itself counts as some lines more.
void cut(const MatmulShape& s, Plan& p) {
    cut(s, s.N >= 256 || s.M < 32, p);
    const MatmulCut& c = p.cut;
    if (!c.by_columns || c.parts == 1 || s.matrices() > 1 || s.M < 32 * c.parts) return;
    constexpr std::int64_t packing = 5;
    const auto largest = [&](std::int64_t units) { return (units + c.parts - 1) / c.parts; };
    const std::int64_t columns = largest(c.units) * c.step + (p.pack_a ? packing : 0);
    const std::int64_t rows = largest(s.M) + (p.pack_b ? packing : 0);
    if (rows * s.N < columns * s.M) cut(s, false, p);
}

template <class T>
Plan plan_for(const MatmulShape& s) {
    Plan p{};
    // A block of B fits the second cache, with 1 MB of it and more, beside what passes through. Many rows read A once
    // for each block of columns and C once for each of k: 512 by 352 is least of both together, and best as measured.
    // Few read a block of B so seldom that all of k at once is better. Where A lies along M and is not packed each k
    // has a line of its own.
    constexpr std::int64_t page = 4096 / sizeof(T), most = page / 2, few_at_once = 3200 / sizeof(T);
    if (s.a_col != 1 && s.N <= 128)
        p.k_step = most / 2;
    else if (s.M > 256 || s.b_packed)
        p.k_step = most;
    else
        p.k_step = s.K <= few_at_once ? few_at_once : 3 * most / 4;
    p.k_step = matmul_even_blocks(s.K, p.k_step, 16);
    p.n_step = matmul_even_blocks(s.N, p.k_step > most / 2 ? 11 * most / 16 : 3 * most / 2, matmul_columns_max);
    p.m_step = 4096;
    // Rows that are whole pages apart meet in one set of the first cache, which holds fewer lines than a strip has
    // rows.
    const bool one_set = s.a_col == 1 && s.a_row % page == 0 && s.M >= 8;
    p.pack_a = s.N > 128 && (s.a_col != 1 || one_set);
    p.copy_strips = p.pack_a && one_set && s.M > 128;
    p.pack_b = !s.b_packed && (s.b_col != 1 || s.M > (s.b_row % page == 0 ? 256 : 512) || (s.b_row > 1024 && s.M > 96));
    p.dots = !s.b_packed && s.N == 1 && s.a_col == 1 && s.b_row == 1;
    const std::int64_t rows_a =
        p.copy_strips ? matmul_rows_max : matmul_round_up(std::min(s.M, p.m_step), matmul_rows_max);
    p.panels_a = p.pack_a ? rows_a * matmul_packed_row(p.k_step) : 0;
    p.panels_b = (p.pack_b ? p.n_step : matmul_columns_max) * p.k_step;
    cut(s, p);
    return p;
}

// Units [range.begin, range.end) of the whole batch.
template <class T>
void matmul_range(MultiplyPart<T> multiply, const T* a, const T* b, T* c, const MatmulShape& s, const Plan& p,
                  const MatmulEpilogue<T>& e, Range range, T* workspace) {
    while (range.begin < range.end) {
        const auto [index, rows, columns] = matmul_next_block(s, p.cut, range);
        const std::int64_t first = (index * s.M + rows.begin) * s.N;
        multiply(MatmulPart<T>{.M = rows.end - rows.begin,
                               .N = columns.end - columns.begin,
                               .K = s.K,
                               .a = a + s.matrix_at(index, s.a_batch) + rows.begin * s.a_row,
                               .a_row = s.a_row,
                               .a_col = s.a_col,
                               .b = b + s.matrix_at(index, s.b_batch) + columns.begin * (s.b_packed ? s.K : s.b_col),
                               .b_row = s.b_row,
                               .b_col = s.b_col,
                               .c = c + first + columns.begin,
                               .c_row = s.N,
                               .epilogue = e.from(first, columns.begin),
                               .m_step = p.m_step,
                               .n_step = p.n_step,
                               .k_step = p.k_step,
                               .pack_a = p.pack_a,
                               .pack_b = p.pack_b,
                               .copy_strips = p.copy_strips,
                               .b_packed = s.b_packed,
                               .dots = p.dots,
                               .panels_a = workspace + p.panels_b,
                               .panels_b = workspace});
    }
}

// The epilogue of a C that holds its sums.
template <class T>
void finish_all(T* c, const MatmulShape& s, const MatmulEpilogue<T>& e) {
    const std::int64_t rows = s.matrices() * s.M;
    for (std::int64_t i = 0; e.bias && i < rows; ++i) {
        for (std::int64_t j = 0; j < s.N; ++j) c[i * s.N + j] += e.bias[j];
    }
    if (e.has_more()) matmul_finish(e, c, s.N, rows, s.N);
}

// A product with one column whose A is contiguous along M: C^T = B^T A^T has vectors to work with.
bool better_transposed(const MatmulShape& s) {
    return !s.b_packed && s.N == 1 && s.M > 1 && s.a_row == 1 && s.a_col != 1;
}

MatmulShape transposed(const MatmulShape& s) {
    MatmulShape t = s;
    t.M = s.N, t.N = s.M;
    t.a_row = s.b_col, t.a_col = s.b_row;
    t.b_row = s.a_col, t.b_col = s.a_row;
    std::copy(std::begin(s.a_batch), std::end(s.a_batch), t.b_batch);
    std::copy(std::begin(s.b_batch), std::end(s.b_batch), t.a_batch);
    return t;
}

constexpr std::size_t on_the_stack = 4096;

template <class T>
bool rounds(const MatmulShape& s) {
    return std::is_same_v<T, float> && s.bf16_factors;
}

}  // namespace

template <class T>
std::size_t matmul_workspace_bytes(Cpu, const MatmulShape& s) {
    if ((isa() == Isa::naive && !rounds<T>(s)) || s.matrices() * s.M * s.N * s.K == 0) return 0;
    if constexpr (std::is_same_v<T, float>)
        if (rounds<T>(s)) return matmul_bf16_workspace_bytes<T>(Cpu{}, s);
    if (better_transposed(s)) return matmul_workspace_bytes<T>(Cpu{}, transposed(s));
    const Plan p = plan_for<T>(s);
    const std::size_t part = static_cast<std::size_t>(p.part_elements()) * sizeof(T);
    return p.cut.parts == 1 && part <= on_the_stack ? 0 : part * static_cast<std::size_t>(p.cut.parts);
}

std::int64_t matmul_packed_elements(Cpu, const MatmulShape& s) {
    const bool pays =
        isa() != Isa::naive && !s.bf16_factors && s.b_col == 1 && s.batch_rank == 0 && s.N >= matmul_columns_max;
    return pays ? matmul_round_up(s.N, matmul_columns_max) * s.K : 0;
}

template <class T>
void matmul_pack_b(Cpu, const T* b, T* packed, const MatmulShape& s) {
    for (std::int64_t j = 0; j < s.N; j += matmul_columns_max) {
        const std::int64_t columns = std::min(matmul_columns_max, s.N - j);
        for (std::int64_t k = 0; k < s.K; ++k) {
            T* const to = packed + j * s.K + k * matmul_columns_max;
            for (std::int64_t i = 0; i < matmul_columns_max; ++i) to[i] = i < columns ? b[k * s.b_row + j + i] : T(0);
        }
    }
}

template <class T>
void matmul(Cpu on, const T* a, const T* b, T* c, const MatmulShape& s, MatmulWorkspace w, const MatmulEpilogue<T>& e) {
    if (isa() == Isa::naive && !rounds<T>(s)) return matmul_naive(on, a, b, c, s, e);
    if constexpr (std::is_same_v<T, float>)
        if (rounds<T>(s)) return matmul_bf16<T>(on, a, b, c, s, w, e);
    if (s.matrices() * s.M * s.N == 0) return;
    if (s.K == 0 || better_transposed(s)) {
        if (s.K > 0)
            matmul(on, b, a, c, transposed(s), w, {.accumulate = e.accumulate});
        else if (!e.accumulate)
            std::fill(c, c + s.matrices() * s.M * s.N, T(0));
        return finish_all(c, s, e);
    }

    const Plan p = plan_for<T>(s);
    const MultiplyPart<T> multiply = widest_multiply<T>();
    const std::int64_t units = s.matrices() * p.cut.units;
    const std::size_t part = static_cast<std::size_t>(p.part_elements()) * sizeof(T);
    if (w.bytes < part) {
        VITRINE_CHECK(part <= on_the_stack, "matmul: ", w.bytes, " bytes of workspace; this product needs ", part);
        alignas(64) T small[on_the_stack / sizeof(T)];
        return matmul_range(multiply, a, b, c, s, p, e, {0, units}, small);
    }
    // The number of threads may have grown since the workspace was asked for.
    const int parts = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(p.cut.parts), w.bytes / part));
    T* workspace = static_cast<T*>(w.data);
    if (parts == 1) return matmul_range(multiply, a, b, c, s, p, e, {0, units}, workspace);
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < parts; ++i) {
        matmul_range(multiply, a, b, c, s, p, e, share(units, i, parts), workspace + i * p.part_elements());
    }
}

template void matmul_pack_b(Cpu, const float*, float*, const MatmulShape&);
template void matmul_pack_b(Cpu, const double*, double*, const MatmulShape&);
template std::size_t matmul_workspace_bytes<float>(Cpu, const MatmulShape&);
template std::size_t matmul_workspace_bytes<double>(Cpu, const MatmulShape&);
template void matmul(Cpu, const float*, const float*, float*, const MatmulShape&, MatmulWorkspace,
                     const MatmulEpilogue<float>&);
template void matmul(Cpu, const double*, const double*, double*, const MatmulShape&, MatmulWorkspace,
                     const MatmulEpilogue<double>&);

}  // namespace vitrine::kernels
