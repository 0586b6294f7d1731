// A small graph as rows of neighbours, in the memory of both sides.
#ifndef GRAPH_CUH
#define GRAPH_CUH

#include <cuda/atomic>
#include <cuda_runtime.h>

#include <vector>

struct Graph {
    int nodes, edges;
    int *first, *to, *weight;
};

template <class T>
static T* on_device(const std::vector<T>& values) {
    T* memory = nullptr;
    cudaMalloc(&memory, values.size() * sizeof(T));
    cudaMemcpy(memory, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice);
    return memory;
}

/// Node v is joined to v + 1, v + 2 and 3 v, and back.
static Graph make_graph(int nodes) {
    std::vector<std::vector<int>> near(nodes);
    const auto join = [&](int a, int b) {
        if (a == b) return;
        for (int c : near[a])
            if (c == b) return;
        near[a].push_back(b);
        near[b].push_back(a);
    };
    for (int v = 0; v < nodes; ++v)
        for (int w : {v + 1, v + 2, 3 * v}) join(v, w % nodes);
    std::vector<int> first{0}, to, weight;
    for (int v = 0; v < nodes; ++v) {
        for (int w : near[v]) {
            to.push_back(w);
            weight.push_back(1 + (v + w) % 5);
        }
        first.push_back(int(to.size()));
    }
    return {nodes, int(to.size()), on_device(first), on_device(to), on_device(weight)};
}

template <class T>
__device__ T atomic_read(T* address) {
    return ((cuda::atomic<T>*)address)->load(cuda::memory_order_relaxed);
}
template <class T>
__device__ void atomic_write(T* address, T value) {
    ((cuda::atomic<T>*)address)->store(value, cuda::memory_order_relaxed);
}

// Every kernel is launched so.
#define OVER_NODES(kernel, graph, ...) kernel<<<((graph).nodes + 31) / 32, 32>>>(graph, __VA_ARGS__)

__global__ static void fill(Graph g, int* values, int value, int of_source) {
    const int v = blockIdx.x * blockDim.x + threadIdx.x;
    if (v < g.nodes) values[v] = v == 0 ? of_source : value;
}

#endif
