// A histogram: counted in shared memory, then added to that of the grid.
//
// check plain => clean
// check -DNO_ATOMIC => race @count
// check -DBLOCK_SCOPE => race @add
// check -DNO_BARRIER => race @count @clear
#include <stdio.h>

#define BINS 64

__constant__ int bin_of[256];

__global__ void histogram(const unsigned char *data, int n, unsigned int *bins) {
    __shared__ unsigned int mine[BINS];
    for (int b = threadIdx.x; b < BINS; b += blockDim.x) mine[b] = 0;  // @clear
#ifndef NO_BARRIER
    __syncthreads();
#endif
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) {
#ifdef NO_ATOMIC
        mine[bin_of[data[i]]]++;  // @count
#else
        atomicAdd(&mine[bin_of[data[i]]], 1u);  // @count
#endif
    }
    __syncthreads();
    for (int b = threadIdx.x; b < BINS; b += blockDim.x) {
#ifdef BLOCK_SCOPE
        atomicAdd_block(bins + b, mine[b]);  // @add
#else
        atomicAdd(bins + b, mine[b]);  // @add
#endif
    }
}

int main(void) {
    enum { n = 1000 };
    unsigned char data[n];
    int table[256];
    unsigned int bins[BINS], want[BINS] = {0};
    for (int i = 0; i < 256; i++) table[i] = i / 4;
    for (int i = 0; i < n; i++) {
        data[i] = (unsigned char)(i * i);
        want[table[data[i]]]++;
    }
    unsigned char *d_data;
    unsigned int *d_bins;
    cudaMalloc((void **)&d_data, n);
    cudaMalloc((void **)&d_bins, sizeof(bins));
    cudaMemcpy(d_data, data, n, cudaMemcpyHostToDevice);
    cudaMemcpyToSymbol(bin_of, table, sizeof(table));
    cudaMemset(d_bins, 0, sizeof(bins));
    histogram<<<2, 128>>>(d_data, n, d_bins);
    cudaMemcpy(bins, d_bins, sizeof(bins), cudaMemcpyDeviceToHost);
    cudaFree(d_data);
    cudaFree(d_bins);
    for (int b = 0; b < BINS; b++)
        if (bins[b] != want[b]) {
            printf("bin %d: %u, not %u\n", b, bins[b], want[b]);
            return 3;
        }
    return 0;
}
