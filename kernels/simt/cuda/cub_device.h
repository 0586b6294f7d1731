// CUB's algorithms for whole arrays: sums and scans, on the host. As in CUB, a first call without
// temporary storage says how much of it is needed.
#pragma once

#include <cstddef>
#include <iterator>
#include <limits>

#include "vitrine/kernels/simt/check/events.h"

#include "api.h"
#include "cub_block.h"
#include "host_access.h"

namespace cub {

/// Whether this call only asks for the size.
inline bool asks_size(const void* storage, std::size_t& bytes) {
    if (!storage) bytes = 1;
    return !storage;
}

/// Stores to memory of the device are not announced on the host.
template <class Iterator>
void put(Iterator place, const std::iter_value_t<Iterator>& value) {
    *place = value;
    vitrine::kernels::simt::check::memory_written(&*place, sizeof *place);
}

struct DeviceReduce {
    template <class In, class Out, class Op, class T>
    static cudaError_t Reduce(void* storage, std::size_t& bytes, In in, Out out, int n, Op op,
                              T first, cudaStream_t = nullptr, bool = false) {
        if (asks_size(storage, bytes)) return cudaSuccess;
        const vitrine_cuda::EmulatorRuns here;
        for (int i = 0; i < n; ++i) first = op(first, in[i]);
        put(out, first);
        return cudaSuccess;
    }
    template <class In, class Out>
    static cudaError_t Sum(void* storage, std::size_t& bytes, In in, Out out, int n,
                           cudaStream_t = nullptr, bool = false) {
        return Reduce(storage, bytes, in, out, n, cub::Sum(), std::iter_value_t<Out>{});
    }
    template <class In, class Out>
    static cudaError_t Max(void* storage, std::size_t& bytes, In in, Out out, int n,
                           cudaStream_t = nullptr, bool = false) {
        return Reduce(storage, bytes, in, out, n, cub::Max(),
                      std::numeric_limits<std::iter_value_t<Out>>::lowest());
    }
    template <class In, class Out>
    static cudaError_t Min(void* storage, std::size_t& bytes, In in, Out out, int n,
                           cudaStream_t = nullptr, bool = false) {
        return Reduce(storage, bytes, in, out, n, cub::Min(),
                      std::numeric_limits<std::iter_value_t<Out>>::max());
    }
};

struct DeviceScan {
    template <class In, class Out, class Op, class T>
    static cudaError_t ExclusiveScan(void* storage, std::size_t& bytes, In in, Out out, Op op,
                                     T first, int n, cudaStream_t = nullptr, bool = false) {
        if (asks_size(storage, bytes)) return cudaSuccess;
        const vitrine_cuda::EmulatorRuns here;
        for (int i = 0; i < n; ++i) {
            const T next = op(first, in[i]);
            put(out + i, first);
            first = next;
        }
        return cudaSuccess;
    }
    template <class In, class Out, class Op>
    static cudaError_t InclusiveScan(void* storage, std::size_t& bytes, In in, Out out, Op op,
                                     int n, cudaStream_t = nullptr, bool = false) {
        if (asks_size(storage, bytes) || n == 0) return cudaSuccess;
        const vitrine_cuda::EmulatorRuns here;
        std::iter_value_t<Out> sum = in[0];
        put(out, sum);
        for (int i = 1; i < n; ++i) put(out + i, sum = op(sum, in[i]));
        return cudaSuccess;
    }
    template <class In, class Out>
    static cudaError_t ExclusiveSum(void* storage, std::size_t& bytes, In in, Out out, int n,
                                    cudaStream_t = nullptr, bool = false) {
        return ExclusiveScan(storage, bytes, in, out, cub::Sum(), std::iter_value_t<Out>{}, n);
    }
    template <class In, class Out>
    static cudaError_t InclusiveSum(void* storage, std::size_t& bytes, In in, Out out, int n,
                                    cudaStream_t = nullptr, bool = false) {
        return InclusiveScan(storage, bytes, in, out, cub::Sum(), n);
    }
};

}  // namespace cub
