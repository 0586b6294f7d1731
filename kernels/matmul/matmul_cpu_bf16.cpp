// Cuts a product in bf16 for the threads (matmul_cpu_share.h says how, matmul_cpu_avx512bf16.cpp multiplies), and the
// fallback for other processors: both operands rounded, then the f32 product.
#include "matmul_cpu_bf16.h"
#include "matmul_bf16.h"
#include "matmul_cpu_share.h"

#include "vitrine/kernels/base/isa.h"

namespace vitrine::kernels {
namespace {

std::int64_t panels_along(std::int64_t n) { return (n + matmul_bf16_columns - 1) / matmul_bf16_columns; }

struct Plan {
    MatmulCut cut;
    std::int64_t m_step, k_step;
    std::int64_t panels_a, panel_b;  // pairs of workspace for one part

    std::size_t part_bytes() const { return static_cast<std::size_t>(panels_a + panel_b) * sizeof(std::uint32_t); }
};

Plan plan_for(const MatmulShape& s) {
    Plan p{};
    // Threads that share the columns each pack all of A, and the other way round.
    const bool by_columns = s.N >= s.M;
    constexpr double products_a_step = 32;
    matmul_cut(s, by_columns, by_columns ? matmul_bf16_columns : matmul_bf16_rows, products_a_step, p.cut);

    // A panel of B fits the first cache, the strips of A half of the second.
    p.k_step = matmul_even_blocks(s.K, 384, matmul_bf16_k_unit);
    p.m_step = matmul_even_blocks(s.M, 504, matmul_bf16_rows);
    p.panels_a = matmul_bf16_panels_a(p.m_step, p.k_step);
    p.panel_b = matmul_bf16_panel_b(p.k_step);
    return p;
}

// Units [range.begin, range.end) of the whole batch.
template <class T>
void multiply_range(const T* a, const T* b, float* c, const MatmulShape& s, const Plan& p,
                    const MatmulEpilogue<float>& e, Range range, std::uint32_t* workspace,
                    const std::uint32_t* packed) {
    while (range.begin < range.end) {
        const auto [index, rows, columns] = matmul_next_block(s, p.cut, range);
        const std::int64_t first = (index * s.M + rows.begin) * s.N;
        [[maybe_unused]] const MatmulPartBf16<T> x{
            .M = rows.end - rows.begin,
            .N = columns.end - columns.begin,
            .K = s.K,
            .a = a + s.matrix_at(index, s.a_batch) + rows.begin * s.a_row,
            .a_row = s.a_row,
            .a_col = s.a_col,
            .b = packed ? nullptr : b + s.matrix_at(index, s.b_batch) + columns.begin * s.b_col,
            .b_row = s.b_row,
            .b_col = s.b_col,
            .c = c + first + columns.begin,
            .c_row = s.N,
            .epilogue = e.from(first, columns.begin),
            .m_step = p.m_step,
            .k_step = p.k_step,
            .panels_a = workspace + p.panel_b,
            .panel_b = workspace,
            .packed_b = packed ? packed + columns.begin / matmul_bf16_columns * p.panel_b : nullptr,
            .packed_panels = panels_along(s.N)};
#if defined(__x86_64__)
        matmul_avx512bf16(x);
#endif
    }
}

template <class T>
void multiply_panels(const T* a, const T* b, float* c, const MatmulShape& s, MatmulWorkspace w,
                     const MatmulEpilogue<float>& e, const std::uint32_t* packed = nullptr) {
    const Plan p = plan_for(s);
    const std::int64_t units = s.matrices() * p.cut.units;
    // The number of threads may have grown since the workspace was asked for.
    const int parts =
        static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(p.cut.parts), w.bytes / p.part_bytes()));
    std::uint32_t* workspace = static_cast<std::uint32_t*>(w.data);
    if (parts == 1) return multiply_range(a, b, c, s, p, e, {0, units}, workspace, packed);
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < parts; ++i)
        multiply_range(a, b, c, s, p, e, share(units, i, parts), workspace + i * (p.panels_a + p.panel_b), packed);
}

// ---- where there is no instruction for it

// An operand's different matrices, as a batch: a dimension of stride 0 repeats one.
MatmulShape different(MatmulShape s, const std::int64_t* strides) {
    for (int d = 0; d < s.batch_rank; ++d)
        if (strides[d] == 0) s.batch[d] = 1;
    return s;
}

// Elements of both operands' different matrices, up to the end of a cache line.
std::int64_t rounded_a(const MatmulShape& s) {
    return matmul_round_up(different(s, s.a_batch).matrices() * s.M * s.K, 16);
}
std::int64_t rounded_b(const MatmulShape& s) {
    return matmul_round_up(different(s, s.b_batch).matrices() * s.K * s.N, 16);
}

// The rounded copies' shape: both operands row-major, a matrix after the other.
MatmulShape rounded_shape(const MatmulShape& s) {
    MatmulShape r = s;
    r.bf16_factors = false;
    r.a_row = s.K, r.a_col = 1, r.b_row = s.N, r.b_col = 1;
    std::int64_t a_step = s.M * s.K, b_step = s.K * s.N;
    for (int d = s.batch_rank - 1; d >= 0; --d) {
        r.a_batch[d] = s.a_batch[d] == 0 ? 0 : a_step;
        r.b_batch[d] = s.b_batch[d] == 0 ? 0 : b_step;
        if (s.a_batch[d] != 0) a_step *= s.batch[d];
        if (s.b_batch[d] != 0) b_step *= s.batch[d];
    }
    return r;
}

