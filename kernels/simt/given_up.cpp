// A CUDA thread that no longer comes to the emulator: it spins for ever, or its stack is full. A signal
// handler ends it where it stands, and what it was doing is said here.
#include <cstring>

#include <dlfcn.h>
#include <link.h>

#include "vitrine/kernels/base/error.h"

#include "vitrine/kernels/simt/check/events.h"
#if VITRINE_SIMT_CHECK
#include "vitrine/kernels/simt/check/source_lines.h"
#endif

#include "os_thread.h"
#include "scheduler.h"

namespace vitrine::kernels::simt {

namespace {

// "at softmax_cuda.cu:27" in a build with the checker, which reads debug information; elsewhere "at
// address 0x1234 of prog", what addr2line -e prog 0x1234 translates.
std::string place_of(const void* code) {
#if VITRINE_SIMT_CHECK
    const SourceLine& line = source_line(static_cast<const char*>(code) + 1);
    if (line.line) return "at " + to_string(line);
#endif
    Dl_info info{};
    link_map* module = nullptr;
    if (!dladdr1(code, &info, reinterpret_cast<void**>(&module), RTLD_DL_LINKMAP) || !module)
        return join("at address ", code);  // a static program
    const char* slash = std::strrchr(info.dli_fname, '/');
    return join("at address ", reinterpret_cast<const void*>(static_cast<const char*>(code) - module->l_addr), " of ",
                slash ? slash + 1 : info.dli_fname);
}

}  // namespace

Fiber& Scheduler::running_stack() { return thread_loop.on ? *main_ : *current_->stack; }

bool Scheduler::stack_is_full(const void* faulting_address) {
    if (!thread_loop.on && !current_) return false;
    Fiber& stack = running_stack();
    return stack.is_in_guard(faulting_address) || (stack.is_own() && own_stack_.ends_at(faulting_address));
}

bool Scheduler::runs_on_this_thread() const {
    return pthread_equal(pthread_self(),
                         options_.switch_kind == SwitchKind::os_threads ? OsThread::running() : os_thread_);
}

void Scheduler::forget_frames() {
    Fiber& stack = running_stack();
    if (stack.is_own()) unpoison(reinterpret_cast<const void*>(own_stack_.low), own_stack_.bytes);
    stack.leave();
}

void Scheduler::give_up(GivenUp why, const void* at) {
    given_up_ = why;
    given_up_at_ = at;
    watch_->answer();
    forget_frames();
}

void give_up_if_expired(const void* pc) {
    Scheduler* scheduler = running_scheduler;
    if (scheduler && scheduler->watch().expired() && !scheduler->watch().answered())
        scheduler->give_up(Scheduler::GivenUp::spinning, static_cast<const char*>(pc) - 1);
}

// On the stack of a thread that was given up, whose frames are gone.
void Scheduler::note_given_up() {
#if VITRINE_SIMT_CHECK
    check::running.kernel = false;
#endif
    CudaThread& t = running();
    if (!error_) error_ = std::make_exception_ptr(Error(given_up_text(t)));
    on_return(t);
    current_ = nullptr;
}

std::string Scheduler::given_up_text(const CudaThread& t) {
    const std::string thread = "thread " + to_string(t.index), place = place_of(given_up_at_);
    if (given_up_ == GivenUp::spinning) return out_of_time(thread + " runs on " + place);
    const std::size_t bytes = t.stack->is_own() ? own_stack_.bytes : Fiber::stack_bytes();
    return where() + thread + " has used up its stack of " + std::to_string(bytes / 1024) + " KiB " + place;
}

std::string Scheduler::out_of_time(const std::string& doing) const {
    return where() + join("not done after ", watch_->seconds(), " s of CPU time (VITRINE_SIMT_TIMEOUT), ", doing) +
           census();
}

}  // namespace vitrine::kernels::simt
