// where      grid    one block per 1024 elements
//            block   256 threads; thread t takes elements t, t+256, t+512, t+768 of its block's
//
// A warp owns a chunk of 256 elements and goes through it 32 at a time; neighbours read neighbours:
//
//   count    grid    chunks / 4       block  (32, 4): ballot tells how many of the 32 are true
//   pack     the same: a lane's place is o_k, and the true ones in earlier rows and in lanes before it
//   unpack   the same
//
// scan       one block of 256 threads: thread t adds up its share of the counts, the threads' sums are scanned in
//            shared memory, then each thread writes its share of o.
#include "where.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int where_threads = 256, where_per_thread = 4, mask_warps = 4;

template <class T>
__global__ void where_forward_kernel(const bool* c, const T* x, const T* w, T* y, Strided<4> n) {
    const std::int64_t first = std::int64_t(blockIdx.x) * (where_threads * where_per_thread) + threadIdx.x;
    for (std::int64_t i = first; i < first + where_threads * where_per_thread && i < n.count; i += where_threads) {
        const Offsets<4> at = n.at(i);
        y[at[0]] = c[at[1]] ? x[at[2]] : w[at[3]];
    }
}

__global__ void mask_count_kernel(const bool* c, std::int64_t* o, std::int64_t n, std::int64_t chunks) {
    const std::int64_t k = std::int64_t(blockIdx.x) * mask_warps + threadIdx.y;
    if (k >= chunks) return;
    int count = 0;
    for (std::int64_t row = k * mask_chunk; row < (k + 1) * mask_chunk && row < n; row += 32) {
        const std::int64_t i = row + threadIdx.x;
        count += __popc(__ballot_sync(0xffffffffu, i < n && c[i]));
    }
    if (threadIdx.x == 0) o[k] = count;
}

__global__ void mask_scan_kernel(std::int64_t* o, std::int64_t chunks) {
    __shared__ std::int64_t sums[where_threads];
    const int t = threadIdx.x;
    const std::int64_t each = (chunks + where_threads - 1) / where_threads;
    const std::int64_t begin = t * each < chunks ? t * each : chunks;
    const std::int64_t end = begin + each < chunks ? begin + each : chunks;
    std::int64_t sum = 0;
    for (std::int64_t k = begin; k < end; ++k) sum += o[k];
    sums[t] = sum;
    __syncthreads();
    for (int distance = 1; distance < where_threads; distance *= 2) {
        const std::int64_t other = t >= distance ? sums[t - distance] : 0;
        __syncthreads();
        sums[t] += other;
        __syncthreads();
    }
    std::int64_t before = sums[t] - sum;
    for (std::int64_t k = begin; k < end; ++k) {
        const std::int64_t count = o[k];
        o[k] = before;
        before += count;
    }
    if (t == where_threads - 1) o[chunks] = sums[t];
}

template <class T>
__global__ void mask_pack_kernel(const bool* c, const std::int64_t* o, const T* x, T* y, std::int64_t n,
                                 std::int64_t chunks) {
    const std::int64_t k = std::int64_t(blockIdx.x) * mask_warps + threadIdx.y;
    if (k >= chunks) return;
    std::int64_t before = o[k];
    for (std::int64_t row = k * mask_chunk; row < (k + 1) * mask_chunk && row < n; row += 32) {
        const std::int64_t i = row + threadIdx.x;
        const bool chosen = i < n && c[i];
        const unsigned all = __ballot_sync(0xffffffffu, chosen);
        if (chosen) y[before + __popc(all & ((1u << threadIdx.x) - 1))] = x[i];
        before += __popc(all);
    }
}