// Where element (i, j) of matrix `index` is: matrix_at(index, batch) + i * row + j * col.
template <class T>
struct Operand {
    const T* data;
    std::int64_t row, col, rows, cols;
    const std::int64_t* batch;
};

// Rows [range.begin, range.end) of all different matrices, one below the other.
template <class T>
void round_rows(const Operand<T>& x, const MatmulShape& different, float* to, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) {
        const T* const from = x.data + different.matrix_at(i / x.rows, x.batch) + i % x.rows * x.row;
        for (std::int64_t j = 0; j < x.cols; ++j)
            to[i * x.cols + j] = static_cast<float>(static_cast<bf16>(static_cast<float>(from[j * x.col])));
    }
}

template <class T>
void round_all(const Operand<T>& x, const MatmulShape& s, float* to) {
    const MatmulShape matrices = different(s, x.batch);
    const std::int64_t rows = matrices.matrices() * x.rows;
    const int parts = parts_for(rows, 2 * static_cast<double>(x.cols));
    if (parts == 1) return round_rows(x, matrices, to, {0, rows});
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < parts; ++i) round_rows(x, matrices, to, share(rows, i, parts));
}

template <class T>
void multiply_rounded(const T* a, const T* b, float* c, const MatmulShape& s, MatmulWorkspace w,
                      const MatmulEpilogue<float>& e) {
    float* const a_rounded = static_cast<float*>(w.data);
    float* const b_rounded = a_rounded + rounded_a(s);
    float* const rest = b_rounded + rounded_b(s);
    round_all<T>({a, s.a_row, s.a_col, s.M, s.K, s.a_batch}, s, a_rounded);
    round_all<T>({b, s.b_row, s.b_col, s.K, s.N, s.b_batch}, s, b_rounded);
    const std::size_t used = static_cast<std::size_t>(rest - a_rounded) * sizeof(float);
    matmul<float>(Cpu{}, a_rounded, b_rounded, c, rounded_shape(s), {rest, w.bytes - used}, e);
}

}  // namespace

template <class T>
std::size_t matmul_bf16_workspace_bytes(Cpu, const MatmulShape& s) {
    if (s.matrices() * s.M * s.N * s.K == 0) return 0;
    if (isa_has_bf16()) {
        const Plan p = plan_for(s);
        return p.part_bytes() * static_cast<std::size_t>(p.cut.parts);
    }
    return static_cast<std::size_t>(rounded_a(s) + rounded_b(s)) * sizeof(float) +
           matmul_workspace_bytes<float>(Cpu{}, rounded_shape(s));
}

template <class T>
void matmul_bf16(Cpu, const T* a, const T* b, float* c, const MatmulShape& s, MatmulWorkspace w,
                 const MatmulEpilogue<float>& e) {
    if (s.matrices() * s.M * s.N == 0) return;
    if (s.K == 0) return matmul<float>(Cpu{}, nullptr, nullptr, c, rounded_shape(s), {}, e);
    if (isa_has_bf16()) return multiply_panels(a, b, c, s, w, e);
    multiply_rounded(a, b, c, s, w, e);
}

bool matmul_bf16_packs() { return isa_has_bf16(); }

std::size_t matmul_bf16_packed_bytes(const MatmulShape& s) {
    const Plan p = plan_for(s);
    const std::int64_t blocks = (s.K + p.k_step - 1) / p.k_step;
    return static_cast<std::size_t>(blocks * panels_along(s.N) * p.panel_b) * sizeof(std::uint32_t);
}

void matmul_bf16_pack([[maybe_unused]] const float* b, [[maybe_unused]] const MatmulShape& s,
                      [[maybe_unused]] void* packed) {
#if defined(__x86_64__)
    MatmulPartBf16<float> all{};
    all.N = s.N, all.K = s.K;
    all.b = b, all.b_row = s.b_row, all.b_col = s.b_col;
    all.k_step = plan_for(s).k_step;
    matmul_avx512bf16_pack(all, static_cast<std::uint32_t*>(packed));
#endif
}

std::size_t matmul_bf16_packed_workspace_bytes(const MatmulShape& s) { return plan_for(s).part_bytes(); }

void matmul_bf16_packed(const float* a, const void* packed, float* c, const MatmulShape& s, MatmulWorkspace w,
                        const MatmulEpilogue<float>& e) {
    if (s.M * s.N == 0) return;
    multiply_panels<float>(a, nullptr, c, s, w, e, static_cast<const std::uint32_t*>(packed));
}

template std::size_t matmul_bf16_workspace_bytes<float>(Cpu, const MatmulShape&);
template std::size_t matmul_bf16_workspace_bytes<bf16>(Cpu, const MatmulShape&);
template void matmul_bf16(Cpu, const float*, const float*, float*, const MatmulShape&, MatmulWorkspace,
                          const MatmulEpilogue<float>&);
template void matmul_bf16(Cpu, const bf16*, const bf16*, float*, const MatmulShape&, MatmulWorkspace,
                          const MatmulEpilogue<float>&);

}  // namespace vitrine::kernels
