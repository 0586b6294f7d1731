// Stepped through by simt_commands.py and by lldb: a kernel whose threads wait for each other, in blocks of 64.
#include <vector>

#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/simt/memory.h"

namespace {

__global__ void neighbours(const int* x, int* y) {
    __shared__ int s[64];
    const unsigned t = threadIdx.x, at = blockIdx.x * 64 + t;
    int value = x[at];
    s[63 - t] = 10 * value;
    __syncthreads();  // first barrier
    value = s[t];
    value += __shfl_xor_sync(0xffffffffu, value, 1);  // shuffle
    y[at] = value;
}

}  // namespace

int main() {
    namespace simt = vitrine::kernels::simt;
    std::vector<int> host(128);
    for (int i = 0; i < 128; ++i) host[static_cast<std::size_t>(i)] = i;
    auto* x = static_cast<int*>(simt::allocate(sizeof(int) * 128));
    auto* y = static_cast<int*>(simt::allocate(sizeof(int) * 128));
    simt::copy(x, host.data(), sizeof(int) * 128);
    vitrine::kernels::launch<neighbours>(vitrine::kernels::Simt{}, {2, 64}, x, y);
    simt::copy(host.data(), y, sizeof(int) * 128);
    simt::release(x);
    simt::release(y);
    return host[0] == 10 * (63 + 62) ? 0 : 1;
}
