// CUB's collectives of a block and of a warp, as far as programs use them. Each thread puts its
// value into the temporary storage, and one thread combines them: what CUB asks of its caller, a
// barrier before the storage is used again, is a race here when it is missing.
#pragma once

#include <type_traits>

#include "vitrine/kernels/simt/check/events.h"
#include "vitrine/kernels/simt/collectives.h"

namespace cub {

struct Sum {
    template <class T>
    T operator()(const T& a, const T& b) const {
        return a + b;
    }
};
struct Max {
    template <class T>
    T operator()(const T& a, const T& b) const {
        return b > a ? b : a;
    }
};
struct Min {
    template <class T>
    T operator()(const T& a, const T& b) const {
        return b < a ? b : a;
    }
};

template <class Key, class Value>
struct KeyValuePair {
    Key key;
    Value value;
};
/// The pair of the greatest value; of two, that of the lower key.
struct ArgMax {
    template <class K, class V>
    KeyValuePair<K, V> operator()(const KeyValuePair<K, V>& a, const KeyValuePair<K, V>& b) const {
        return b.value > a.value || (b.value == a.value && b.key < a.key) ? b : a;
    }
};
struct ArgMin {
    template <class K, class V>
    KeyValuePair<K, V> operator()(const KeyValuePair<K, V>& a, const KeyValuePair<K, V>& b) const {
        return b.value < a.value || (b.value == a.value && b.key < a.key) ? b : a;
    }
};

// The algorithms differ in speed alone.
enum BlockReduceAlgorithm {
    BLOCK_REDUCE_RAKING_COMMUTATIVE_ONLY,
    BLOCK_REDUCE_RAKING,
    BLOCK_REDUCE_WARP_REDUCTIONS
};
enum BlockScanAlgorithm { BLOCK_SCAN_RAKING, BLOCK_SCAN_RAKING_MEMOIZE, BLOCK_SCAN_WARP_SCANS };

/// One value for each of `count` threads, in shared memory.
template <class T, int count>
struct VitrineSlots {
    T values[count];

    /// The races that reports name lie at the caller's line.
    VITRINE_SIMT_UNWATCHED void put(int i, const T& value, const vitrine::kernels::simt::Site& site) {
        announce(i, vitrine::kernels::simt::AccessKind::write, site);
        values[i] = value;
    }
    VITRINE_SIMT_UNWATCHED T get(int i, const vitrine::kernels::simt::Site& site) {
        announce(i, vitrine::kernels::simt::AccessKind::read, site);
        return values[i];
    }

private:
    void announce(int i, vitrine::kernels::simt::AccessKind kind,
                  const vitrine::kernels::simt::Site& site) {
        vitrine::kernels::simt::check::atomic(
            {values + i, sizeof(T), kind, vitrine::kernels::simt::Scope::block, nullptr, &site});
    }
};

/// All items of a thread, combined.
template <class T, int items, class Op>
T combined(const T (&values)[items], Op op) {
    T result = values[0];
    for (int i = 1; i < items; ++i) result = op(result, values[i]);
    return result;
}

template <class T, int threads_x, BlockReduceAlgorithm = BLOCK_REDUCE_WARP_REDUCTIONS,
          int threads_y = 1, int threads_z = 1, int arch = 0>
class BlockReduce {
public:
    using TempStorage = VitrineSlots<T, threads_x * threads_y * threads_z>;

    explicit BlockReduce(TempStorage& storage) : slots_(storage) {}

