// CUDA's cooperative groups: the block, the grid of a cooperative launch, tiles of a warp, and the
// lanes that happen to run together. A group is a handle: a kernel may copy it and pass it on.
//
// Not here, and so not compiled: tiles of more than 32 threads, multi-device grids, clusters.
#pragma once

#include <cstring>
#include <type_traits>

#include "collectives.h"
#include "runtime.h"
#include "site.h"

namespace cooperative_groups {

namespace simt = vitrine::kernels::simt;

/// Number of the running thread in its block.
inline unsigned rank_in_block() {
    return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}
inline unsigned threads_of_block() { return blockDim.x * blockDim.y * blockDim.z; }

/// All threads of the block.
class thread_block {
public:
    static void sync(VITRINE_SIMT_CALLER) {
        simt::meet_block(true, {"thread_block::sync", caller_file, caller_line});
    }
    static unsigned thread_rank() { return rank_in_block(); }
    static unsigned size() { return threads_of_block(); }
    static unsigned num_threads() { return size(); }
    static dim3 group_index() { return blockIdx; }
    static dim3 thread_index() { return threadIdx; }
    static dim3 group_dim() { return blockDim; }
    static dim3 dim_threads() { return blockDim; }
};
inline thread_block this_thread_block() { return {}; }

/// All threads of the launch, whose blocks wait for each other in sync().
class grid_group {
public:
    /// Throws vitrine::Error when the launch is not cooperative.
    void sync(VITRINE_SIMT_CALLER) const {
        simt::meet_grid({"grid_group::sync", caller_file, caller_line});
    }
    bool is_valid() const { return simt::is_cooperative(); }
    unsigned long long thread_rank() const {
        return block_rank() * threads_of_block() + rank_in_block();
    }
    unsigned long long size() const { return num_blocks() * threads_of_block(); }
    unsigned long long num_threads() const { return size(); }
    unsigned long long num_blocks() const {
        return static_cast<unsigned long long>(gridDim.x) * gridDim.y * gridDim.z;
    }
    unsigned long long block_rank() const {
        return blockIdx.x +
               static_cast<unsigned long long>(gridDim.x) * (blockIdx.y + gridDim.y * blockIdx.z);
    }
    dim3 block_index() const { return blockIdx; }
    dim3 dim_blocks() const { return gridDim; }
    dim3 group_dim() const { return gridDim; }
};
inline grid_group this_grid() { return {}; }

/// Lanes of one warp, numbered from the lowest: what tiles and coalesced groups have in common.
class lane_group {
public:
    explicit lane_group(unsigned lanes) : lanes_(lanes) {}

    void sync(VITRINE_SIMT_CALLER) const {
        simt::synchronise_warp(lanes_, {"thread_group::sync", caller_file, caller_line});
    }
    unsigned thread_rank() const {
        return static_cast<unsigned>(__builtin_popcount(lanes_ & ((1u << simt::lane_index()) - 1)));
    }
    unsigned size() const { return static_cast<unsigned>(__builtin_popcount(lanes_)); }
    unsigned num_threads() const { return size(); }

    int any(int vote, VITRINE_SIMT_CALLER) const {
        return simt::ballot(lanes_, vote != 0, {"thread_group::any", caller_file, caller_line}) !=
               0;
    }
    int all(int vote, VITRINE_SIMT_CALLER) const {
        return simt::ballot(lanes_, vote == 0, {"thread_group::all", caller_file, caller_line}) ==
               0;
    }
    /// Bit i is the vote of thread i of the group.
    unsigned ballot(int vote, VITRINE_SIMT_CALLER) const {
        return packed(
            simt::ballot(lanes_, vote != 0, {"thread_group::ballot", caller_file, caller_line}));
    }
    template <class T>
    unsigned match_any(T value, VITRINE_SIMT_CALLER) const {
        return packed(
            simt::match(lanes_, value, {"thread_group::match_any", caller_file, caller_line}).same);
    }
    template <class T>
    unsigned match_all(T value, int& all_same, VITRINE_SIMT_CALLER) const {
        const auto found =
            simt::match(lanes_, value, {"thread_group::match_all", caller_file, caller_line});
        all_same = found.same == found.lanes;
        return all_same ? packed(found.lanes) : 0u;
    }

    /// The value of thread `source` of the group.
    template <class T>
    T shfl(T value, int source, VITRINE_SIMT_CALLER) const {
        return from_rank(value, static_cast<unsigned>(source) % size(),
                         {"thread_group::shfl", caller_file, caller_line});
    }
    /// The value of the thread `distance` lower or higher; the own one where there is none.
    template <class T>
    T shfl_up(T value, unsigned distance, VITRINE_SIMT_CALLER) const {
        const unsigned rank = thread_rank();
        return from_rank(value, distance > rank ? rank : rank - distance,
                         {"thread_group::shfl_up", caller_file, caller_line});
    }
    template <class T>
    T shfl_down(T value, unsigned distance, VITRINE_SIMT_CALLER) const {
        const unsigned rank = thread_rank();
        return from_rank(value, distance >= size() - rank ? rank : rank + distance,
                         {"thread_group::shfl_down", caller_file, caller_line});
    }
    template <class T>
    T shfl_xor(T value, unsigned bits, VITRINE_SIMT_CALLER) const {
        const unsigned rank = thread_rank() ^ bits;
        return from_rank(value, rank < size() ? rank : thread_rank(),
                         {"thread_group::shfl_xor", caller_file, caller_line});
    }

