#include "volatile_loops.h"

#include "vitrine/kernels/simt/scheduler.h"

#include "events.h"
#include "source_lines.h"

namespace vitrine::kernels::simt::check {

namespace {

constexpr int reads_of_a_waiting_loop = 100;

struct Reads {
    unsigned thread;
    int in_a_row;
};
constinit Reads reads{};

}  // namespace

void note_volatile_read(const void* pc) {
    if (reads.thread != running.thread) reads = {running.thread, 0};
    if (++reads.in_a_row < reads_of_a_waiting_loop) return;
    reads.in_a_row = 0;
    const Pause pause;
    const SourceLine& line = source_line(pc);
    running_scheduler->yield_or_abandon({"volatile read", line.file.c_str(), line.line});
}

}  // namespace vitrine::kernels::simt::check
