#include "recurrent_steps.h"

#include <algorithm>
#include <initializer_list>
#include <type_traits>

#include "recurrent_cpu_step_cells.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/matmul/matmul_bf16.h"
#include "vitrine/kernels/matmul/matmul_cpu.h"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace vitrine::kernels {
namespace {

constexpr std::int64_t panel = matmul_columns_max;
constexpr std::int64_t rows_worth_a_thread = 16;  // fewer multiply too little with a weight that comes from afar
constexpr std::int64_t bytes_at_once = 1 << 18;   // of A: it stays in the second-level cache beside a panel of W
constexpr std::int64_t rows_bf16 = 64;            // at once, with factors of bf16
constexpr std::int64_t steps_together = 4;        // of threads that wait for each other

std::int64_t panels_of(std::int64_t columns) { return (columns + panel - 1) / panel; }

// Units whose r is made at once: with all gates about 512 columns, which stay in the second-level cache.
std::int64_t block_of(const RecurrentSteps& n) { return std::max<std::int64_t>(1, 512 / (n.gates * panel)) * panel; }

// ---- who does what

struct Mine {
    Range rows, units;
    int index;
    bool alone;  // with these rows

    Mine(const RecurrentSteps& n, int i, int of) : index(i) {
        int row_parts = static_cast<int>(std::clamp<std::int64_t>(n.B / rows_worth_a_thread, 1, of));
        while (of % row_parts != 0) --row_parts;
        const int unit_parts = of / row_parts;
        rows = share(n.B, i / unit_parts, row_parts);
        units = share(n.H, i % unit_parts, unit_parts, panel);
        alone = unit_parts == 1;
    }
    std::int64_t row_count() const { return rows.end - rows.begin; }
    Mine with_rows(Range some) const {
        Mine m = *this;
        m.rows = {rows.begin + some.begin, rows.begin + some.end};
        return m;
    }
};

// Until all threads are here.
void wait_for_all() {
#pragma omp barrier
}

// share(i, of) by each thread, with as many as there are.
template <class Share>
void with_threads(int parts, const Share& share_of) {
    if (parts == 1) return share_of(0, 1);
#ifdef _OPENMP
#pragma omp parallel num_threads(parts)
    share_of(omp_get_thread_num(), omp_get_num_threads());
#endif
}

// walk(mine, steps) by each thread, steps counted from the first that is walked. Who waits for nobody walks with a few
// rows at a time; `row_bytes` is what a row has of the product's A. Threads that wait for each other suffer where other
// programs want the cores (crowd.h): they stop now and then to ask whether they are still worth using.
template <class Walk>
void walk_steps(const RecurrentSteps& n, std::size_t row_bytes, const Walk& walk) {
    const std::int64_t few =
        n.bf16_factors ? rows_bf16 : std::max<std::int64_t>(32, bytes_at_once / static_cast<std::int64_t>(row_bytes));
    int parts = n.parts;
    for (Range steps{0, 0}; steps.begin < n.T; steps.begin = steps.end) {
        if (steps.begin > 0) parts = std::min(parts, recurrent_steps_parts(n));
        steps.end = Mine(n, 0, parts).alone ? n.T : std::min(n.T, steps.begin + steps_together);
        with_threads(parts, [&](int i, int of) {
            const Mine mine(n, i, of);
            const std::int64_t rows = mine.row_count();
            const int walks = mine.alone ? static_cast<int>((rows + few - 1) / few) : 1;
            for (int k = 0; k < walks; ++k) walk(mine.with_rows(share(rows, k, walks)), steps);
        });
    }
}

// ---- the product

// A (rows, K) times a weight (K, groups N), whose columns lie in panels [k][panel], those of each group (a gate) by
// themselves.
template <class T>
struct Product {
    MultiplyPart<T> multiply;
    const T* w;  // row-major
    std::int64_t K, N, groups;
    T* packed;

    // Part `index` of the panels.
    void pack(int index, int parts) const {
        const std::int64_t row = groups * N;
        const Range mine = share(groups * panels_of(N), index, parts);
        for (std::int64_t p = mine.begin; p < mine.end; ++p) {
            const std::int64_t j = p % panels_of(N) * panel, columns = std::min(panel, N - j);
            const T* from = w + p / panels_of(N) * N + j;
            T* to = packed + p * panel * K;
            for (std::int64_t k = 0; k < K; ++k, from += row, to += panel) {
                for (std::int64_t i = 0; i < columns; ++i) to[i] = from[i];
                for (std::int64_t i = columns; i < panel; ++i) to[i] = T(0);
            }
        }
    }

