#include "signals.h"

#include <atomic>
#include <csignal>
#include <mutex>

#include <link.h>
#include <ucontext.h>

#include "scheduler.h"

namespace vitrine::kernels::simt {

namespace {

constexpr std::size_t alternate_bytes = 64 * 1024;

const void* interrupted_at(const void* context) {
    const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    return reinterpret_cast<const void*>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
    return reinterpret_cast<const void*>(machine.pc);
#else
#error "where the program counter is in a signal's context of this architecture"
#endif
}

// One signal that the emulator handles for a while.
struct Handled {
    const int number;
    struct sigaction before {};
    bool on = false;

    void install(void (*handler)(int, siginfo_t*, void*)) {
        if (on) return;
        struct sigaction ours {};
        ours.sa_sigaction = handler;
        // It jumps away: the signal must not stay blocked.
        ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
        sigemptyset(&ours.sa_mask);
        on = sigaction(number, &ours, &before) == 0;
    }
    void remove(void (*handler)(int, siginfo_t*, void*)) {
        struct sigaction now {};
        if (!on || sigaction(number, &before, &now) != 0) return;
        if (now.sa_sigaction != handler) sigaction(number, &now, nullptr);  // somebody else's
        on = false;
    }
    void pass_on(siginfo_t* info, void* context) {
        if (before.sa_flags & SA_SIGINFO)
            before.sa_sigaction(number, info, context);
        else if (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN)
            sigaction(number, &before, nullptr);  // and the instruction faults again
        else
            before.sa_handler(number);
    }
};

Handled fault{SIGSEGV}, call{SIGURG};
std::mutex handlers_mutex;
int handlers = 0;
std::atomic<std::uintptr_t> code_begin{0}, code_end{0};  // where a thread may be given up

void on_fault(int, siginfo_t* info, void* context) {
    Scheduler* scheduler = running_scheduler;
    if (scheduler && scheduler->stack_is_full(info->si_addr))
        scheduler->give_up(Scheduler::GivenUp::full_stack, interrupted_at(context));
    fault.pass_on(info, context);
}

void on_call(int, siginfo_t*, void* context) {
    Scheduler* scheduler = running_scheduler;
    const void* at = interrupted_at(context);
    const auto place = reinterpret_cast<std::uintptr_t>(at);
    if (scheduler && scheduler->runs_on_this_thread() && scheduler->watch().expired() &&
        !scheduler->watch().answered() && place >= code_begin && place < code_end)
        scheduler->give_up(Scheduler::GivenUp::spinning, at);
}

// The part of the module with `code` that holds machine code.
int find_code(dl_phdr_info* module, std::size_t, void* code) {
    const auto place = reinterpret_cast<std::uintptr_t>(code);
    for (int i = 0; i < module->dlpi_phnum; ++i) {
        const auto& part = module->dlpi_phdr[i];
        const std::uintptr_t begin = module->dlpi_addr + part.p_vaddr;
        if (part.p_type != PT_LOAD || !(part.p_flags & PF_X) || place < begin || place >= begin + part.p_memsz)
            continue;
        code_begin = begin;
        code_end = begin + part.p_memsz;
        return 1;
    }
    return 0;
}

}  // namespace

AlternateStack::AlternateStack() {
    stack_t now{};
    if (sigaltstack(nullptr, &now) != 0 || !(now.ss_flags & SS_DISABLE)) return;
    memory_ = std::make_unique<unsigned char[]>(alternate_bytes);
    now.ss_sp = memory_.get();
    now.ss_size = alternate_bytes;
    now.ss_flags = 0;
    sigaltstack(&now, nullptr);
}

AlternateStack::~AlternateStack() {
    if (!memory_) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
}

OwnStack OwnStack::of_this_thread() {
    static thread_local OwnStack stack;  // asking takes 50 us on a program's first thread
    if (stack.low) return stack;
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return stack;
    void* low = nullptr;
    pthread_attr_getstack(&attributes, &low, &stack.bytes);
    pthread_attr_destroy(&attributes);
    stack.low = reinterpret_cast<std::uintptr_t>(low);
    return stack;
}

bool OwnStack::ends_at(const void* address) const {
    constexpr std::uintptr_t below = 1024 * 1024, above = 64 * 1024;
    const auto place = reinterpret_cast<std::uintptr_t>(address);
    return low != 0 && place + below >= low && place < low + above;
}

SignalHandlers::SignalHandlers() {
    const std::lock_guard lock(handlers_mutex);
    if (handlers++ == 0) fault.install(&on_fault);
}

SignalHandlers::~SignalHandlers() {
    const std::lock_guard lock(handlers_mutex);
    if (--handlers != 0) return;
    fault.remove(&on_fault);
    call.remove(&on_call);
}

void interrupt(pthread_t running, const void* code) {
    if (!dl_iterate_phdr(&find_code, const_cast<void*>(code))) return;
    const std::lock_guard lock(handlers_mutex);
    call.install(&on_call);
    pthread_kill(running, SIGURG);
}

}  // namespace vitrine::kernels::simt
