// grid    one block, except where a kernel says otherwise
// block   any number of threads; thread t writes its own results
#include "kernels.h"

#include "vitrine/kernels/base/gpu_reduce.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

// The lanes that the warp of this thread has.
__device__ inline unsigned lanes_here() {
    const unsigned threads = blockDim.x - threadIdx.x / 32 * 32;
    return threads >= 32 ? all_lanes : (1u << threads) - 1;
}

__global__ void shuffle_kernel(int* out) {
    const int t = static_cast<int>(threadIdx.x), lane = t % 32, v = 100 + t;
    const unsigned all = lanes_here();
    int* r = out + t * shuffle_results;
    r[0] = __shfl_sync(all, v, 5);
    r[1] = __shfl_sync(all, v, lane + 1, 8);
    r[2] = __shfl_up_sync(all, v, 3);
    r[3] = __shfl_up_sync(all, v, 3, 8);
    r[4] = __shfl_down_sync(all, v, 3, 8);
    r[5] = __shfl_xor_sync(all, v, 7);
    r[6] = __shfl_xor_sync(all, v, 16, 16);
    // The two half warps in different operations at the same time.
    if (lane < 16)
        r[7] = __shfl_xor_sync(0x0000ffffu & all, v, 1);
    else
        r[7] = __shfl_xor_sync(0xffff0000u & all, v, 2);
    r[8] = static_cast<int>(__shfl_down_sync(all, 0.5 + v, 1));
}

__global__ void vote_kernel(unsigned* out) {
    const unsigned t = threadIdx.x, lane = t % 32, all = lanes_here();
    unsigned* r = out + t * vote_results;
    r[0] = __ballot_sync(all, lane % 3 == 0);
    r[1] = static_cast<unsigned>(__any_sync(all, t == 40));
    r[2] = static_cast<unsigned>(__all_sync(all, t < 40));
    if (lane % 2)
        r[3] = __ballot_sync(0xaaaaaaaau & all, lane > 7);
    else
        r[3] = 0;
    r[4] = static_cast<unsigned>(__syncthreads_count(t % 5 == 0));
    r[5] = static_cast<unsigned>(__syncthreads_and(t < 40) != 0);
    r[6] = static_cast<unsigned>(__syncthreads_or(t == 40) != 0);
    if (lane > 20) return;  // lanes that have returned no longer take part
    r[7] = __ballot_sync(all, 1);
}

__global__ void warp_reduction_kernel(int* out) {
    const int t = static_cast<int>(threadIdx.x), lane = t % 32;
    const unsigned all = lanes_here(), u = static_cast<unsigned>(t);
    int* r = out + t * reduce_results;
    r[0] = __reduce_add_sync(all, t - 10);
    r[1] = __reduce_min_sync(all, t - 10);
    r[2] = __reduce_max_sync(all, t - 10);
    r[3] = static_cast<int>(__reduce_max_sync(all, u));
    r[4] = static_cast<int>(__reduce_and_sync(all, u | 4));
    r[5] = static_cast<int>(__reduce_or_sync(all, u));
    r[6] = static_cast<int>(__reduce_xor_sync(all, u * u));
    r[7] = lane < 8 ? __reduce_add_sync(0xffu & all, t) : 0;
    // Lanes exchange through memory: __syncwarp() orders it.
    __shared__ int s[1024];
    s[t] = t;
    __syncwarp(all);
    r[8] = s[t - lane];
}

// grid    one block a piece of x
__global__ void reverse_kernel(const int* x, int* y, int* z) {
    VITRINE_DYNAMIC_SHARED(int, dynamic);
    __shared__ int fixed[1024];
    const unsigned t = threadIdx.x, last = blockDim.x - 1, first = blockIdx.x * blockDim.x;
    dynamic[t] = fixed[t] = x[first + t];
    __syncthreads();
    y[first + t] = fixed[last - t];
    z[first + t] = dynamic[last - t];
}

__global__ void uneven_work_kernel(int* out) {
    __shared__ int arrived;
    const unsigned t = threadIdx.x;
    if (t == 0) arrived = 0;
    __syncthreads();
    for (unsigned turn = 0; turn < blockDim.x; ++turn) {
        if (t == turn) {
            out[t] = arrived;
            ++arrived;
        }
        __syncthreads();
    }
}

