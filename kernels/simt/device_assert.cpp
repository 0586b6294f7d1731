// assert() in a kernel. The macro of <cassert> calls this function of the C library, in whose place
// this one comes: inside of a kernel it ends the thread and the launch with vitrine::Error,
// elsewhere the program, as ever. The compiler takes it for one that throws nothing, so that the
// thread's stack is forgotten and not unwound.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "vitrine/kernels/simt/check/events.h"
#include "scheduler.h"

namespace vitrine::kernels::simt {
namespace {

void note_false(const char* expression, const Site& site) {
    const check::Pause pause;
    running_scheduler->note_failure("thread " + to_string(threadIdx) + ", " + to_string(site) +
                                    ": " + expression + " is false");
}

}  // namespace
}  // namespace vitrine::kernels::simt

extern "C" [[noreturn]] void __assert_fail(const char* expression, const char* file, unsigned line,
                                           const char* function) {
    using namespace vitrine::kernels::simt;
    if (running_scheduler && running_scheduler->runs_on_this_thread()) {
        note_false(expression, {"assert", file, static_cast<int>(line)});
        running_scheduler->abandon_thread();
    }
    std::fprintf(stderr, "%s: %s:%u: %s: Assertion `%s' failed.\n", program_invocation_short_name,
                 file, line, function, expression);
    std::abort();
}
