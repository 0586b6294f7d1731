// Which accesses of a launch happened before which. Part of the checker.
//
// Threads run one at a time, so that one counter of time is enough: a thread knows another one up
// to a time, that is, all that this one did until then happened before what the thread does now.
//
//     __syncthreads        every thread of the block knows all the others until now
//     __syncwarp           the lanes that took part know each other until now
//     fence, then atomic   what the thread knew at its fence is left at the atomic's address;
//                          an atomic that reads there takes it
//
// Whoever knows a thread until a time knows all that this thread knew then. Shuffles and votes
// order nothing, and neither do atomics without a fence.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "record.h"

namespace vitrine::kernels::simt::check {

class Log;

/// What a log held when it had `length` entries, as a thread of block `reader` may see it.
struct Knowledge {
    const Log* log;
    std::uint32_t length;
    std::uint32_t reader;

    bool operator==(const Knowledge&) const = default;
};

/// What was left at one address. Grows only, so that a length says what somebody took from it.
class Log {
public:
    static constexpr std::int32_t all_threads = -1;
    static std::int32_t warp(unsigned w) { return -2 - static_cast<std::int32_t>(w); }

    struct Entry {
        std::uint32_t block;
        std::int32_t who;  ///< a thread, all_threads or warp(w) of the block
        Time until;
        bool block_only;  ///< left for threads of the same block
    };
    void add(const Entry& entry);
    void add(const Knowledge& knowledge);
    std::uint32_t length() const { return length_; }

    /// Whether this was not the last one to leave something here, with just what it leaves now.
    bool is_news(std::uint32_t block, unsigned thread, Time fence, std::uint32_t fenced_length);

    static bool knows(const std::vector<Knowledge>& known, const Record& record);

private:
    /// Something that only grows, each time with the number of the entry that made it grow.
    class Growth {
    public:
        /// Returns whether `value` is more than there was.
        bool add(std::uint32_t number, std::uint32_t value);
        /// What it was when the log had `length` entries; 0 before the first.
        std::uint32_t at(std::uint32_t length) const;

    private:
        struct Step {
            std::uint32_t number, value;
        };
        std::vector<Step> steps_;
    };
    struct Included {
        const Log* log;
        std::uint32_t reader;
        Growth length;
    };
    static std::uint64_t key(std::int32_t who, bool block_only) {
        return std::uint64_t(static_cast<std::uint32_t>(who)) << 1 | block_only;
    }
    bool holds(const Knowledge& self, const Record& record) const;
    bool says(const Knowledge& self, const Record& record) const;

    std::uint32_t length_ = 0;
    std::uint32_t last_left_[4] = {};
    using ByWho = std::unordered_map<std::uint64_t, Growth>;
    std::unordered_map<std::uint32_t, ByWho> until_;  // by block
    std::vector<Included> included_;  // one for each log and reader
    mutable std::uint64_t asked_ = 0;  // the last question that came here, and how far it looked
    mutable std::uint32_t asked_length_ = 0;
};

/// What a thread's last fence made ready to be left at an address.
struct FenceState {
    Time time = 0, barrier = 0, warp = 0;
    std::vector<Knowledge> known;
};

struct ThreadState {
    Time lane[32] = {};            // of its warp: known until, by a __syncwarp of some lanes
    std::vector<Knowledge> known;  // taken from addresses
    FenceState fence[2];           // for the block, for the device
    bool unfenced = false;         // it made an access since its last fence for the device
};

struct BlockState {
    std::uint32_t number = 0;
    Time begin = 0, barrier = 0;
    Time warp[32] = {};
    bool some_lanes = false;  // ThreadState::lane is in use
    bool fences = false;      // ThreadState::fence or known is in use
    std::vector<ThreadState> threads;
    Log* fenced = nullptr;  // what fences before the last barrier made ready
    std::uint32_t fenced_length = 0;
    std::vector<unsigned> fenced_since_barrier;
};

class Order {
public:
    /// Returns true when time begins anew: what was recorded before has no meaning any more.
    bool begin_launch(unsigned threads);
    void begin_block(std::uint32_t number);
    void go_on_with_block(std::uint32_t number);
    void end_block();
    void barrier();
    void grid_barrier();
    void syncwarp(unsigned warp, unsigned lanes);
    void fence(unsigned thread, Scope scope);
    /// An atomic access takes what was left at its address, and leaves what the thread has ready.
    void take(unsigned thread, const void* address);
    void leave(unsigned thread, const void* address, Scope scope);

    Time now() const { return now_; }
    /// Accesses before this happened before everything now: the launch, or the grid's barrier.
    Time launch_begin() const { return launch_begin_; }
    Time block_begin() const { return block_->begin; }
    std::uint32_t block() const { return block_->number; }
    void made_access(unsigned thread) {
        if (block_->fences) block_->threads[thread].unfenced = true;
    }

    /// Whether `old`, an access of this launch, happened before what `thread` does now.
    bool known(const Record& old, unsigned thread) const {
        if (old.block == block_->number) {
            if (old.thread == thread || old.time <= block_->barrier) return true;
            if (old.thread / 32 == thread / 32) {
                if (old.time <= block_->warp[thread / 32]) return true;
                if (block_->some_lanes && old.time <= block_->threads[thread].lane[old.thread % 32])
                    return true;
            }
        }
        return block_->fences && Log::knows(block_->threads[thread].known, old);
    }

private:
    Log* new_log();
    void pass_on_known(const std::vector<unsigned>& threads);

    Time now_ = 1, launch_begin_ = 1;
    unsigned threads_ = 0;
    bool any_fence_ = false;  // in this launch
    BlockState* block_ = nullptr;
    std::map<std::uint32_t, std::unique_ptr<BlockState>> blocks_;  // under way
    std::vector<std::unique_ptr<BlockState>> idle_;
    std::deque<Log> logs_;
    std::unordered_map<const void*, Log*> left_at_;
};

}  // namespace vitrine::kernels::simt::check
