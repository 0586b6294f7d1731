// More of graphs: connected components, page rank by pulling and by pushing, triangles counted by
// warps.
//
// check plain => clean
// check -DNO_ATOMIC => race @triangles
// check -DPUSH_PLAIN => race @push
// check -DOFF_BY_ONE => out_of_bounds @row
#include "graph.cuh"

#include <cmath>
#include <cstdio>

__global__ void hook(Graph g, int* label, int* changed) {
    const int v = blockIdx.x * blockDim.x + threadIdx.x;
    if (v >= g.nodes) return;
    for (int e = g.first[v]; e < g.first[v + 1]; ++e) {
        const int mine = atomic_read(&label[v]), other = atomic_read(&label[g.to[e]]);
        if (mine < other) {
            atomicMin(&label[g.to[e]], mine);
            atomic_write(changed, 1);
        }
    }
}

__global__ void identity(Graph g, int* label, int) {
    const int v = blockIdx.x * blockDim.x + threadIdx.x;
    if (v < g.nodes) label[v] = v;
}

__global__ void pull(Graph g, const float* rank, float* next) {
    const int v = blockIdx.x * blockDim.x + threadIdx.x;
#ifdef OFF_BY_ONE
    if (v > g.nodes) return;
#else
    if (v >= g.nodes) return;
#endif
    float sum = 0;
    for (int e = g.first[v]; e < g.first[v + 1]; ++e) {  // @row
        const int w = g.to[e];
        sum += rank[w] / float(g.first[w + 1] - g.first[w]);
    }
    next[v] = 0.15f / float(g.nodes) + 0.85f * sum;
}

__global__ void push(Graph g, const float* rank, float* next) {
    const int v = blockIdx.x * blockDim.x + threadIdx.x;
    if (v >= g.nodes) return;
    const float share = 0.85f * rank[v] / float(g.first[v + 1] - g.first[v]);
    for (int e = g.first[v]; e < g.first[v + 1]; ++e) {
#ifdef PUSH_PLAIN
        next[g.to[e]] += share;  // @push
#else
        atomicAdd(&next[g.to[e]], share);  // @push
#endif
    }
}

/// A warp takes a node, its lanes the pairs of neighbours.
__global__ void count_triangles(const Graph g, unsigned long long* triangles) {
    const int warp = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
    if (warp >= g.nodes) return;
    const int begin = g.first[warp], end = g.first[warp + 1];
    unsigned count = 0;
    for (int a = begin + lane; a < end; a += 32)
        for (int b = begin; b < end; ++b)
            for (int e = g.first[g.to[a]]; e < g.first[g.to[a] + 1]; ++e)
                count += g.to[e] == g.to[b] && warp < g.to[a] && g.to[a] < g.to[b];
    count = __reduce_add_sync(~0u, count);
#ifdef NO_ATOMIC
    if (lane == 0) *triangles += count;  // @triangles
#else
    if (lane == 0) atomicAdd(triangles, (unsigned long long)count);  // @triangles
#endif
}

int main() {
    const Graph g = make_graph(70);
    int *label, *changed, again = 1;
    float *rank, *pulled, *pushed;
    unsigned long long* triangles;
    cudaMalloc(&label, g.nodes * sizeof(int));
    cudaMallocManaged(&changed, sizeof(int));
    cudaMallocManaged(&rank, g.nodes * sizeof(float));
    cudaMallocManaged(&pulled, g.nodes * sizeof(float));
    cudaMallocManaged(&pushed, g.nodes * sizeof(float));
    cudaMallocManaged(&triangles, sizeof *triangles);
    OVER_NODES(identity, g, label, 0);
    for (int round = 0; again && round < g.nodes; ++round) {
        *changed = 0;
        OVER_NODES(hook, g, label, changed);
        cudaDeviceSynchronize();
        again = *changed;
    }
    for (int v = 0; v < g.nodes; ++v) {
        rank[v] = 1.0f / float(g.nodes);
        pushed[v] = 0.15f / float(g.nodes);
    }
    OVER_NODES(pull, g, rank, pulled);
    OVER_NODES(push, g, rank, pushed);
    *triangles = 0;
    count_triangles<<<(g.nodes * 32 + 63) / 64, 64>>>(g, triangles);
    cudaDeviceSynchronize();

    std::vector<int> labels(g.nodes);
    cudaMemcpy(labels.data(), label, g.nodes * sizeof(int), cudaMemcpyDeviceToHost);
    bool right = *triangles > 0;
    for (int v = 0; v < g.nodes; ++v)
        right = right && labels[v] == 0 && std::fabs(pulled[v] - pushed[v]) < 1e-6f;
    std::printf("%llu triangles\n", *triangles);
    return right ? 0 : 3;
}
