// inner == 1:   grid (outer), block (256): a block walks its row in chunks of 256 elements. Within a chunk thread t ends
//               with the sum of elements 0 to t after 8 rounds (Hillis and Steele, Data Parallel Algorithms, 1986):
//
//                   a      b      c      d
//                   a     a+b    b+c    c+d         distance 1
//                   a     a+b   a+b+c  a+b+c+d      distance 2
//
//               and the chunk's total is carried to the next.
// inner > 1:    grid (outer * inner / 256), block (256): thread i runs down a column; neighbours read neighbours.
#include "scan.h"
#include "vitrine/kernels/base/gpu.h"

namespace vitrine::kernels {
inline namespace VITRINE_GPU_NAMESPACE {

constexpr int scan_threads = 256;

template <class T>
__global__ void cumsum_row_kernel(const T* x, T* y, ScanShape n, bool reverse) {
    __shared__ double sums[2][scan_threads];
    const int thread = static_cast<int>(threadIdx.x);
    for (std::int64_t row = blockIdx.x; row < n.outer; row += gridDim.x) {
        double carry = 0;
        for (std::int64_t begin = 0; begin < n.cols; begin += scan_threads) {
            const std::int64_t k = begin + thread, at = row * n.cols + (reverse ? n.cols - 1 - k : k);
            int now = 0;
            sums[now][thread] = k < n.cols ? static_cast<double>(x[at]) : 0;
            __syncthreads();
            for (int distance = 1; distance < scan_threads; distance *= 2) {
                const double left = thread >= distance ? sums[now][thread - distance] : 0;
                sums[1 - now][thread] = sums[now][thread] + left;
                now = 1 - now;
                __syncthreads();
            }
            if (k < n.cols) y[at] = static_cast<T>(carry + sums[now][thread]);
            carry += sums[now][scan_threads - 1];
            __syncthreads();  // before the next chunk overwrites sums
        }
    }
}

template <class T>
__global__ void cumsum_column_kernel(const T* x, T* y, ScanShape n, bool reverse) {
    const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
    for (std::int64_t c = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; c < n.outer * n.inner; c += step) {
        const std::int64_t top = c / n.inner * n.cols * n.inner + c % n.inner;
        double sum = 0;
        for (std::int64_t k = 0; k < n.cols; ++k) {
            const std::int64_t at = top + (reverse ? n.cols - 1 - k : k) * n.inner;
            sum += static_cast<double>(x[at]);
            y[at] = static_cast<T>(sum);
        }
    }
}

}  // namespace VITRINE_GPU_NAMESPACE

template <class T>
void cumsum_forward(Gpu on, const T* x, T* y, ScanShape n, bool reverse) {
    if (n.cols == 0 || n.inner == 0) return;
    if (n.inner == 1) launch<cumsum_row_kernel<T>>(on, {grid_for(n.outer, 1), scan_threads}, x, y, n, reverse);
    else launch<cumsum_column_kernel<T>>(on, {grid_for(n.outer * n.inner, scan_threads), scan_threads}, x, y, n, reverse);
}

template void cumsum_forward(Gpu, const float*, float*, ScanShape, bool);
template void cumsum_forward(Gpu, const double*, double*, ScanShape, bool);

}  // namespace vitrine::kernels
