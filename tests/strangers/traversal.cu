// Distances in a graph: breadth first with worklists, and shortest paths by relaxing all edges.
//
// check plain => clean
// check -DPLAIN_READ => race @relax @read
// check -DNO_COUNTER => race @append
// check -DWRONG_BOUND => out_of_bounds @loop
#include "graph.cuh"

#include <climits>
#include <cstdio>

__global__ void bfs_step(const Graph g, int* const level, const int* const list, const int length,
                         int* const next, int* const next_length, const int depth) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= length) return;
    const int v = list[i];
    for (int e = g.first[v]; e < g.first[v + 1]; ++e) {
        const int w = g.to[e];
        if (atomicCAS(&level[w], INT_MAX, depth) != INT_MAX) continue;
#ifdef NO_COUNTER
        next[(*next_length)++] = w;  // @append
#else
        next[atomicAdd(next_length, 1)] = w;  // @append
#endif
    }
}

__global__ void relax(const Graph g, int* distance, bool* changed) {
    const int v = blockIdx.x * blockDim.x + threadIdx.x;
    if (v >= g.nodes) return;
#ifdef PLAIN_READ
    const int mine = distance[v];  // @read
#else
    const int mine = atomic_read(&distance[v]);
#endif
    if (mine == INT_MAX) return;
#ifdef WRONG_BOUND
    const int end = g.edges + 1;
#else
    const int end = g.first[v + 1];
#endif
    for (int e = g.first[v]; e < end; ++e) {
        const int w = g.to[e], longer = mine + g.weight[e];   // @loop
        if (atomicMin(&distance[w], longer) > longer)  // @relax
            atomic_write(changed, true);
    }
}

int main() {
    const Graph g = make_graph(70);
    int *level, *lists[2], *length, h_length = 1, depth = 0, reached = 0;
    cudaMalloc(&level, g.nodes * sizeof(int));
    cudaMalloc(&lists[0], g.nodes * sizeof(int));
    cudaMalloc(&lists[1], g.nodes * sizeof(int));
    cudaMalloc(&length, sizeof(int));
    OVER_NODES(fill, g, level, INT_MAX, 0);
    cudaMemset(lists[0], 0, sizeof(int));
    while (h_length > 0 && depth < g.nodes) {
        reached += h_length;
        cudaMemset(length, 0, sizeof(int));
        bfs_step<<<(h_length + 63) / 64, 64>>>(g, level, lists[depth % 2], h_length,
                                               lists[(depth + 1) % 2], length, depth + 1);
        cudaMemcpy(&h_length, length, sizeof(int), cudaMemcpyDeviceToHost);
        ++depth;
    }

    int* distance;
    bool *changed, again = true;
    cudaMalloc(&distance, g.nodes * sizeof(int));
    cudaMalloc(&changed, sizeof(bool));
    OVER_NODES(fill, g, distance, INT_MAX, 0);
    for (int round = 0; again && round < g.nodes; ++round) {
        cudaMemset(changed, 0, sizeof(bool));
        OVER_NODES(relax, g, distance, changed);
        cudaMemcpy(&again, changed, sizeof(bool), cudaMemcpyDeviceToHost);
    }
    std::vector<int> d(g.nodes), l(g.nodes);
    cudaMemcpy(d.data(), distance, g.nodes * sizeof(int), cudaMemcpyDeviceToHost);
    cudaMemcpy(l.data(), level, g.nodes * sizeof(int), cudaMemcpyDeviceToHost);
    for (int v = 0; v < g.nodes; ++v)
        if (d[v] < l[v]) return 3;
    std::printf("%d of %d nodes reached in %d steps\n", reached, g.nodes, depth);
    return reached == g.nodes ? 0 : 3;
}
