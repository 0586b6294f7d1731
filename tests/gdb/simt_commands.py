# Run by gdb in batch mode on step_simt: what every simt command prints, with fibers and with OS threads as stacks.
import os
import re

import gdb


def check(condition, text):
    if condition:
        return
    print("FAILED: " + text)
    gdb.execute("bt")
    gdb.execute("kill")
    gdb.execute("quit 1")


def output_of(command):
    text = gdb.execute(command, to_string=True)
    print("(gdb) " + command)
    print(text, end="")
    return text


def error_of(command):
    try:
        gdb.execute(command, to_string=True)
    except gdb.error as error:
        return str(error)
    return "no error"


def expect(command, want):
    got = output_of(command)
    got = re.sub(r"0x[0-9a-f]{9,}", "ADDRESS", got)
    check(got == want, "%s printed\n%s\nand not\n%s" % (command, got, want))


source = os.path.join(os.environ["VITRINE_SOURCE_DIR"], "tests/gdb/step_simt.cpp")
with open(source) as file:
    lines = file.readlines()
line_of = lambda mark: next(number for number, line in enumerate(lines, 1) if mark in line)
barrier, shuffle, last = line_of("// first barrier"), line_of("// shuffle"), line_of("y[at] = value")
block = "(anonymous namespace)::neighbours(int const*, int*), block (1,0,0)"

gdb.execute("set confirm off")
gdb.execute("set width 0")
gdb.execute("set pagination off")
check("no kernel runs" in error_of("simt threads"), "simt threads before run")

# In the plain loop, before any thread has waited; then in the middle of the shuffle.
gdb.Breakpoint("step_simt.cpp:%d" % barrier, internal=True, temporary=True)
gdb.execute("run", to_string=True)
expect("simt threads", """%s, 64 threads
* (0,0,0)                running at step_simt.cpp:%d
  (1,0,0)..(63,0,0)      not begun
""" % (block.replace("(1,", "(0,"), barrier))
check("has no stack: not begun" in error_of("simt focus 5"), "focus on a thread that has not begun")
check("the block has 64" in error_of("simt focus 64"), "focus on a thread that is none")

# next over a barrier stays in its thread; the others have written by then.
output_of("simt break step_simt.cpp:%d 5,0,0 1,0,0" % barrier)
gdb.execute("continue", to_string=True)
check(str(gdb.parse_and_eval("s[5]")) == "580", "the shared array before the barrier")
gdb.execute("next", to_string=True)
check(gdb.selected_frame().find_sal().line == barrier + 1, "next over a barrier went elsewhere")
check(str(gdb.parse_and_eval("threadIdx.x")) == "5", "next over a barrier left its thread")
check(str(gdb.parse_and_eval("s[5]")) == "1220", "the shared array after the barrier")
if os.environ["VITRINE_SIMT_SWITCH"] == "threads":
    names = output_of("info threads")
    check(all('"t%d,0,0 b1,0"' % t in names for t in range(64)), "info threads lacks a CUDA thread")
gdb.execute("delete")

output_of("simt break step_simt.cpp:%d 3 1" % last)
gdb.execute("continue", to_string=True)
check(str(gdb.parse_and_eval("threadIdx.x")) == "3" and str(gdb.parse_and_eval("blockIdx.x")) == "1", "simt break stopped elsewhere")
expect("simt threads", """%s, 64 threads
  (0,0,0)..(2,0,0)       returned
* (3,0,0)                running at step_simt.cpp:%d
  (4,0,0)..(30,0,0)      may go on after __shfl_xor_sync at step_simt.cpp:%d
  (31,0,0)               returned
  (32,0,0)..(63,0,0)     may go on after __syncthreads at step_simt.cpp:%d
""" % (block, last, shuffle, barrier))
expect("simt warp 0", """%s, warp 0: threads 0 to 31
  0x80000007   4 lanes  returned
  0x00000008   1 lanes  running
  0x7ffffff0  27 lanes  may go on after __shfl_xor_sync at step_simt.cpp:%d
""" % (block, shuffle))

# Thread t has x[64 + t] = 64 + t; after the barrier s[t] = 10 * (64 + 63 - t), and what the neighbour has is added.
want = ""
for t in list(range(3, 31)) + list(range(32, 64)):
    value = 64 + t if t >= 32 else 10 * (127 - t) + (10 * (127 - (t ^ 1)) if t == 3 else 0)
    want += "%s %-12s %d\n" % ("*" if t == 3 else " ", "(%d,0,0)" % t, value)
expect("simt print value", want)

# Another thread's variables, then those of the running one, and on.
text = output_of("simt focus 40,0,0")
check("thread (40,0,0): may go on after __syncthreads at step_simt.cpp:%d" % barrier in text, "simt focus")
check(" = 104" in output_of("print value"), "a variable of thread 40")
trace = output_of("simt bt 40")
check("neighbours" in trace and bool(re.search(r"\bmain ?\(", trace)) == (os.environ["VITRINE_SIMT_SWITCH"] == "assembly"), "simt bt")
output_of("simt focus 41")
gdb.execute("next", to_string=True)
check(str(gdb.parse_and_eval("threadIdx.x")) == "3", "next after simt focus left the thread")
gdb.execute("delete")
output_of("simt focus 41")
gdb.Breakpoint("step_simt.cpp:%d" % line_of("return host[0]"), internal=True, temporary=True)
gdb.execute("continue", to_string=True)
check(str(gdb.parse_and_eval("host[0]")) == "1250", "the kernel went on wrongly after simt focus")
check("no kernel runs" in error_of("simt threads"), "simt threads after the launch")
print("passed")
gdb.execute("kill")
gdb.execute("quit 0")
