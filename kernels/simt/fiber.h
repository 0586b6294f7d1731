// A stack of its own for a waiting CUDA thread, and the switch from one stack to another.
//
// On x86-64 the switch is 15 instructions (8 ns); elsewhere, or with VITRINE_SIMT_SWITCH=ucontext,
// it is the C library's swapcontext(), which makes a system call (200 ns).
#pragma once

#include <cstddef>
#include <memory>

#include <ucontext.h>

#include "sanitizer.h"

#if defined(__x86_64__)
extern "C" void vitrine_simt_switch(void** save_stack_pointer, void* stack_pointer);
#endif

namespace vitrine::kernels::simt {

enum class SwitchKind { assembly, ucontext };
#if defined(__x86_64__)
constexpr SwitchKind fastest_switch = SwitchKind::assembly;
#else
constexpr SwitchKind fastest_switch = SwitchKind::ucontext;
#endif

class Fiber {
public:
    using Entry = void (*)(void* argument, Fiber& self);

    /// The stack that this code runs on.
    explicit Fiber(SwitchKind kind);
    /// A new stack; the first switch to it calls entry(argument, *this), which never returns.
    /// Throws vitrine::Error when the system has no memory or no mappings left.
    Fiber(SwitchKind kind, Entry entry, void* argument);
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    /// Goes on where `next` left off. Returns when something switches back to this one.
    void switch_to(Fiber& next) {
        before_switch(next);
#if VITRINE_SIMT_TSAN
        __tsan_switch_to_fiber(
            next.tsan_fiber_,
            0);  // not in before_switch: it must be left on the stack it was called on
#endif
#if defined(__x86_64__)
        if (kind_ == SwitchKind::assembly)
            vitrine_simt_switch(&stack_pointer_, next.stack_pointer_);
        else
#endif
            swapcontext(context_.get(), next.context_.get());
        after_switch();
    }

    /// A debugger's backtrace of this fiber goes on in the frame whose canonical frame address this
    /// is.
    void set_caller(void* frame) { caller_frame_ = frame; }

    /// First function on the fiber's stack. Only for the code that makes the first switch.
    [[noreturn]] void start();

private:
    void allocate_stack();
    void prepare_first_switch();

#if VITRINE_SIMT_ASAN
    void before_switch(Fiber& next);
    void after_switch();
#else
    void before_switch(Fiber&) {}
    void after_switch() {}
#endif

    void* caller_frame_ =
        nullptr;  // the first member: see the first frame's unwinding rule in fiber.cpp
    void* stack_pointer_ = nullptr;
    std::unique_ptr<ucontext_t> context_;
    SwitchKind kind_;
    Entry entry_ = nullptr;
    void* argument_ = nullptr;
    char* mapping_ = nullptr;  // guard page, then the stack; nullptr: the OS thread's own stack
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
