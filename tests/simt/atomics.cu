// grid    one block, except where a kernel says otherwise
// block   any number of threads
#include "language.h"

#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

__global__ void scoped_atomics_kernel(unsigned* out) {
    const unsigned t = threadIdx.x;
    atomicAdd_block(&out[0], t);
    atomicSub_block(&out[1], 2u);
    atomicMax_block(&out[2], t);
    atomicMin_block(&out[3], 100 - t);
    atomicAnd_block(&out[4], ~(1u << t % 32));
    atomicOr_block(&out[5], 1u << t % 31);
    atomicXor_block(&out[6], t);
    atomicInc_block(&out[7], 6);
    atomicDec_block(&out[8], 6);
    atomicExch_block(&out[9], 17u);
    atomicCAS_block(&out[10], t, t + 1);
    out += scoped_results;
    atomicAdd_system(&out[0], t);
    atomicSub_system(&out[1], 2u);
    atomicMax_system(&out[2], t);
    atomicMin_system(&out[3], 100 - t);
    atomicAnd_system(&out[4], ~(1u << t % 32));
    atomicOr_system(&out[5], 1u << t % 31);
    atomicXor_system(&out[6], t);
    atomicInc_system(&out[7], 6);
    atomicDec_system(&out[8], 6);
    atomicExch_system(&out[9], 17u);
    atomicCAS_system(&out[10], t, t + 1);
}

__global__ void wide_atomics_kernel(unsigned long long* wide, long long* wide_signed,
                                    unsigned short* narrow) {
    const unsigned t = threadIdx.x;
    const unsigned long long high = 1ull << 32;
    atomicAdd(&wide[0], t * high);
    atomicMax(&wide[1], t * high);
    atomicMin(&wide[2], (100 - t) * high);
    atomicOr(&wide[3], high << t % 31);
    atomicAnd(&wide[4], ~(high << t % 31));
    atomicXor(&wide[5], t * high);
    atomicExch(&wide[6], 17 * high);
    atomicCAS(&wide[7], 0ull, high);
    atomicMax(&wide_signed[0], -static_cast<long long>(t * high));
    atomicMin(&wide_signed[1], -static_cast<long long>(t * high));
    // Two neighbours of 16 bits, which must not disturb each other.
    unsigned short* mine = &narrow[t % 2];
    unsigned short seen = 0, before = 1;
    while (seen != before) {
        before = seen;
        seen = atomicCAS(mine, before, static_cast<unsigned short>(before + 1));
    }
}

// grid    any
__global__ void lock_kernel(unsigned* lock, int* count) {
    bool done = false;
    while (!done) {
        if (atomicCAS(lock, 0u, 1u) != 0) continue;
        __threadfence();
        ++*count;
        __threadfence();
        atomicExch(lock, 0u);
        done = true;
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class On>
void test_scoped_atomics(On on, unsigned* out, int threads) {
    launch<scoped_atomics_kernel>(on, {1, static_cast<unsigned>(threads)}, out);
}
template <class On>
void test_wide_atomics(On on, unsigned long long* wide, long long* wide_signed,
                       unsigned short* narrow, int threads) {
    launch<wide_atomics_kernel>(on, {1, static_cast<unsigned>(threads)}, wide, wide_signed, narrow);
}
template <class On>
void test_lock(On on, unsigned* lock, int* count, int blocks, int threads) {
    launch<lock_kernel>(on, {static_cast<unsigned>(blocks), static_cast<unsigned>(threads)}, lock,
                        count);
}

template void test_scoped_atomics(Gpu, unsigned*, int);
template void test_wide_atomics(Gpu, unsigned long long*, long long*, unsigned short*, int);
template void test_lock(Gpu, unsigned*, int*, int, int);

}  // namespace vitrine::kernels