    unsigned lanes() const { return lanes_; }

private:
    unsigned lane_of(unsigned rank) const {
        unsigned left = lanes_;
        for (; rank > 0; --rank) left &= left - 1;
        return static_cast<unsigned>(__builtin_ctz(left));
    }
    unsigned packed(unsigned of_warp) const {
        unsigned bits = 0, rank = 0;
        for (unsigned left = lanes_; left; left &= left - 1, ++rank)
            bits |= (of_warp >> __builtin_ctz(left) & 1u) << rank;
        return bits;
    }
    template <class T>
    T from_rank(T value, unsigned rank, const simt::Site& site) const {
        static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 32,
                      "cooperative groups shuffle at most 32 bytes");
        return simt::shuffle(lanes_, value, 32,
                             simt::from_lane(static_cast<int>(lane_of(rank)), 32), site);
    }

    unsigned lanes_;
};

/// Lanes that come to this call before they wait elsewhere. CUDA promises no more than the caller.
class coalesced_group : public lane_group {
public:
    using lane_group::lane_group;
};
inline coalesced_group coalesced_threads(VITRINE_SIMT_CALLER) {
    return coalesced_group(simt::converge({"coalesced_threads", caller_file, caller_line}));
}

/// The threads of a group with the same label.
template <class Label>
coalesced_group labeled_partition(const lane_group& group, Label label, VITRINE_SIMT_CALLER) {
    return coalesced_group(
        simt::match(group.lanes(), label, {"labeled_partition", caller_file, caller_line}).same);
}
inline coalesced_group binary_partition(const lane_group& group, bool which, VITRINE_SIMT_CALLER) {
    return labeled_partition(group, static_cast<int>(which), caller_file, caller_line);
}

/// `Size` neighbours of one warp.
template <unsigned Size, class Parent = void>
class thread_block_tile : public lane_group {
    static_assert(Size >= 1 && Size <= 32 && (Size & (Size - 1)) == 0,
                  "vitrine emulates tiles of 1, 2, 4, 8, 16 and 32 threads");

public:
    explicit thread_block_tile(unsigned parent_threads)
        : lane_group(
              static_cast<unsigned>(((1ull << Size) - 1) << simt::lane_index() / Size * Size)),
          parent_threads_(parent_threads) {}

    /// A tile whatever it is a part of, as thread_block_tile<Size> without a parent.
    template <class Other>
    thread_block_tile(const thread_block_tile<Size, Other>& tile)
        : lane_group(tile.lanes()), parent_threads_(tile.parent_threads()) {}

    static constexpr unsigned size() { return Size; }
    static constexpr unsigned num_threads() { return Size; }
    unsigned thread_rank() const { return simt::lane_index() % Size; }
    unsigned meta_group_rank() const { return rank_in_block() % parent_threads_ / Size; }
    unsigned meta_group_size() const { return (parent_threads_ + Size - 1) / Size; }
    unsigned parent_threads() const { return parent_threads_; }

private:
    unsigned parent_threads_;
};

template <unsigned Size>
thread_block_tile<Size, thread_block> tiled_partition(const thread_block& block) {
    return thread_block_tile<Size, thread_block>(block.size());
}
template <unsigned Size, unsigned ParentSize, class Parent>
thread_block_tile<Size, thread_block_tile<ParentSize, Parent>> tiled_partition(
    const thread_block_tile<ParentSize, Parent>&) {
    static_assert(Size <= ParentSize, "a tile is no larger than what it is a part of");
    return thread_block_tile<Size, thread_block_tile<ParentSize, Parent>>(ParentSize);
}

/// Any of the groups of a block, as a type for functions that do not care which.
class thread_group {
public:
    thread_group(const thread_block&) : lanes_(0) {}
    thread_group(const lane_group& group) : lanes_(group.lanes()) {}

    void sync(VITRINE_SIMT_CALLER) const {
        const simt::Site site{"thread_group::sync", caller_file, caller_line};
        if (lanes_)
            simt::synchronise_warp(lanes_, site);
        else
            simt::meet_block(true, site);
    }
    unsigned thread_rank() const {
        return lanes_ ? lane_group(lanes_).thread_rank() : rank_in_block();
    }
    unsigned size() const { return lanes_ ? lane_group(lanes_).size() : threads_of_block(); }
    unsigned num_threads() const { return size(); }

private:
    unsigned lanes_;  // 0: the block
};

/// Tiles whose size is known at run time. Throws vitrine::Error for one that is no power of two up
/// to 32.
inline thread_group tiled_partition(const thread_group&, unsigned size, VITRINE_SIMT_CALLER) {
    simt::check_shuffle_width(static_cast<int>(size),
                              {"tiled_partition", caller_file, caller_line});
    return lane_group(
        static_cast<unsigned>(((1ull << size) - 1) << simt::lane_index() / size * size));
}

template <class Group>
void sync(const Group& group, VITRINE_SIMT_CALLER) {
    group.sync(caller_file, caller_line);
}

}  // namespace cooperative_groups
