#include "where.h"

#include <algorithm>
#include <utility>

#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

/// A mask as bytes, of which g++ 12 makes vectors; of bool it does not.
const std::uint8_t* bytes(const bool* c) { return reinterpret_cast<const std::uint8_t*>(c); }

/// Inlined with the usual strides as constants: then it becomes vector code.
template <class T>
VITRINE_INLINE void where_row(const std::uint8_t* c, std::int64_t cs, const T* x, std::int64_t xs, const T* w, std::int64_t ws,
                              T* y, std::int64_t ys, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
        const T a = x[i * xs], b = w[i * ws];  // both read, so that no branch remains
        y[i * ys] = c[i * cs] != 0 ? a : b;
    }
}

template <class T>
void where_range(const bool* c, const T* x, const T* w, T* y, const Strided<4>& n, Range range) {
    const std::int64_t ys = n.strides[0][0], cs = n.strides[1][0], xs = n.strides[2][0], ws = n.strides[3][0];
    const bool flat = ys == 1 && cs == 1;
    for (Runs<4> run(n, range); run.length > 0; run.next()) {
        T* yr = y + run.offset(0);
        const std::uint8_t* cr = bytes(c) + run.offset(1);
        const T *xr = x + run.offset(2), *wr = w + run.offset(3);
        if (flat && xs == 1 && ws == 1)
            where_row(cr, 1, xr, 1, wr, 1, yr, 1, run.length);
        else if (flat && xs == 0 && ws == 1)
            where_row(cr, 1, xr, 0, wr, 1, yr, 1, run.length);
        else if (flat && xs == 1 && ws == 0)
            where_row(cr, 1, xr, 1, wr, 0, yr, 1, run.length);
        else
            where_row(cr, cs, xr, xs, wr, ws, yr, ys, run.length);
    }
}

void count_chunks(const std::uint8_t* c, std::int64_t* o, std::int64_t n, Range chunks) {
    for (std::int64_t k = chunks.begin; k < chunks.end; ++k) {
        const std::int64_t end = std::min(n, (k + 1) * mask_chunk);
        int count = 0;
        for (std::int64_t i = k * mask_chunk; i < end; ++i) count += c[i];
        o[k] = count;
    }
}

template <class T>
void pack_chunks(const bool* c, const std::int64_t* o, const T* x, T* y, std::int64_t n, Range chunks) {
    std::int64_t j = o[chunks.begin];
    for (std::int64_t i = chunks.begin * mask_chunk; i < std::min(n, chunks.end * mask_chunk); ++i)
        if (c[i]) y[j++] = x[i];
}

template <class T>
void unpack_chunks(const bool* c, const std::int64_t* o, const T* dy, T* dx, std::int64_t n, Range chunks) {
    std::int64_t j = o[chunks.begin];
    for (std::int64_t i = chunks.begin * mask_chunk; i < std::min(n, chunks.end * mask_chunk); ++i)
        dx[i] = c[i] ? dy[j++] : static_cast<T>(0);
}

}  // namespace

template <class T>
void where_forward(Cpu, const bool* c, const T* x, const T* w, T* y, const Strided<4>& n) {
    const int parts = parts_for(n.count, 2);
    if (parts == 1) return where_range(c, x, w, y, n, {0, n.count});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) where_range(c, x, w, y, n, share(n.count, p, parts, 64));
}

void mask_offsets(Cpu, const bool* c, std::int64_t* o, std::int64_t n) {
    const std::int64_t chunks = mask_chunks(n);
    const int parts = parts_for(chunks, mask_chunk / 8);
    if (parts == 1) {
        count_chunks(bytes(c), o, n, {0, chunks});
    } else {
#pragma omp parallel for num_threads(parts)
        for (int p = 0; p < parts; ++p) count_chunks(bytes(c), o, n, share(chunks, p, parts));
    }
    std::int64_t before = 0;
    for (std::int64_t k = 0; k < chunks; ++k) before += std::exchange(o[k], before);
    o[chunks] = before;
}