template <class T>
__global__ void mask_unpack_kernel(const bool* c, const std::int64_t* o, const T* dy, T* dx, std::int64_t n,
                                   std::int64_t chunks) {
    const std::int64_t k = std::int64_t(blockIdx.x) * mask_warps + threadIdx.y;
    if (k >= chunks) return;
    std::int64_t before = o[k];
    for (std::int64_t row = k * mask_chunk; row < (k + 1) * mask_chunk && row < n; row += 32) {
        const std::int64_t i = row + threadIdx.x;
        const bool chosen = i < n && c[i];
        const unsigned all = __ballot_sync(0xffffffffu, chosen);
        if (i < n) dx[i] = chosen ? dy[before + __popc(all & ((1u << threadIdx.x) - 1))] : static_cast<T>(0);
        before += __popc(all);
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void where_forward(Gpu on, const bool* c, const T* x, const T* w, T* y, const Strided<4>& n) {
    launch<where_forward_kernel<T>>(on, {grid_for(n.count, where_threads * where_per_thread), where_threads}, c, x, w,
                                    y, n);
}

void mask_offsets(Gpu on, const bool* c, std::int64_t* o, std::int64_t n) {
    const std::int64_t chunks = mask_chunks(n);
    launch<mask_count_kernel>(on, {grid_for(chunks, mask_warps), dim3(32, mask_warps)}, c, o, n, chunks);
    launch<mask_scan_kernel>(on, {1, where_threads}, o, chunks);
}

template <class T>
void mask_pack(Gpu on, const bool* c, const std::int64_t* o, const T* x, T* y, std::int64_t n) {
    const std::int64_t chunks = mask_chunks(n);
    launch<mask_pack_kernel<T>>(on, {grid_for(chunks, mask_warps), dim3(32, mask_warps)}, c, o, x, y, n, chunks);
}

template <class T>
void mask_unpack(Gpu on, const bool* c, const std::int64_t* o, const T* dy, T* dx, std::int64_t n) {
    const std::int64_t chunks = mask_chunks(n);
    launch<mask_unpack_kernel<T>>(on, {grid_for(chunks, mask_warps), dim3(32, mask_warps)}, c, o, dy, dx, n, chunks);
}

template void where_forward(Gpu, const bool*, const float*, const float*, float*, const Strided<4>&);
template void where_forward(Gpu, const bool*, const double*, const double*, double*, const Strided<4>&);
template void where_forward(Gpu, const bool*, const std::int32_t*, const std::int32_t*, std::int32_t*, const Strided<4>&);
template void where_forward(Gpu, const bool*, const std::int64_t*, const std::int64_t*, std::int64_t*, const Strided<4>&);
template void where_forward(Gpu, const bool*, const std::uint8_t*, const std::uint8_t*, std::uint8_t*, const Strided<4>&);
template void where_forward(Gpu, const bool*, const bool*, const bool*, bool*, const Strided<4>&);
template void where_forward(Gpu, const bool*, const bf16*, const bf16*, bf16*, const Strided<4>&);
template void where_forward(Gpu, const bool*, const f16*, const f16*, f16*, const Strided<4>&);

template void mask_pack(Gpu, const bool*, const std::int64_t*, const float*, float*, std::int64_t);
template void mask_pack(Gpu, const bool*, const std::int64_t*, const double*, double*, std::int64_t);
template void mask_pack(Gpu, const bool*, const std::int64_t*, const std::int32_t*, std::int32_t*, std::int64_t);
template void mask_pack(Gpu, const bool*, const std::int64_t*, const std::int64_t*, std::int64_t*, std::int64_t);
template void mask_pack(Gpu, const bool*, const std::int64_t*, const std::uint8_t*, std::uint8_t*, std::int64_t);
template void mask_pack(Gpu, const bool*, const std::int64_t*, const bool*, bool*, std::int64_t);
template void mask_pack(Gpu, const bool*, const std::int64_t*, const bf16*, bf16*, std::int64_t);
template void mask_pack(Gpu, const bool*, const std::int64_t*, const f16*, f16*, std::int64_t);

template void mask_unpack(Gpu, const bool*, const std::int64_t*, const float*, float*, std::int64_t);
template void mask_unpack(Gpu, const bool*, const std::int64_t*, const double*, double*, std::int64_t);
template void mask_unpack(Gpu, const bool*, const std::int64_t*, const std::int32_t*, std::int32_t*, std::int64_t);
template void mask_unpack(Gpu, const bool*, const std::int64_t*, const std::int64_t*, std::int64_t*, std::int64_t);
template void mask_unpack(Gpu, const bool*, const std::int64_t*, const std::uint8_t*, std::uint8_t*, std::int64_t);
template void mask_unpack(Gpu, const bool*, const std::int64_t*, const bool*, bool*, std::int64_t);
template void mask_unpack(Gpu, const bool*, const std::int64_t*, const bf16*, bf16*, std::int64_t);
template void mask_unpack(Gpu, const bool*, const std::int64_t*, const f16*, f16*, std::int64_t);

}  // namespace vitrine::kernels
