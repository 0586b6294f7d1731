#include "scheduler.h"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "vitrine/kernels/base/error.h"

#include "vitrine/kernels/simt/check/events.h"
#include "grid.h"

constinit VITRINE_SIMT_PER_WORKER uint3 threadIdx{};
constinit VITRINE_SIMT_PER_WORKER uint3 blockIdx{};
constinit VITRINE_SIMT_PER_WORKER dim3 blockDim{};
constinit VITRINE_SIMT_PER_WORKER dim3 gridDim{};

namespace vitrine::kernels::simt {

constinit VITRINE_SIMT_PER_WORKER ThreadLoop thread_loop{};
constinit VITRINE_SIMT_PER_WORKER Scheduler* running_scheduler = nullptr;

void Scheduler::Free::operator()(unsigned char* memory) const {
    unpoison(memory, most_shared_bytes);
    std::free(memory);
}

void Scheduler::begin(dim3 grid, dim3 block, std::size_t shared_bytes, const KernelCall& call,
                      const Options& options, Fiber& main, Watch& watch) {
    gridDim = grid;
    blockDim = block;
    call_ = call;
    options_ = options;
    main_ = &main;
    grid_ = nullptr;
    watch_ = &watch;
    own_stack_ = OwnStack::of_this_thread();
    os_thread_ = pthread_self();
    if (fibers_kind_ != options.switch_kind) {
        idle_fibers_.clear();
        fibers_.clear();
        fibers_kind_ = options.switch_kind;
    }

    if (shape_.x != block.x || shape_.y != block.y || shape_.z != block.z || count_ == 0) {
        shape_ = block;
        count_ = block.x * block.y * block.z;
        warp_count_ = (count_ + warp_size - 1) / warp_size;
        for (unsigned i = 0; i < count_; ++i) {
            threads_[i].index = {i % block.x, i / block.x % block.y, i / (block.x * block.y)};
            threads_[i].linear = i;
        }
        for (unsigned w = 0; w < warp_count_; ++w) {
            const unsigned lanes = count_ - w * warp_size;
            warps_[w].exists = lanes >= warp_size ? ~0u : (1u << lanes) - 1;
        }
    }

    shared_bytes_ = shared_bytes;
    if (shared_bytes) {
        if (!shared_)
            shared_.reset(static_cast<unsigned char*>(std::aligned_alloc(1024, most_shared_bytes)));
        if (!shared_) throw OutOfMemory("simt: no memory for dynamic shared memory");
        unpoison(shared_.get(), shared_bytes);
        poison(shared_.get() + shared_bytes, most_shared_bytes - shared_bytes);
    }
}

void Scheduler::run_block(std::uint64_t number) {
    watch_->next_block();
    const std::uint64_t row = number / gridDim.x;
    blockIdx = {static_cast<unsigned>(number % gridDim.x), static_cast<unsigned>(row % gridDim.y),
                static_cast<unsigned>(row / gridDim.y)};
    if (shared_bytes_)
        std::memset(shared_.get(), 0xff, shared_bytes_);  // NaN: reading before writing shows
    check::block_begins(number, shared_.get(), shared_bytes_);
    random_ = (options_.seed + 1) * 0x9e3779b97f4a7c15u ^ (number + 1) * 0xd1b54a32d192ed03u;
    error_ = nullptr;
    for (AsyncCopies& copies : copies_) copies.clear();
    caller_frame_ = {__builtin_dwarf_cfa(), __builtin_frame_address(0)};
    if (!main_->run([this] { run_threads(); })) note_given_up();
    if (error_) {
        unwind_waiting();
        std::rethrow_exception(std::exchange(error_, nullptr));
    }
}

void Scheduler::run_threads() {
    // Names of OS threads are not given in the plain loop.
    if (options_.order == Order::forward && options_.switch_kind != SwitchKind::os_threads) {
        thread_loop = {true, 0};
        run_kernel([this] { call_.each_thread(call_.arguments, blockDim); });
        if (std::exchange(thread_loop.on, false)) {  // no thread waited
            if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
            return;
        }
    } else {
        reset_block();
    }
    current_ = next_or_deadlock();
    run_fresh_threads(*main_);
}

void Scheduler::reset_block() {
    for (unsigned w = 0; w < warp_count_; ++w) {
        Warp& warp = warps_[w];
        warp.ready = warp.fresh = warp.exists;
        warp.at_barrier = warp.in_meeting = warp.returned = 0;
        warp.in_loop = warp.converging = 0;
        warp.meetings = 0;
    }
    ready_warps_ = warp_count_ == most_warps ? ~0u : (1u << warp_count_) - 1;
    alive_ = count_;
    barrier_ = {};
    main_parked_ = false;
}

// The thread loop met its first waiting thread: write down what it left implicit. The threads
// before this one have returned, this one runs on the main stack, the others are fresh.
void Scheduler::begin_scheduling() {
    thread_loop.on = false;
    reset_block();
    current_ = &threads_[thread_loop.thread];
    for (unsigned i = 0; i <= current_->linear; ++i) {
        const CudaThread& t = threads_[i];
        warps_[t.warp()].ready &= ~t.bit();
        if (&t != current_) warps_[t.warp()].returned |= t.bit();
    }
    for (unsigned w = 0; w < warp_count_; ++w) {
        warps_[w].fresh = warps_[w].ready;
        if (!warps_[w].ready) ready_warps_ &= ~(1u << w);
    }
    alive_ = count_ - current_->linear;
    current_->stack = main_;
}

CudaThread& Scheduler::running() {
    if (thread_loop.on) begin_scheduling();
    return *current_;
}

// Calls the kernel as the current thread (the thread loop: as all), and notes how it ended.
template <class Body>
void Scheduler::run_kernel(Body body) {
    try {
        const check::KernelRuns runs(__builtin_frame_address(0));
        body();
    } catch (const Unwind&) {
    } catch (...) {
        if (!error_) error_ = std::current_exception();
    }
    if (!thread_loop.on) on_return(*current_);
}

void Scheduler::stop(const std::string& what) {
    stop(std::make_exception_ptr(Error(where() + what)));
}

void Scheduler::stop(std::exception_ptr error) {
#if VITRINE_SIMT_CHECK  // g++ and clang take the callbacks that come here for ones that never throw
    running();
    if (!error_) error_ = std::move(error);
    forget_frames();
#else
    std::rethrow_exception(std::move(error));
#endif
}

void Scheduler::note_failure(const std::string& what) {
    running();
    if (!error_) error_ = std::make_exception_ptr(Error(where() + what));
}

void Scheduler::run_fresh_threads(Fiber& stack) {
    while (current_) {
        CudaThread& t = *current_;
        if (is_fresh(t)) {
            warps_[t.warp()].fresh &= ~t.bit();
            t.stack = &stack;
            name_stack(stack, t);
            check::thread_runs(t.linear);
            run_kernel([this] { call_.once(call_.arguments); });
            current_ = next_or_deadlock();
        } else {
            park(stack);
            stack.switch_to(
                *t.stack);  // comes back with a fresh thread to run on this stack, or none
        }
    }
}

void Scheduler::fiber_main(void* scheduler, Fiber& self) {
    auto& s = *static_cast<Scheduler*>(scheduler);
    for (;;) {
        if (!self.run([&] { s.run_fresh_threads(self); })) s.note_given_up();
        s.park(self);
        self.switch_to(*s.main_);  // the block is over
    }
}

// After a thread has returned: the next one. None when all have returned or after an error.
CudaThread* Scheduler::next_or_deadlock() {
    if (error_) return nullptr;
    CudaThread* next = take_next();
    if (!next && alive_) error_ = std::make_exception_ptr(Error(deadlock()));
    return next;
}

// The running thread goes on when the others have brought it what it waits for.
void Scheduler::wait() {
    const check::Pause pause;
    check::thread_pauses();
    CudaThread& self = *current_;
    CudaThread* next = take_next();
    if (!next) throw Error(deadlock());
    if (next == &self) return;
    Fiber& stack = is_fresh(*next) ? idle_stack() : *next->stack;
    current_ = next;
    self.stack->switch_to(stack);
    if (error_) {
        current_ = &self;
        throw Unwind();
    }
}

namespace {
unsigned lowest(unsigned mask) { return static_cast<unsigned>(std::countr_zero(mask)); }
unsigned highest(unsigned mask) { return 31 - static_cast<unsigned>(std::countl_zero(mask)); }
unsigned any(unsigned mask, std::uint64_t& random) {
    random ^= random << 13;  // xorshift64
    random ^= random >> 7;
    random ^= random << 17;
    for (auto skip = random % static_cast<unsigned>(std::popcount(mask)); skip > 0; --skip)
        mask &= mask - 1;
    return lowest(mask);
}
}  // namespace

// The ready thread that is first in the order; it then is the one that runs. nullptr: none is
// ready.
CudaThread* Scheduler::take_next() {
    if (!ready_warps_ && !release_last()) return nullptr;
    const auto choose = [this](unsigned mask) {
        if (options_.order == Order::forward) return lowest(mask);
        if (options_.order == Order::reverse) return highest(mask);
        return any(mask, random_);
    };
    const unsigned w = choose(ready_warps_);
    Warp& warp = warps_[w];
    CudaThread& next = threads_[w * warp_size + choose(warp.ready)];
    warp.ready &= ~next.bit();
    if (!warp.ready) ready_warps_ &= ~(1u << w);
    threadIdx = next.index;
    return &next;
}

Fiber& Scheduler::idle_stack() {
    if (std::exchange(main_parked_, false)) return *main_;
    if (idle_fibers_.empty()) {
        fibers_.push_back(std::make_unique<Fiber>(options_.switch_kind, &fiber_main, this));
        idle_fibers_.push_back(fibers_.back().get());
    }
    Fiber& fiber = *idle_fibers_.back();
    idle_fibers_.pop_back();
    fiber.set_caller(caller_frame_);
    return fiber;
}

void Scheduler::park(Fiber& stack) {
    if (options_.switch_kind == SwitchKind::os_threads) stack.set_name("simt idle");
    if (&stack == main_)
        main_parked_ = true;
    else
        idle_fibers_.push_back(&stack);
}

// "t3,0,0 b1,0", for debuggers; without zeros at the end where Linux's 15 characters are too few.
void Scheduler::name_stack(Fiber& stack, const CudaThread& t) {
    if (options_.switch_kind != SwitchKind::os_threads) return;
    const auto list = [](unsigned x, unsigned y, unsigned z, bool short_form) {
        std::string text = std::to_string(x);
        if (y || z || !short_form) text += "," + std::to_string(y);
        if (z) text += "," + std::to_string(z);
        return text;
    };
    const auto name = [&](bool short_form) {
        const std::string block = list(blockIdx.x, blockIdx.y, blockIdx.z, short_form);
        std::string thread = list(t.index.x, t.index.y, t.index.z, short_form);
        if (!short_form && !t.index.z) thread += ",0";
        return "t" + thread + " b" + block;
    };
    const std::string whole = name(false);
    stack.set_name((whole.size() <= 15 ? whole : name(true)).c_str());
}

// Resumes every thread that still waits, so that wait() throws Unwind through it. The main stack
// runs no thread now.
void Scheduler::unwind_waiting() {
    for (unsigned i = 0; i < count_; ++i) {
        CudaThread& t = threads_[i];
        const Warp& warp = warps_[t.warp()];
        if ((warp.fresh | warp.returned) & t.bit()) continue;
        current_ = &t;
        main_->switch_to(*t.stack);
    }
}

}  // namespace vitrine::kernels::simt
