#include "cooperative.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <utility>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/kernel_name.h"

#include "vitrine/kernels/simt/check/events.h"

#include "grid.h"

namespace vitrine::kernels::simt {

namespace {

// The next launch of this OS thread gets the schedulers of the last one, with their stacks: the
// system takes long to make those.
struct Kept {
    std::vector<std::unique_ptr<Scheduler>> schedulers;
    std::vector<std::unique_ptr<Fiber>> stacks;
    SwitchKind stacks_kind = fastest_switch;
};
thread_local Kept kept;
constexpr std::size_t threads_to_keep = 4096, stacks_to_keep = 64;

// The grid whose blocks this OS thread runs.
constinit VITRINE_SIMT_PER_WORKER CooperativeGrid* under_way = nullptr;

// By single bytes and not by memcpy, which AddressSanitizer would stop at the red zones that a
// symbol's size may include.
#if VITRINE_SIMT_ASAN
__attribute__((no_sanitize("address")))
#endif
void copy_bytes(unsigned char* to, const unsigned char* from, std::size_t bytes) {
#if VITRINE_SIMT_ASAN
    for (std::size_t i = 0; i < bytes; ++i) const_cast<volatile unsigned char*>(to)[i] = from[i];
#else
    std::copy_n(from, bytes, to);
#endif
}

std::vector<unsigned char> contents_of(const std::vector<SharedArray>& arrays) {
    std::size_t bytes = 0;
    for (const SharedArray& array : arrays) bytes += array.bytes;
    std::vector<unsigned char> contents(bytes);
    unsigned char* to = contents.data();
    for (const SharedArray& array : arrays) {
        copy_bytes(to, array.memory, array.bytes);
        to += array.bytes;
    }
    return contents;
}

void set_contents(const std::vector<SharedArray>& arrays,
                  const std::vector<unsigned char>& contents) {
    const unsigned char* from = contents.data();
    for (const SharedArray& array : arrays) {
        copy_bytes(array.memory, from, array.bytes);
        from += array.bytes;
    }
}

}  // namespace

CooperativeGrid::CooperativeGrid(dim3 grid, dim3 block, std::size_t shared_bytes,
                                 const KernelCall& call, const Options& options, bool barriers)
    : grid_(grid),
      block_(block),
      shared_bytes_(shared_bytes),
      call_(call),
      options_(options),
      barriers_(barriers),
      main_(options.switch_kind),
      count_(std::uint64_t(grid.x) * grid.y * grid.z),
      idle_schedulers_(std::exchange(kept.schedulers, {})) {
    if (kept.stacks_kind == options.switch_kind) idle_stacks_ = std::exchange(kept.stacks, {});
    if (!barriers) return;
    std::vector<std::uint64_t> numbers(count_);
    std::iota(numbers.begin(), numbers.end(), 0);
    if (options.order == Order::reverse) std::reverse(numbers.begin(), numbers.end());
    if (options.order == Order::random)
        std::shuffle(numbers.begin(), numbers.end(), std::mt19937_64(options.seed));
    for (const std::uint64_t number : numbers) blocks_.emplace_back().number = number;
}

CooperativeGrid::~CooperativeGrid() {
    const std::size_t threads = std::size_t(block_.x) * block_.y * block_.z;
    while (!idle_schedulers_.empty() && idle_schedulers_.size() * threads > threads_to_keep)
        idle_schedulers_.pop_back();
    if (idle_stacks_.size() > stacks_to_keep) idle_stacks_.resize(stacks_to_keep);
    kept = {std::move(idle_schedulers_), std::move(idle_stacks_), options_.switch_kind};
}

void CooperativeGrid::run() {
    static thread_local const AlternateStack signals;
    watch_.begin(call_, options_);
    under_way = this;
    while (turn()) {
    }
    if (error_) cancel();
    watch_.end();
    if (error_) std::rethrow_exception(error_);
}

// Returns whether there is another.
bool CooperativeGrid::turn() {
    const bool any = go_on_with_all_that_can();
    if (error_) return false;
    if (!barriers_) return begin_next();
    if (any) return true;
    const auto returned = std::count_if(blocks_.begin(), blocks_.end(), [](const Block& block) {
        return block.state == State::returned;
    });
    if (returned == 0) {
        open_grid_barrier();
        return true;
    }
    if (static_cast<std::size_t>(returned) < blocks_.size())
        error_ = std::make_exception_ptr(Error(deadlock()));
    return false;
}

bool CooperativeGrid::go_on_with_all_that_can() {
    bool any = false;
    for (Block& block : blocks_) {
        if (block.state == State::in_grid_barrier || block.state == State::returned) continue;
        any = true;
        go_on(block);
        if (error_) return true;
    }
    if (!barriers_)
        blocks_.remove_if([](const Block& block) { return block.state == State::returned; });
    return any;
}

// Without barriers: new blocks, until one has been put aside, or one has ended that others may have
// waited for. Returns whether there is anything left to do.
bool CooperativeGrid::begin_next() {
    while (next_ < count_ && blocks_.size() < most_cooperative_blocks) {
        Block& block = blocks_.emplace_back();
        block.number = next_++;
        go_on(block);
        if (error_) return false;
        if (block.state == State::returned) blocks_.pop_back();
        if (!blocks_.empty()) break;
    }
    return !blocks_.empty() || next_ < count_;
}

void CooperativeGrid::open_grid_barrier() {
    check::grid_barrier_complete();
    for (Block& block : blocks_) block.state = State::ready;
}

void CooperativeGrid::begin(Block& block) {
    const auto last_of = [](auto& idle) {
        auto last = std::move(idle.back());
        idle.pop_back();
        return last;
    };
    block.scheduler =
        idle_schedulers_.empty() ? std::make_unique<Scheduler>() : last_of(idle_schedulers_);
    block.stack = idle_stacks_.empty()
                      ? std::make_unique<Fiber>(options_.switch_kind, &block_main, nullptr)
                      : last_of(idle_stacks_);
    block.stack->set_caller({__builtin_dwarf_cfa(), __builtin_frame_address(0)});
    block.left_on = block.stack.get();
}

void CooperativeGrid::go_on(Block& block) {
    running_ = &block;
    if (block.state == State::fresh) {
        begin(block);
    } else {
        set_contents(shared_arrays(), block.shared);
        blockIdx = block.block_index;
        threadIdx = block.thread_index;
        check::block_goes_on(block.number);
    }
    running_scheduler = block.scheduler.get();
    main_.switch_to(*block.left_on);
    running_scheduler = nullptr;
    if (block.state != State::returned) return;
    idle_schedulers_.push_back(std::move(block.scheduler));
    idle_stacks_.push_back(std::move(block.stack));
}

// Runs one block after the other, each time that its stack is switched to for a fresh one.
void CooperativeGrid::block_main(void*, Fiber& self) {
    for (;;) {
        CooperativeGrid& all = *under_way;
        Block& block = *all.running_;
        try {
            block.scheduler->begin(all.grid_, all.block_, all.shared_bytes_, all.call_,
                                   all.options_, self, all.watch_);
            block.scheduler->take_part_in(all);
            block.scheduler->run_block(block.number);
            check::block_ends();
        } catch (...) {
            all.note_error();
        }
        block.state = State::returned;
        self.switch_to(all.main_);
    }
}

void CooperativeGrid::put_aside(Fiber& stack, State state, const Site& site) {
    Block& block = *running_;
    block.state = state;
    block.left_on = &stack;
    block.site = to_string(site);
    block.block_index = blockIdx;
    block.thread_index = threadIdx;
    block.shared = contents_of(shared_arrays());
    check::block_put_aside();
    stack.switch_to(main_);
    if (cancelled_) throw Cancelled();
}

void CooperativeGrid::note_error() {
    if (!cancelled_) error_ = check::cause_of(std::current_exception());
}

// Every block that was put aside goes on once more, to unwind its threads.
void CooperativeGrid::cancel() {
    cancelled_ = true;
    for (Block& block : blocks_)
        if (block.state != State::returned && block.state != State::fresh) go_on(block);
}

uint3 CooperativeGrid::index_of(const Block& block) const {
    const std::uint64_t row = block.number / grid_.x;
    return {static_cast<unsigned>(block.number % grid_.x), static_cast<unsigned>(row % grid_.y),
            static_cast<unsigned>(row / grid_.y)};
}

std::string CooperativeGrid::deadlock() const {
    std::vector<std::pair<std::string, std::vector<uint3>>> groups;  // what blocks do, and which
    for (std::uint64_t number = 0; number < blocks_.size(); ++number)
        for (const Block& block : blocks_) {
            if (block.number != number) continue;
            const std::string doing =
                block.state == State::returned ? "returned from the kernel" : "in " + block.site;
            auto group = std::find_if(groups.begin(), groups.end(),
                                      [&](const auto& other) { return other.first == doing; });
            if (group == groups.end()) group = groups.insert(groups.end(), {doing, {}});
            group->second.push_back(index_of(block));
        }
    std::string text = "kernel " + kernel_name(call_.signature) +
                       ": some blocks have returned, so that the others wait for ever";
    for (const auto& [doing, blocks] : groups) {
        text +=
            join("\n  ", blocks.size(), blocks.size() == 1 ? " block " : " blocks ", doing, ":");
        for (std::size_t i = 0; i < blocks.size() && i < 6; ++i) text += " " + to_string(blocks[i]);
        if (blocks.size() > 6) text += " ...";
    }
    return text;
}

}  // namespace vitrine::kernels::simt
