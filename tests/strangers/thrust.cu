// Vectors and algorithms of Thrust around kernels.
//
// check plain => clean
// check -DTOO_FAR => out_of_bounds @double
#include <thrust/copy.h>
#include <thrust/device_vector.h>
#include <thrust/execution_policy.h>
#include <thrust/extrema.h>
#include <thrust/host_vector.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>
#include <thrust/reduce.h>
#include <thrust/scan.h>
#include <thrust/sequence.h>
#include <thrust/sort.h>
#include <thrust/transform_reduce.h>
#include <thrust/unique.h>

struct Square {
    __host__ __device__ int operator()(int x) const { return x * x; }
};

__global__ void double_all(int* x, int n) {
    if (threadIdx.x < n) x[threadIdx.x] *= 2;  // @double
}

int main() {
    thrust::host_vector<int> on_host(10);
    for (int i = 0; i < 10; ++i) on_host[i] = i * 7 % 10;
    thrust::device_vector<int> x = on_host, y(10), keys(10, -1);
#ifdef TOO_FAR
    const int n = 11;
#else
    const int n = 10;
#endif
    double_all<<<1, 32>>>(thrust::raw_pointer_cast(x.data()), n);
    if (cudaDeviceSynchronize() != cudaSuccess) return 0;  // as TOO_FAR expects
    thrust::sort(thrust::device, x.begin(), x.end(), thrust::greater<int>());  // 18 16 ... 0
    if (x[0] != 18 || x.back() != 0 || thrust::reduce(x.begin(), x.end()) != 90) return 1;
    if (thrust::reduce(x.begin(), x.end(), 0, thrust::maximum<int>()) != 18) return 2;

    thrust::transform(x.begin(), x.end(), y.begin(), Square());
    thrust::inclusive_scan(y.begin(), y.end(), y.begin());
    if (y[1] != 18 * 18 + 16 * 16 || y[9] != 1140) return 3;
    const thrust::counting_iterator<int> from(0);
    const auto squares = thrust::make_transform_iterator(from, Square());
    if (thrust::reduce(squares, squares + 5) != 30) return 4;
    if (thrust::transform_reduce(from, from + 5, Square(), 0, thrust::plus<int>()) != 30) return 5;

    thrust::sequence(keys.begin(), keys.end());
    thrust::sort_by_key(x.begin(), x.end(), keys.begin());
    const auto largest = thrust::max_element(keys.begin(), keys.end()) - keys.begin();
    if (keys[0] != 9 || largest != 0) return 6;

    // Written on the host, -1 in every byte: read by a kernel.
    thrust::fill(keys.begin(), keys.end(), -1);
    double_all<<<1, 32>>>(thrust::raw_pointer_cast(&keys[0]), 10);
    keys[3] = 5;
    thrust::copy(keys.begin(), keys.end(), on_host.begin());
    if (on_host[2] != -2 || on_host[3] != 5) return 7;
    keys.resize(thrust::unique(keys.begin(), keys.end()) - keys.begin());
    return keys.size() == 3 ? 0 : 8;
}
