// grid    one block
// block   one warp
#include "tensor_core.h"

#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_tensor_core.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

template <class T>
struct Native;
template <>
struct Native<f16> {
    using type = __half;
};
template <>
struct Native<bf16> {
    using type = __nv_bfloat16;
};

template <int M, int N, class T, class LayoutA, class LayoutB>
__global__ void wmma_kernel(const T* a, const T* b, float* c, int k) {
    using namespace nvcuda;
    using Number = typename Native<T>::type;
    constexpr bool a_by_rows = std::is_same_v<LayoutA, wmma::row_major>;
    constexpr bool b_by_rows = std::is_same_v<LayoutB, wmma::row_major>;
    wmma::fragment<wmma::matrix_a, M, N, 16, Number, LayoutA> a_part;
    wmma::fragment<wmma::matrix_b, M, N, 16, Number, LayoutB> b_part;
    wmma::fragment<wmma::accumulator, M, N, 16, float> sum;
    wmma::fill_fragment(sum, 0.0f);
    for (int i = 0; i < k; i += 16) {
        wmma::load_matrix_sync(a_part, native(a) + (a_by_rows ? i : i * M),
                               static_cast<unsigned>(a_by_rows ? k : M));
        wmma::load_matrix_sync(b_part, native(b) + (b_by_rows ? i * N : i),
                               static_cast<unsigned>(b_by_rows ? N : k));
        wmma::mma_sync(sum, a_part, b_part, sum);
    }
    for (int i = 0; i < sum.num_elements; ++i) sum.x[i] *= 2.0f;
    wmma::store_matrix_sync(c, sum, N, wmma::mem_row_major);
}

// One step's a, 16 x 16, and b, 16 x 8, to shared memory: 16 bytes a lane and 8.
template <class T>
__device__ void copy_step(T* a_step, T* b_step, const T* a, const T* b, int first, int k) {
    const int lane = static_cast<int>(threadIdx.x);
    cp_async<16>(a_step + lane * 8, a + lane / 2 * k + first + lane % 2 * 8);
    cp_async<8>(b_step + lane * 4, b + first * 8 + lane * 4);
    cp_async_commit();
}

template <class T>
__global__ void mma_kernel(const T* a, const T* b, float* c, int k) {
    __shared__ __align__(16) T a_steps[2][16 * 16];
    __shared__ __align__(16) T b_steps[2][16 * 8];
    const int lane = static_cast<int>(threadIdx.x);
    float sum[4] = {0, 0, 0, 0};
    copy_step(a_steps[0], b_steps[0], a, b, 0, k);
    for (int i = 0; i < k; i += 16) {
        const int now = i / 16 % 2;
        if (i + 16 < k) {
            copy_step(a_steps[1 - now], b_steps[1 - now], a, b, i + 16, k);
            cp_async_wait<1>();
        } else {
            cp_async_wait<0>();
        }
        __syncwarp();
        unsigned a_part[4], b_part[2];
        ldmatrix_x4(a_part, a_steps[now] + lane % 16 * 16 + lane / 16 * 8);
        ldmatrix_x2_trans(b_part, b_steps[now] + lane % 16 * 8);
        mma_m16n8k16<T>(sum, a_part, b_part, sum);
        __syncwarp();
    }
    const int row = lane / 4, column = lane % 4 * 2;
    c[row * 8 + column] = sum[0];
    c[row * 8 + column + 1] = sum[1];
    c[(row + 8) * 8 + column] = sum[2];
    c[(row + 8) * 8 + column + 1] = sum[3];
}

__global__ void ldmatrix_kernel(const f16* rows, unsigned* out) {
    __shared__ __align__(16) f16 s[32 * 8];
    const unsigned lane = threadIdx.x;
    for (int i = 0; i < 8; ++i) s[lane * 8 + i] = rows[lane * 8 + i];
    __syncwarp();
    unsigned r[4];
    ldmatrix_x4(r, s + lane * 8);
    for (int m = 0; m < 4; ++m) out[lane * 4 + m] = r[m];
    ldmatrix_x4_trans(r, s + lane * 8);
    for (int m = 0; m < 4; ++m) out[128 + lane * 4 + m] = r[m];
}

template <int Bytes>
__global__ void cp_async_kernel(const unsigned char* x, unsigned char* y, int n, int valid) {
    __shared__ __align__(16) unsigned char s[1024];
    const int step = static_cast<int>(blockDim.x) * Bytes;
    for (int i = static_cast<int>(threadIdx.x) * Bytes; i < n; i += step) {
        const int left = valid - i;
        cp_async<Bytes>(s + i, x + i, left < 0 ? 0 : left > Bytes ? Bytes : left);
    }
    cp_async_wait_all();
    __syncwarp();
    for (int i = static_cast<int>(threadIdx.x); i < n; i += static_cast<int>(blockDim.x))
        y[i] = s[i];
}

}  // namespace VITRINE_GPU_NAMESPACE

template <int M, int N, class T, class On>
void test_wmma(On on, const T* a, const T* b, float* c, int k, bool a_by_rows, bool b_by_rows) {
    using nvcuda::wmma::col_major, nvcuda::wmma::row_major;
    if (a_by_rows && b_by_rows)
        launch<wmma_kernel<M, N, T, row_major, row_major>>(on, {1, 32}, a, b, c, k);
    else if (a_by_rows)
        launch<wmma_kernel<M, N, T, row_major, col_major>>(on, {1, 32}, a, b, c, k);
    else if (b_by_rows)
        launch<wmma_kernel<M, N, T, col_major, row_major>>(on, {1, 32}, a, b, c, k);
    else
        launch<wmma_kernel<M, N, T, col_major, col_major>>(on, {1, 32}, a, b, c, k);
}
template <class T, class On>
void test_mma(On on, const T* a, const T* b, float* c, int k) {
    launch<mma_kernel<T>>(on, {1, 32}, a, b, c, k);
}
template <class On>
void test_ldmatrix(On on, const f16* rows, unsigned* out) {
    launch<ldmatrix_kernel>(on, {1, 32}, rows, out);
}
template <class On>
void test_cp_async(On on, const unsigned char* x, unsigned char* y, int n, int valid, int bytes) {
    if (bytes == 4) launch<cp_async_kernel<4>>(on, {1, 32}, x, y, n, valid);
    if (bytes == 8) launch<cp_async_kernel<8>>(on, {1, 32}, x, y, n, valid);
    if (bytes == 16) launch<cp_async_kernel<16>>(on, {1, 32}, x, y, n, valid);
}

template void test_wmma<16, 16>(Gpu, const f16*, const f16*, float*, int, bool, bool);
template void test_wmma<16, 16>(Gpu, const bf16*, const bf16*, float*, int, bool, bool);
template void test_wmma<32, 8>(Gpu, const f16*, const f16*, float*, int, bool, bool);
template void test_wmma<8, 32>(Gpu, const bf16*, const bf16*, float*, int, bool, bool);
template void test_mma(Gpu, const f16*, const f16*, float*, int);
template void test_mma(Gpu, const bf16*, const bf16*, float*, int);
template void test_ldmatrix(Gpu, const f16*, unsigned*);
template void test_cp_async(Gpu, const unsigned char*, unsigned char*, int, int, int);

}  // namespace vitrine::kernels
