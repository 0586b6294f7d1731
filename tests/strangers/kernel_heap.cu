// Memory that kernels allocate for themselves, by malloc and by new; and vectors in a thread's own arrays.
//
// check plain => clean
// check -DFAULTS => out_of_bounds @end, uninitialised @unwritten, use_after_free @gone, use_after_free @twice
#include <cstdio>
#include <cstdlib>

struct Node {
    int value;
    Node* next;
};

__global__ void lists(int* sums, int n) {
    Node* first = nullptr;
    for (int i = 0; i < n; ++i) first = new Node{i + static_cast<int>(threadIdx.x), first};
    int* values = static_cast<int*>(malloc(n * sizeof(int)));
    for (int i = 0; first; ++i) {
        values[i] = first->value;
        Node* const next = first->next;
        delete first;
        first = next;
    }
    for (int i = 0; i < n; ++i) sums[threadIdx.x] += values[i];
    free(values);
}

// What a later kernel finds again.
__device__ float* kept;
__global__ void keep(int n) {
    kept = new float[n];
    for (int i = 0; i < n; ++i) kept[i] = 1;
}
__global__ void give_back(float* out) {
    out[0] = kept[3];
    delete[] kept;
}

__global__ void behind(float* out) {
    float* x = new float[4]{};
    out[0] = x[4];  // @end
}
__global__ void unwritten(float* out) {
    float* x = static_cast<float*>(malloc(16));
    out[0] = x[1];  // @unwritten
}
__global__ void gone(float* out) { out[0] = kept[1]; }  // @gone
__global__ void twice() { delete[] kept; }              // @twice

// A float4 of a thread's own array that begins at its second float.
__global__ void shifted(float* out, int from) {
    float row[12];
    for (int i = 0; i < 12; ++i) row[i] = out[i];
    const float4 v = *reinterpret_cast<const float4*>(row + from);  // @shifted
    out[0] = v.x + v.w;
}

int main() {
    int *sums, host[32];
    float* out;
    cudaMalloc(&sums, sizeof host);
    cudaMemset(sums, 0, sizeof host);
    cudaMalloc(&out, 64);
    cudaMemset(out, 0, 64);
    lists<<<1, 32>>>(sums, 5);
    keep<<<1, 1>>>(8);
    give_back<<<1, 1>>>(out);
    shifted<<<1, 1>>>(out, 4);
    cudaMemcpy(host, sums, sizeof host, cudaMemcpyDeviceToHost);
    bool right = cudaGetLastError() == cudaSuccess;
    for (int i = 0; i < 32; ++i) right = right && host[i] == 10 + 5 * i;
#ifdef FAULTS
    behind<<<1, 1>>>(out);
    unwritten<<<1, 1>>>(out);
    gone<<<1, 1>>>(out);
    twice<<<1, 1>>>();
#elif defined(SHIFTED)
    shifted<<<1, 1>>>(out, 1);
#endif
    int* const hosts = new int[2]{1, 2};
    right = right && hosts[1] == 2;
    delete[] hosts;
    std::printf("%s\n", right ? "right" : "wrong");
    return right ? 0 : 1;
}