    /// Of the first `valid` threads; defined in thread 0.
    template <class Op>
    T Reduce(T value, Op op, int valid, VITRINE_SIMT_CALLER) {
        const vitrine::kernels::simt::Site site{"cub::BlockReduce", caller_file, caller_line};
        const int thread = static_cast<int>(
            threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z));
        slots_.put(thread, value, site);
        __syncthreads(caller_file, caller_line);
        if (thread != 0) return value;
        T result = slots_.get(0, site);
        for (int i = 1; i < valid; ++i) result = op(result, slots_.get(i, site));
        return result;
    }
    template <class Op>
    T Reduce(T value, Op op, VITRINE_SIMT_CALLER) {
        return Reduce(value, op, threads_x * threads_y * threads_z, caller_file, caller_line);
    }
    template <int items, class Op>
    T Reduce(T (&values)[items], Op op, VITRINE_SIMT_CALLER) {
        return Reduce(combined(values, op), op, caller_file, caller_line);
    }
    T Sum(T value, VITRINE_SIMT_CALLER) {
        return Reduce(value, cub::Sum(), caller_file, caller_line);
    }
    T Sum(T value, int valid, VITRINE_SIMT_CALLER) {
        return Reduce(value, cub::Sum(), valid, caller_file, caller_line);
    }
    template <int items>
    T Sum(T (&values)[items], VITRINE_SIMT_CALLER) {
        return Reduce(combined(values, cub::Sum()), cub::Sum(), caller_file, caller_line);
    }

private:
    TempStorage& slots_;
};

template <class T, int threads_x, BlockScanAlgorithm = BLOCK_SCAN_RAKING, int threads_y = 1,
          int threads_z = 1, int arch = 0>
class BlockScan {
    static constexpr int threads = threads_x * threads_y * threads_z;

public:
    using TempStorage = VitrineSlots<T, threads>;

    explicit BlockScan(TempStorage& storage) : slots_(storage) {}

    template <class Op>
    void InclusiveScan(T value, T& result, Op op, T& aggregate, VITRINE_SIMT_CALLER) {
        const vitrine::kernels::simt::Site site{"cub::BlockScan", caller_file, caller_line};
        const int own = scan(value, op, site);
        result = slots_.get(own, site);
        aggregate = slots_.get(threads - 1, site);
    }
    template <class Op>
    void ExclusiveScan(T value, T& result, T first, Op op, T& aggregate, VITRINE_SIMT_CALLER) {
        const vitrine::kernels::simt::Site site{"cub::BlockScan", caller_file, caller_line};
        const int own = scan(value, op, site);
        result = own == 0 ? first : op(first, slots_.get(own - 1, site));
        aggregate = slots_.get(threads - 1, site);
    }
    template <class Op>
    void InclusiveScan(T value, T& result, Op op, VITRINE_SIMT_CALLER) {
        T unused;
        InclusiveScan(value, result, op, unused, caller_file, caller_line);
    }
    template <class Op>
    void ExclusiveScan(T value, T& result, T first, Op op, VITRINE_SIMT_CALLER) {
        T unused;
        ExclusiveScan(value, result, first, op, unused, caller_file, caller_line);
    }
    void InclusiveSum(T value, T& result, T& aggregate, VITRINE_SIMT_CALLER) {
        InclusiveScan(value, result, cub::Sum(), aggregate, caller_file, caller_line);
    }
    void InclusiveSum(T value, T& result, VITRINE_SIMT_CALLER) {
        InclusiveScan(value, result, cub::Sum(), caller_file, caller_line);
    }
    void ExclusiveSum(T value, T& result, T& aggregate, VITRINE_SIMT_CALLER) {
        ExclusiveScan(value, result, T{}, cub::Sum(), aggregate, caller_file, caller_line);
    }
    void ExclusiveSum(T value, T& result, VITRINE_SIMT_CALLER) {
        ExclusiveScan(value, result, T{}, cub::Sum(), caller_file, caller_line);
    }

