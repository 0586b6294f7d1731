// How a kernel that no longer calls the emulator is brought back to it: one whose stack is full, and
// one that spins for ever. These are the library's only signal handlers. They are installed while a
// launch is under way, and what is not meant for them goes to the handlers from before. A thread may be
// given up where it is in the kernel's own code; in a library interrupt() has no effect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <pthread.h>

namespace vitrine::kernels::simt {

/// As long as it exists, signal handlers of this OS thread run on a stack of their own.
class AlternateStack {
public:
    AlternateStack();
    ~AlternateStack();
    AlternateStack(const AlternateStack&) = delete;
    AlternateStack& operator=(const AlternateStack&) = delete;

private:
    std::unique_ptr<unsigned char[]> memory_;  // nullptr: the thread had one
};

/// The stack that the operating system gave to this OS thread.
struct OwnStack {
    std::uintptr_t low = 0;
    std::size_t bytes = 0;
    static OwnStack of_this_thread();
    /// Whether a fault at `address` says that it is full.
    bool ends_at(const void* address) const;
};

/// As long as one exists, a full stack of a running kernel is an error of its launch (SIGSEGV), and
/// interrupt() works. The last one puts back the handlers from before.
class SignalHandlers {
public:
    SignalHandlers();
    ~SignalHandlers();
    SignalHandlers(const SignalHandlers&) = delete;
    SignalHandlers& operator=(const SignalHandlers&) = delete;
};

/// Makes the OS thread `running` give up its CUDA thread, if it is in the module of `code`; returns
/// before that. To be called again: it may be in a library just now. The signal is SIGURG, which
/// programs ignore.
void interrupt(pthread_t running, const void* code);

}  // namespace vitrine::kernels::simt