__global__ void shape_kernel(int* lanes) {
    const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
    const unsigned t = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    const unsigned here = threads - t / 32 * 32;
    const unsigned all = here >= 32 ? all_lanes : (1u << here) - 1;
    const int first = __shfl_sync(all, static_cast<int>(t), 0);
    lanes[t] = static_cast<int>(t) - first;
}

// grid    one block a piece of x
template <class T>
__global__ void block_reduce_kernel(const T* x, T* out) {
    __shared__ T buffer[32];
    const T v = x[blockIdx.x * blockDim.x + threadIdx.x];
    const T sum = block_reduce(v, T(0), ReduceAdd{}, buffer);
    const T largest = block_reduce(v, v, ReduceMax{}, buffer);
    const T smallest = block_reduce(v, v, ReduceMin{}, buffer);
    if (threadIdx.x == blockDim.x - 1) {
        out[blockIdx.x * 3] = sum;
        out[blockIdx.x * 3 + 1] = largest;
        out[blockIdx.x * 3 + 2] = smallest;
    }
}

// grid    any
__global__ void atomic_kernel(unsigned* out, float* sum, double* sum64) {
    const unsigned t = blockIdx.x * blockDim.x + threadIdx.x;
    int* signed_out = reinterpret_cast<int*>(out);
    atomicAdd(&out[0], t);
    atomicAdd(&signed_out[1], -1);
    atomicSub(&out[2], 2u);
    atomicMax(&out[3], t);
    atomicMin(&signed_out[4], -static_cast<int>(t));
    atomicAnd(&out[5], ~(1u << t % 32));
    atomicOr(&out[6], 1u << t % 31);
    atomicXor(&out[7], t);
    atomicInc(&out[8], 6);
    atomicDec(&out[9], 6);
    unsigned seen = atomicAdd(&out[10], 0u);
    for (unsigned before = ~seen; before != seen;) {
        before = seen;
        seen = atomicCAS(&out[10], before, before + 3);
    }
    atomicExch(&out[11], 17u);
    atomicAdd(sum, 0.5f);
    atomicAdd(sum64, 0.25);
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class On>
void test_shuffles(On on, int* out, int threads) {
    launch<shuffle_kernel>(on, {1, static_cast<unsigned>(threads)}, out);
}
template <class On>
void test_votes(On on, unsigned* out, int threads) {
    launch<vote_kernel>(on, {1, static_cast<unsigned>(threads)}, out);
}
template <class On>
void test_warp_reductions(On on, int* out, int threads) {
    launch<warp_reduction_kernel>(on, {1, static_cast<unsigned>(threads)}, out);
}
template <class On>
void test_reverse(On on, const int* x, int* y, int* z, int blocks, int threads) {
    const auto bytes = static_cast<std::size_t>(threads) * sizeof(int);
    launch<reverse_kernel>(
        on, {static_cast<unsigned>(blocks), static_cast<unsigned>(threads), bytes}, x, y, z);
}
template <class On>
void test_uneven_work(On on, int* out, int threads) {
    launch<uneven_work_kernel>(on, {1, static_cast<unsigned>(threads)}, out);
}
template <class On>
void test_shape(On on, int* lanes, int x, int y, int z) {
    const dim3 block(static_cast<unsigned>(x), static_cast<unsigned>(y), static_cast<unsigned>(z));
    launch<shape_kernel>(on, {1, block}, lanes);
}
template <class T, class On>
void test_block_reduce(On on, const T* x, T* out, int blocks, int threads) {
    launch<block_reduce_kernel<T>>(
        on, {static_cast<unsigned>(blocks), static_cast<unsigned>(threads)}, x, out);
}
template <class On>
void test_atomics(On on, unsigned* out, float* sum, double* sum64, int blocks, int threads) {
    launch<atomic_kernel>(on, {static_cast<unsigned>(blocks), static_cast<unsigned>(threads)}, out,
                          sum, sum64);
}

template void test_shuffles(Gpu, int*, int);
template void test_votes(Gpu, unsigned*, int);
template void test_warp_reductions(Gpu, int*, int);
template void test_reverse(Gpu, const int*, int*, int*, int, int);
template void test_uneven_work(Gpu, int*, int);
template void test_shape(Gpu, int*, int, int, int);
template void test_block_reduce(Gpu, const float*, float*, int, int);
template void test_block_reduce(Gpu, const double*, double*, int, int);
template void test_atomics(Gpu, unsigned*, float*, double*, int, int);

}  // namespace vitrine::kernels