    // Several items of each thread.
    template <int items>
    void ExclusiveSum(T (&values)[items], T (&results)[items], T& aggregate, VITRINE_SIMT_CALLER) {
        T before;
        ExclusiveSum(combined(values, cub::Sum()), before, aggregate, caller_file, caller_line);
        for (int i = 0; i < items; ++i) {
            const T value = values[i];
            results[i] = before;
            before = before + value;
        }
    }
    template <int items>
    void ExclusiveSum(T (&values)[items], T (&results)[items], VITRINE_SIMT_CALLER) {
        T unused;
        ExclusiveSum(values, results, unused, caller_file, caller_line);
    }
    template <int items>
    void InclusiveSum(T (&values)[items], T (&results)[items], VITRINE_SIMT_CALLER) {
        T before;
        ExclusiveSum(combined(values, cub::Sum()), before, caller_file, caller_line);
        for (int i = 0; i < items; ++i) results[i] = before = before + values[i];
    }

private:
    /// Thread 0 scans all values in place. Returns the thread's index.
    template <class Op>
    int scan(T value, Op op, const vitrine::kernels::simt::Site& site) {
        const int thread = static_cast<int>(
            threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z));
        slots_.put(thread, value, site);
        __syncthreads(site.file, site.line);
        if (thread == 0) {
            T sum = slots_.get(0, site);
            for (int i = 1; i < threads; ++i) {
                sum = op(sum, slots_.get(i, site));
                slots_.put(i, sum, site);
            }
        }
        __syncthreads(site.file, site.line);
        return thread;
    }

    TempStorage& slots_;
};

/// Of `lanes` neighbouring threads of a warp, a power of two.
template <class T, int lanes = 32, int arch = 0>
class WarpReduce {
public:
    using TempStorage = VitrineSlots<T, lanes>;

    explicit WarpReduce(TempStorage& storage) : slots_(storage) {}

    /// Defined in the first lane.
    template <class Op>
    T Reduce(T value, Op op, int valid = lanes, VITRINE_SIMT_CALLER) {
        const vitrine::kernels::simt::Site site{"cub::WarpReduce", caller_file, caller_line};
        const int lane = static_cast<int>(vitrine::kernels::simt::lane_index()) % lanes;
        slots_.put(lane, value, site);
        __syncwarp(mask(), caller_file, caller_line);
        T result = value;
        for (int i = 1; lane == 0 && i < valid; ++i) result = op(result, slots_.get(i, site));
        return result;
    }
    T Sum(T value, VITRINE_SIMT_CALLER) {
        return Reduce(value, cub::Sum(), lanes, caller_file, caller_line);
    }
    T Sum(T value, int valid, VITRINE_SIMT_CALLER) {
        return Reduce(value, cub::Sum(), valid, caller_file, caller_line);
    }

private:
    static unsigned mask() {
        if constexpr (lanes == 32) return 0xffffffffu;
        const unsigned first = vitrine::kernels::simt::lane_index() / lanes * lanes;
        return ((1u << lanes % 32) - 1) << first;
    }

    TempStorage& slots_;
};

template <class T, int lanes = 32, int arch = 0>
class WarpScan {
public:
    struct TempStorage {};

    explicit WarpScan(TempStorage&) {}

    template <class Op>
    void InclusiveScan(T value, T& result, Op op, VITRINE_SIMT_CALLER) {
        const int lane = static_cast<int>(vitrine::kernels::simt::lane_index()) % lanes;
        const unsigned mask = __activemask(caller_file, caller_line);
        for (int distance = 1; distance < lanes; distance *= 2) {
            const T other = __shfl_up_sync(mask, value, static_cast<unsigned>(distance), lanes,
                                           caller_file, caller_line);
            if (lane >= distance) value = op(other, value);
        }
        result = value;
    }
    void InclusiveSum(T value, T& result, VITRINE_SIMT_CALLER) {
        InclusiveScan(value, result, cub::Sum(), caller_file, caller_line);
    }
    void ExclusiveSum(T value, T& result, VITRINE_SIMT_CALLER) {
        T sum;
        InclusiveSum(value, sum, caller_file, caller_line);
        result = sum - value;
    }
    void ExclusiveSum(T value, T& result, T& aggregate, VITRINE_SIMT_CALLER) {
        T sum;
        InclusiveSum(value, sum, caller_file, caller_line);
        result = sum - value;
        aggregate = __shfl_sync(__activemask(caller_file, caller_line), sum, lanes - 1, lanes,
                                caller_file, caller_line);
    }
};

}  // namespace cub