template <class T>
void mask_pack(Cpu, const bool* c, const std::int64_t* o, const T* x, T* y, std::int64_t n) {
    const std::int64_t chunks = mask_chunks(n);
    const int parts = parts_for(chunks, 2 * mask_chunk);
    if (parts == 1) return pack_chunks(c, o, x, y, n, {0, chunks});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) pack_chunks(c, o, x, y, n, share(chunks, p, parts));
}

template <class T>
void mask_unpack(Cpu, const bool* c, const std::int64_t* o, const T* dy, T* dx, std::int64_t n) {
    const std::int64_t chunks = mask_chunks(n);
    const int parts = parts_for(chunks, 2 * mask_chunk);
    if (parts == 1) return unpack_chunks(c, o, dy, dx, n, {0, chunks});
#pragma omp parallel for num_threads(parts)
    for (int p = 0; p < parts; ++p) unpack_chunks(c, o, dy, dx, n, share(chunks, p, parts));
}

template void where_forward(Cpu, const bool*, const float*, const float*, float*, const Strided<4>&);
template void where_forward(Cpu, const bool*, const double*, const double*, double*, const Strided<4>&);
template void where_forward(Cpu, const bool*, const std::int32_t*, const std::int32_t*, std::int32_t*, const Strided<4>&);
template void where_forward(Cpu, const bool*, const std::int64_t*, const std::int64_t*, std::int64_t*, const Strided<4>&);
template void where_forward(Cpu, const bool*, const std::uint8_t*, const std::uint8_t*, std::uint8_t*, const Strided<4>&);
template void where_forward(Cpu, const bool*, const bool*, const bool*, bool*, const Strided<4>&);
template void where_forward(Cpu, const bool*, const bf16*, const bf16*, bf16*, const Strided<4>&);
template void where_forward(Cpu, const bool*, const f16*, const f16*, f16*, const Strided<4>&);

template void mask_pack(Cpu, const bool*, const std::int64_t*, const float*, float*, std::int64_t);
template void mask_pack(Cpu, const bool*, const std::int64_t*, const double*, double*, std::int64_t);
template void mask_pack(Cpu, const bool*, const std::int64_t*, const std::int32_t*, std::int32_t*, std::int64_t);
template void mask_pack(Cpu, const bool*, const std::int64_t*, const std::int64_t*, std::int64_t*, std::int64_t);
template void mask_pack(Cpu, const bool*, const std::int64_t*, const std::uint8_t*, std::uint8_t*, std::int64_t);
template void mask_pack(Cpu, const bool*, const std::int64_t*, const bool*, bool*, std::int64_t);
template void mask_pack(Cpu, const bool*, const std::int64_t*, const bf16*, bf16*, std::int64_t);
template void mask_pack(Cpu, const bool*, const std::int64_t*, const f16*, f16*, std::int64_t);

template void mask_unpack(Cpu, const bool*, const std::int64_t*, const float*, float*, std::int64_t);
template void mask_unpack(Cpu, const bool*, const std::int64_t*, const double*, double*, std::int64_t);
template void mask_unpack(Cpu, const bool*, const std::int64_t*, const std::int32_t*, std::int32_t*, std::int64_t);
template void mask_unpack(Cpu, const bool*, const std::int64_t*, const std::int64_t*, std::int64_t*, std::int64_t);
template void mask_unpack(Cpu, const bool*, const std::int64_t*, const std::uint8_t*, std::uint8_t*, std::int64_t);
template void mask_unpack(Cpu, const bool*, const std::int64_t*, const bool*, bool*, std::int64_t);
template void mask_unpack(Cpu, const bool*, const std::int64_t*, const bf16*, bf16*, std::int64_t);
template void mask_unpack(Cpu, const bool*, const std::int64_t*, const f16*, f16*, std::int64_t);

}  // namespace vitrine::kernels