    // c = a times these columns of the group, and the bias of the first of them.
    void operator()(const T* a, std::int64_t rows, std::int64_t group, Range columns, const T* bias, T* c,
                    std::int64_t c_row) const {
        if (rows == 0 || columns.begin == columns.end) return;
        MatmulPart<T> x{};
        x.M = rows, x.N = columns.end - columns.begin, x.K = K;
        x.a = a, x.a_row = K, x.a_col = 1;
        x.b = packed + (group * panels_of(N) * panel + columns.begin) * K, x.b_packed = true;
        x.c = c, x.c_row = c_row;
        x.epilogue.bias = bias;
        // C is written once: 8 to 13 % faster than in blocks of 512 where K is 2048.
        x.m_step = rows, x.n_step = x.N, x.k_step = K;
        multiply(x);
    }
};

// The same with factors of bf16, all columns at once: A is rounded for each product.
struct ProductBf16 {
    MatmulShape shape;
    const float* w;
    char* packed;
    char* scratch;  // for each thread
    std::size_t scratch_bytes;

    ProductBf16(const MatmulShape& s, const float* weight, float* workspace)
        : shape(s),
          w(weight),
          packed(reinterpret_cast<char*>(workspace)),
          scratch(packed + packed_bytes(s)),
          scratch_bytes(bytes_of_thread(s)) {}
    static std::size_t packed_bytes(const MatmulShape& s) { return round_up(matmul_bf16_packed_bytes(s)); }
    static std::size_t bytes_of_thread(const MatmulShape& s) { return round_up(matmul_bf16_packed_workspace_bytes(s)); }
    static std::size_t round_up(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

    void operator()(const float* a, std::int64_t rows, const float* bias, float* c, int index) const {
        MatmulShape s = shape;
        s.M = rows;
        matmul_bf16_packed(a, packed, c, s, {scratch + static_cast<std::size_t>(index) * scratch_bytes, scratch_bytes},
                           {.bias = bias});
    }
};

// The shape of a step's product of some rows, one behind the other: forward (H, gates H), backward (gates H, H).
MatmulShape shape_of(const RecurrentSteps& n, bool forward, std::int64_t rows) {
    const std::int64_t K = forward ? n.H : n.gates * n.H, N = forward ? n.gates * n.H : n.H;
    return {.M = rows, .N = N, .K = K, .a_row = K, .b_row = N, .bf16_factors = true};
}

// ---- the walk of a thread

template <class Cell, class T>
void forward_walk(const Cell& cell, const Product<T>& product, const T* bias, const RecurrentSteps& n, const Mine& mine,
                  Range steps, T* r) {
    const std::int64_t width = block_of(n), gate = mine.row_count() * width;
    for (std::int64_t s = steps.begin; s < steps.end; ++s) {
        const T* const h_prev = cell.h + n.states(s) + mine.rows.begin * n.H;
        for (std::int64_t j = mine.units.begin; j < mine.units.end; j += width) {
            const Range block{j, std::min(j + width, mine.units.end)};
            for (std::int64_t q = 0; q < n.gates; ++q)
                product(h_prev, mine.row_count(), q, block, bias ? bias + q * n.H + j : nullptr, r + q * gate, width);
            for (std::int64_t b = mine.rows.begin; b < mine.rows.end; ++b)
                cell.step(n, s, b, block, r + (b - mine.rows.begin) * width, gate);
        }
        if (!mine.alone) wait_for_all();
    }
}

template <class Cell, class T>
void backward_walk(const Cell& cell, const Product<T>& product, T* dh, const RecurrentSteps& n, bool before_first,
                   const Mine& mine, Range steps) {
    for (std::int64_t s = n.T - 1 - steps.begin; s >= n.T - steps.end; --s) {
        for (std::int64_t b = mine.rows.begin; b < mine.rows.end; ++b) cell.step(n, s, b, mine.units, dh + b * n.H);
        if (!mine.alone) wait_for_all();
        if (s > 0 || before_first)
            product(cell.dr + n.products(s) + mine.rows.begin * n.gates * n.H, mine.row_count(), 0, mine.units,
                    static_cast<const T*>(nullptr), dh + mine.rows.begin * n.H + mine.units.begin, n.H);
    }
}

template <class Cell>
void forward_walk_bf16(const Cell& cell, const ProductBf16& product, const float* bias, const RecurrentSteps& n,
                       const Mine& mine, Range steps, float* r) {
    for (std::int64_t s = steps.begin; s < steps.end; ++s) {
        product(cell.h + n.states(s) + mine.rows.begin * n.H, mine.row_count(), bias, r, mine.index);
        for (std::int64_t b = mine.rows.begin; b < mine.rows.end; ++b)
            cell.step(n, s, b, {0, n.H}, r + (b - mine.rows.begin) * n.gates * n.H, n.H);
    }
}

template <class Cell>
void backward_walk_bf16(const Cell& cell, const ProductBf16& product, float* dh, const RecurrentSteps& n,
                        bool before_first, const Mine& mine, Range steps) {
    for (std::int64_t s = n.T - 1 - steps.begin; s >= n.T - steps.end; --s) {
        for (std::int64_t b = mine.rows.begin; b < mine.rows.end; ++b) cell.step(n, s, b, {0, n.H}, dh + b * n.H);
        if (s > 0 || before_first)
            product(cell.dr + n.products(s) + mine.rows.begin * n.gates * n.H, mine.row_count(), nullptr,
                    dh + mine.rows.begin * n.H, mine.index);
    }
}

template <class Cell>
void forward_bf16(const Cell& cell, const float* w, const float* bias, const RecurrentSteps& n, float* workspace) {
    const ProductBf16 product(shape_of(n, true, rows_bf16), w, workspace);
    matmul_bf16_pack(w, product.shape, product.packed);
    float* const r =
        reinterpret_cast<float*>(product.scratch + static_cast<std::size_t>(n.parts) * product.scratch_bytes);
    walk_steps(n, sizeof(float), [&](const Mine& mine, Range steps) {
        forward_walk_bf16(cell, product, bias, n, mine, steps, r + mine.index * rows_bf16 * n.gates * n.H);
    });
}

template <class Cell>
void backward_bf16(const Cell& cell, const float* w, float* dh, const RecurrentSteps& n, bool before_first,
                   float* workspace) {
    const ProductBf16 product(shape_of(n, false, rows_bf16), w, workspace);
    matmul_bf16_pack(w, product.shape, product.packed);
    walk_steps(n, sizeof(float), [&](const Mine& mine, Range steps) {
        backward_walk_bf16(cell, product, dh, n, before_first, mine, steps);
    });
}

template <class Cell, class T>
void forward(const Cell& cell, const T* w, const T* bias, const RecurrentSteps& n, T* workspace) {
    if constexpr (std::is_same_v<T, float>)
        if (n.bf16_factors) return forward_bf16(cell, w, bias, n, workspace);
    const Product<T> product{widest_multiply<T>(), w, n.H, n.H, n.gates, workspace};
    with_threads(n.parts, [&](int i, int of) { product.pack(i, of); });
    T* const r = workspace + n.gates * panels_of(n.H) * panel * n.H;
    walk_steps(n, sizeof(T) * static_cast<std::size_t>(n.H), [&](const Mine& mine, Range steps) {
        forward_walk(cell, product, bias, n, mine, steps, r + mine.index * n.B * n.gates * block_of(n));
    });
}

template <class Cell, class T>
void backward(const Cell& cell, const T* w, T* dh, const RecurrentSteps& n, bool before_first, T* workspace) {
    if constexpr (std::is_same_v<T, float>)
        if (n.bf16_factors) return backward_bf16(cell, w, dh, n, before_first, workspace);
    const Product<T> product{widest_multiply<T>(), w, n.gates * n.H, n.H, 1, workspace};
    with_threads(n.parts, [&](int i, int of) { product.pack(i, of); });
    walk_steps(n, sizeof(T) * static_cast<std::size_t>(n.gates * n.H),
               [&](const Mine& mine, Range steps) { backward_walk(cell, product, dh, n, before_first, mine, steps); });
}

}  // namespace

bool recurrent_steps_pay(const RecurrentSteps& n) {
    if (n.bf16_factors) return n.T > 1 && n.B >= 2 * rows_worth_a_thread && isa() != Isa::naive;
    const std::int64_t half = panel / 2, multiplied = (n.H + half - 1) / half * half;  // columns of a gate
    return n.T > 1 && n.H >= panel && 8 * multiplied <= 9 * n.H && isa() != Isa::naive;
}

int recurrent_steps_parts(const RecurrentSteps& n) {
    constexpr double products_a_step = 16;  // in the time of one elementary operation
    const double unit = static_cast<double>(n.gates * n.H) / products_a_step;
    const std::int64_t blocks =
        std::max<std::int64_t>(1, n.B / rows_worth_a_thread) * (n.bf16_factors ? 1 : panels_of(n.H));
    return parts_for(blocks, static_cast<double>(n.B * n.H) * unit / static_cast<double>(blocks));
}

std::int64_t recurrent_steps_workspace(const RecurrentSteps& n) {
    if (n.bf16_factors) {
        std::size_t most = 0;
        for (bool forward : {true, false}) {
            const MatmulShape s = shape_of(n, forward, rows_bf16);
            most = std::max(most, ProductBf16::packed_bytes(s) +
                                      static_cast<std::size_t>(n.parts) * ProductBf16::bytes_of_thread(s));
        }
        return static_cast<std::int64_t>(most / sizeof(float)) + n.parts * rows_bf16 * n.gates * n.H;
    }
    return n.gates * (panels_of(n.H) * panel * n.H + n.parts * n.B * block_of(n));
}

template <class F, class T>
void rnn_steps(Cpu, F f, const T* w, const T* bias, const T* a, T* h, const RecurrentSteps& n, T* workspace) {
    forward(RnnSteps<F, T>{f, a, h}, w, bias, n, workspace);
}

template <class F, class T>
void rnn_steps_backward(Cpu, F f, const T* w, const T* h, const T* dy, T* dh, T* da, const RecurrentSteps& n,
                        bool before_first, T* workspace) {
    backward(RnnStepsBackward<F, T>{f, h, dy, da}, w, dh, n, before_first, workspace);
}

template <class T>
void gru_steps(Cpu, const T* w, const T* bias, T* gates, T* r_n, T* h, const RecurrentSteps& n, T* workspace) {
    forward(GruSteps<T>{gates, r_n, h}, w, bias, n, workspace);
}

template <class T>
void gru_steps_backward(Cpu, const T* w, const T* gates, const T* r_n, const T* h, const T* dy, T* dh, T* direct, T* da,
                        T* dr, const RecurrentSteps& n, bool before_first, T* workspace) {
    backward(GruStepsBackward<T>{gates, r_n, h, dy, direct, da, dr}, w, dh, n, before_first, workspace);
}

template <class T>
void lstm_steps(Cpu, const T* w, const T* bias, T* gates, T* c, T* h, const RecurrentSteps& n, T* workspace) {
    forward(LstmSteps<T>{gates, c, h}, w, bias, n, workspace);
}

template <class T>
void lstm_steps_backward(Cpu, const T* w, const T* gates, const T* c, const T* dy, T* dh, T* dc, T* da,
                         const RecurrentSteps& n, bool before_first, T* workspace) {
    backward(LstmStepsBackward<T>{gates, c, dy, dc, da}, w, dh, n, before_first, workspace);
}

template void rnn_steps(Cpu, Tanh, const float*, const float*, const float*, float*, const RecurrentSteps&, float*);
template void rnn_steps(Cpu, Relu, const float*, const float*, const float*, float*, const RecurrentSteps&, float*);
template void rnn_steps(Cpu, Tanh, const double*, const double*, const double*, double*, const RecurrentSteps&,
                        double*);
template void rnn_steps(Cpu, Relu, const double*, const double*, const double*, double*, const RecurrentSteps&,
                        double*);
template void rnn_steps_backward(Cpu, Tanh, const float*, const float*, const float*, float*, float*,
                                 const RecurrentSteps&, bool, float*);
template void rnn_steps_backward(Cpu, Relu, const float*, const float*, const float*, float*, float*,
                                 const RecurrentSteps&, bool, float*);
template void rnn_steps_backward(Cpu, Tanh, const double*, const double*, const double*, double*, double*,
                                 const RecurrentSteps&, bool, double*);
template void rnn_steps_backward(Cpu, Relu, const double*, const double*, const double*, double*, double*,
                                 const RecurrentSteps&, bool, double*);
template void gru_steps(Cpu, const float*, const float*, float*, float*, float*, const RecurrentSteps&, float*);
template void gru_steps(Cpu, const double*, const double*, double*, double*, double*, const RecurrentSteps&, double*);
template void gru_steps_backward(Cpu, const float*, const float*, const float*, const float*, const float*, float*,
                                 float*, float*, float*, const RecurrentSteps&, bool, float*);
template void gru_steps_backward(Cpu, const double*, const double*, const double*, const double*, const double*,
                                 double*, double*, double*, double*, const RecurrentSteps&, bool, double*);
template void lstm_steps(Cpu, const float*, const float*, float*, float*, float*, const RecurrentSteps&, float*);
template void lstm_steps(Cpu, const double*, const double*, double*, double*, double*, const RecurrentSteps&, double*);
template void lstm_steps_backward(Cpu, const float*, const float*, const float*, const float*, float*, float*, float*,
                                  const RecurrentSteps&, bool, float*);
template void lstm_steps_backward(Cpu, const double*, const double*, const double*, const double*, double*, double*,
                                  double*, const RecurrentSteps&, bool, double*);

}  // namespace vitrine::kernels
