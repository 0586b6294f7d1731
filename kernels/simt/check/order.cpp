#include "order.h"

#include <algorithm>
#include <iterator>

namespace vitrine::kernels::simt::check {

bool Log::Growth::add(std::uint32_t number, std::uint32_t value) {
    if (!steps_.empty() && steps_.back().value >= value) return false;
    steps_.push_back({number, value});
    return true;
}

std::uint32_t Log::Growth::at(std::uint32_t length) const {
    const auto after = std::partition_point(steps_.begin(), steps_.end(), [&](const Step& step) {
        return step.number < length;
    });
    return after == steps_.begin() ? 0 : std::prev(after)->value;
}

void Log::add(const Entry& entry) {
    Growth& until = until_[entry.block][key(entry.who, entry.block_only)];
    if (until.add(length_, entry.until)) ++length_;
}

void Log::add(const Knowledge& knowledge) {
    if (knowledge.log == this) return;
    const auto same = [&](const Included& i) {
        return i.log == knowledge.log && i.reader == knowledge.reader;
    };
    auto at = std::find_if(included_.begin(), included_.end(), same);
    if (at == included_.end())
        at = included_.insert(at, {knowledge.log, knowledge.reader, Growth()});
    if (at->length.add(length_, knowledge.length)) ++length_;
}

bool Log::is_news(std::uint32_t block, unsigned thread, Time fence, std::uint32_t fenced_length) {
    const std::uint32_t left[4] = {block, thread, fence, fenced_length};
    if (length_ > 0 && std::equal(left, left + 4, last_left_)) return false;
    std::copy(left, left + 4, last_left_);
    return true;
}

namespace {
std::uint64_t question = 0;
int patience = 0;  // logs that one question may look into

void add_once(std::vector<Knowledge>& known, const Knowledge& more) {
    for (Knowledge& old : known)
        if (old.log == more.log && old.reader == more.reader) {
            old.length = std::max(old.length, more.length);
            return;
        }
    known.push_back(more);
}
}  // namespace

bool Log::knows(const std::vector<Knowledge>& known, const Record& record) {
    if (known.empty()) return false;
    ++question;
    patience = 1000;
    return std::any_of(known.begin(), known.end(),
                       [&](const Knowledge& k) { return k.log->says(k, record); });
}

bool Log::holds(const Knowledge& self, const Record& record) const {
    const auto block = until_.find(record.block);
    if (block == until_.end()) return false;
    for (const std::int32_t who : {all_threads, static_cast<std::int32_t>(record.thread),
                                   warp(record.thread / 32u)})
        for (const bool block_only : {false, true}) {
            if (block_only && record.block != self.reader) continue;
            const auto until = block->second.find(key(who, block_only));
            if (until == block->second.end()) continue;
            if (record.time <= until->second.at(self.length)) return true;
        }
    return false;
}

bool Log::says(const Knowledge& self, const Record& record) const {
    if (asked_ == question && asked_length_ >= self.length) return false;
    asked_ = question;
    asked_length_ = self.length;
    if (--patience < 0) return true;  // rather no report than a wrong one
    if (holds(self, record)) return true;
    return std::any_of(included_.begin(), included_.end(), [&](const Included& other) {
        const std::uint32_t length = other.length.at(self.length);
        return length > 0 && other.log->says({other.log, length, other.reader}, record);
    });
}

Log* Order::new_log() { return &logs_.emplace_back(); }

bool Order::begin_launch(unsigned threads) {
    const bool anew = now_ > 1u << 31;
    if (anew) now_ = 1;
    threads_ = threads;
    launch_begin_ = ++now_;
    any_fence_ = false;
    left_at_.clear();
    logs_.clear();
    for (auto& [number, block] : blocks_) idle_.push_back(std::move(block));
    blocks_.clear();
    block_ = nullptr;
    if (anew) idle_.clear();
    return anew;
}

void Order::begin_block(std::uint32_t number) {
    if (idle_.empty()) idle_.push_back(std::make_unique<BlockState>());
    auto& block = blocks_[number] = std::move(idle_.back());
    idle_.pop_back();
    block_ = block.get();
    if (block->threads.size() < threads_) block->threads.resize(threads_);
    if (block->fences)
        for (ThreadState& t : block->threads) {
            t.known.clear();
            t.fence[0] = t.fence[1] = {};
            t.unfenced = false;
        }
    block->number = number;
    block->begin = ++now_;
    block->barrier = 0;
    block->some_lanes = false;
    block->fences = any_fence_;
    block->fenced = nullptr;
    block->fenced_length = 0;
    block->fenced_since_barrier.clear();
}

void Order::go_on_with_block(std::uint32_t number) { block_ = blocks_.at(number).get(); }

void Order::end_block() {
    const auto at = blocks_.find(block_->number);
    idle_.push_back(std::move(at->second));
    blocks_.erase(at);
}

// Each of the threads gets to know what any of them does.
void Order::pass_on_known(const std::vector<unsigned>& threads) {
    std::vector<Knowledge> all;
    std::unordered_map<const Log*, std::size_t> places;  // in `all`; one reader, this block
    const std::vector<Knowledge>* last = &all;  // mostly the next thread knows the same
    for (const unsigned t : threads) {
        const std::vector<Knowledge>& own = block_->threads[t].known;
        if (own.empty() || own == *last) continue;
        last = &own;
        for (const Knowledge& known : own) {
            const auto [at, is_new] = places.try_emplace(known.log, all.size());
            if (is_new) all.push_back(known);
            std::uint32_t& length = all[at->second].length;
            length = std::max(length, known.length);
        }
    }
    if (all.empty()) return;
    for (const unsigned t : threads) block_->threads[t].known = all;
}

void Order::barrier() {
    block_->barrier = now_++;
    if (!block_->fences) return;
    std::vector<unsigned> everybody(threads_);
    for (unsigned t = 0; t < threads_; ++t) everybody[t] = t;
    pass_on_known(everybody);
    if (block_->fenced_since_barrier.empty()) return;
    if (!block_->fenced) block_->fenced = new_log();
    Log& log = *block_->fenced;
    const bool all = std::none_of(block_->threads.begin(), block_->threads.begin() + threads_,
                                  [](const ThreadState& t) { return t.unfenced; });
    if (all) log.add({block_->number, Log::all_threads, block_->barrier, false});
    for (const unsigned t : block_->fenced_since_barrier) {
        const FenceState& fence = block_->threads[t].fence[1];
        if (!all) {
            log.add({block_->number, Log::all_threads, fence.barrier, false});
            log.add({block_->number, static_cast<std::int32_t>(t), fence.time, false});
            log.add({block_->number, Log::warp(t / 32), fence.warp, false});
        }
        for (const Knowledge& known : fence.known) log.add(known);
    }
    block_->fenced_length = log.length();
    block_->fenced_since_barrier.clear();
}

void Order::grid_barrier() { launch_begin_ = ++now_; }

void Order::syncwarp(unsigned warp, unsigned lanes) {
    const unsigned first = warp * 32;
    const unsigned exists = threads_ - first >= 32 ? ~0u : (1u << (threads_ - first)) - 1;
    const Time time = now_++;
    std::vector<unsigned> met;
    if (lanes == exists) {
        block_->warp[warp] = time;
    } else {
        block_->some_lanes = true;
        Time joint[32] = {};
        for (unsigned a = 0; a < 32; ++a)
            if (lanes >> a & 1)
                for (unsigned b = 0; b < 32; ++b)
                    joint[b] = std::max(joint[b],
                                        lanes >> b & 1 ? time : block_->threads[first + a].lane[b]);
        for (unsigned a = 0; a < 32; ++a)
            if (lanes >> a & 1) std::copy(joint, joint + 32, block_->threads[first + a].lane);
    }
    if (!block_->fences) return;
    for (unsigned a = 0; a < 32; ++a)
        if (lanes >> a & 1) met.push_back(first + a);
    pass_on_known(met);
}

void Order::fence(unsigned thread, Scope scope) {
    if (!block_->fences)  // accesses so far were not noted
        for (ThreadState& t : block_->threads) t.unfenced = true;
    any_fence_ = block_->fences = true;
    ThreadState& self = block_->threads[thread];
    FenceState state{now_++, block_->barrier, block_->warp[thread / 32], self.known};
    if (block_->some_lanes) {
        Log* const lanes = new_log();
        for (unsigned b = 0; b < 32; ++b)
            lanes->add({block_->number, static_cast<std::int32_t>(thread / 32 * 32 + b),
                        self.lane[b], false});
        state.known.push_back({lanes, lanes->length(), block_->number});
    }
    self.fence[0] = state;
    if (scope == Scope::block) return;
    self.fence[1] = state;
    self.unfenced = false;
    block_->fenced_since_barrier.push_back(thread);
}

void Order::take(unsigned thread, const void* address) {
    if (!any_fence_) return;
    const auto at = left_at_.find(address);
    if (at == left_at_.end()) return;
    block_->fences = true;
    add_once(block_->threads[thread].known, {at->second, at->second->length(), block_->number});
}

void Order::leave(unsigned thread, const void* address, Scope scope) {
    if (!block_->fences) return;
    const ThreadState& self = block_->threads[thread];
    if (self.fence[0].time == 0 && block_->fenced_length == 0) return;
    Log*& log = left_at_[address];
    if (!log) log = new_log();
    if (!log->is_news(block_->number, thread, self.fence[0].time, block_->fenced_length)) return;
    const auto add = [&](const FenceState& fence, bool block_only) {
        if (fence.time == 0) return;
        log->add({block_->number, Log::all_threads, fence.barrier, block_only});
        log->add({block_->number, static_cast<std::int32_t>(thread), fence.time, block_only});
        if (fence.warp > fence.barrier)
            log->add({block_->number, Log::warp(thread / 32), fence.warp, block_only});
        for (const Knowledge& known : fence.known) log->add(known);
    };
    add(self.fence[0], true);
    if (scope == Scope::block) return;
    add(self.fence[1], false);
    if (block_->fenced) log->add(Knowledge{block_->fenced, block_->fenced_length, block_->number});
}

}  // namespace vitrine::kernels::simt::check
