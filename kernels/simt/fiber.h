// A stack of its own for a waiting CUDA thread, and the switch from one stack to another:
//
//     assembly     x86-64 and AArch64: a dozen instructions of our own (8 ns)
//     ucontext     anywhere: the C library's swapcontext(), which makes a system call (200 ns)
//     os_threads   each stack is an OS thread's, and a switch hands over a semaphore (3 us): debuggers
//                  list the CUDA threads; in builds with one worker
#pragma once

#include <csetjmp>
#include <cstddef>
#include <memory>

#include <ucontext.h>

#include "vitrine/config.h"

#include "sanitizer.h"

#if defined(__x86_64__) || defined(__aarch64__)
#define VITRINE_SIMT_ASSEMBLY 1
// In fiber_ARCHITECTURE.cpp. The first saves the running stack's registers on it and stores its
// pointer, then takes over the other stack. The second lays out a new stack for the first.
extern "C" {
void vitrine_simt_switch(void** save_stack_pointer, void* stack_pointer);
void* vitrine_simt_new_stack(char* top, void* fiber);
}
#else
#define VITRINE_SIMT_ASSEMBLY 0
#endif

namespace vitrine::kernels::simt {

enum class SwitchKind { assembly, ucontext, os_threads };
constexpr SwitchKind fastest_switch = VITRINE_SIMT_ASSEMBLY ? SwitchKind::assembly : SwitchKind::ucontext;

/// The function that a debugger's backtrace of a fiber goes on behind.
struct CallerFrame {
    void* canonical_address;  ///< of its frame: the stack pointer before it was called
    void* record;             ///< its __builtin_frame_address(0)
};

class OsThread;

class Fiber {
public:
    using Entry = void (*)(void* argument, Fiber& self);

    /// The stack that this code runs on.
    explicit Fiber(SwitchKind kind);
    /// A new stack; the first switch to it calls entry(argument, *this), which never returns.
    /// Throws vitrine::Error when the system has no memory, mappings or threads left.
    Fiber(SwitchKind kind, Entry entry, void* argument);
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    /// Goes on where `next` left off. Returns when something switches back to this one.
    void switch_to(Fiber& next) {
        if (kind_ == SwitchKind::os_threads) return hand_over(next);
        before_switch(next);
#if VITRINE_SIMT_TSAN
        __tsan_switch_to_fiber(next.tsan_fiber_,
                               0);  // not in before_switch: it must be left on the stack it was called on
#endif
#if VITRINE_SIMT_ASSEMBLY
        if (kind_ == SwitchKind::assembly)
            vitrine_simt_switch(&stack_pointer_, next.stack_pointer_);
        else
#endif
            swapcontext(context_.get(), next.context_.get());
        after_switch();
    }

    /// Whether it is the OS thread's own stack.
    bool is_own() const { return !mapping_; }

    void set_caller(const CallerFrame& frame) { caller_ = frame; }

    /// Calls body(). False when leave() ended it.
    template <class Body>
    bool run(Body body) {
        if (_setjmp(before_body_) != 0) return false;
        body();
        return true;
    }
    /// Goes back to the run() that is under way on this, the running stack. What lies between is
    /// forgotten, not unwound. May be called by a signal handler.
    [[noreturn]] void leave();

    /// Whether a fault at `address` says that this stack is full. Not for an OS thread's own stack.
    bool is_in_guard(const void* address) const;
    static std::size_t stack_bytes();

    /// A debugger's name for what this stack runs: the OS thread's, if it is one.
    void set_name(const char* name);

    /// First function on the fiber's stack. Only for the code that makes the first switch.
    [[noreturn]] void start();

private:
    friend class OsThread;
    void allocate_stack();
    char* stack() const;
    void hand_over(Fiber& next);

#if VITRINE_SIMT_ASAN
    void before_switch(Fiber& next);
    void after_switch();
#else
    void before_switch(Fiber&) {}
    void after_switch() {}
#endif

    CallerFrame caller_{};  // the first member: see the first frame's unwinding rule in fiber_*.cpp
    void* stack_pointer_ = nullptr;
    SwitchKind kind_;
    std::unique_ptr<ucontext_t> context_;
    std::unique_ptr<OsThread> thread_;
    Entry entry_ = nullptr;
    void* argument_ = nullptr;
    char* mapping_ = nullptr;  // guard, then the stack; nullptr: the OS thread's own stack
    jmp_buf before_body_;
#if VITRINE_SIMT_ASAN
    void* fake_stack_ = nullptr;
    const void* bottom_ = nullptr;
    std::size_t bytes_ = 0;
#endif
#if VITRINE_SIMT_TSAN
    void* tsan_fiber_ = nullptr;
#endif
};

}  // namespace vitrine::kernels::simt
