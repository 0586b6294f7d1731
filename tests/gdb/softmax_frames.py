# Run by gdb in batch mode: the frame rule of the house, for softmax forward and backward on one device.
#
#   forward    user's line -> at most 3 frames -> kernels/softmax/: the entry, and the row function or kernel
#   backward   the engine's walk -> at most 4 frames -> the same
import os
import re

import gdb

device = os.environ["VITRINE_GDB_DEVICE"]


def check(condition, text):
    if condition:
        return
    print("FAILED: " + text)
    gdb.execute("bt")
    gdb.execute("kill")
    gdb.execute("quit 1")


def frames():
    """Function names and files, innermost first, as bt shows them: without the emulator."""
    result, frame = [], gdb.newest_frame()
    while frame:
        if not is_emulator(frame):
            result.append((frame.name() or "?", file_of(frame)))
        frame = frame.older()
    return result


def check_frames(direction, outer, most_between):
    stack = frames()
    inside = [name for name, file in stack if "/kernels/softmax/" in file]
    first_outside = len(inside)
    check(all("/kernels/softmax/" in file for _, file in stack[:first_outside]), "frames of others inside kernels/softmax")
    at = next((i for i, (name, _) in enumerate(stack) if outer in name), None)
    check(at is not None, outer + " is not on the stack")
    between = stack[first_outside:at]
    print("%s on %s: %s | %s" % (direction, device, " <- ".join(inside), " <- ".join(name for name, _ in between)))
    check(len(inside) <= 2, "more than two frames in kernels/softmax")
    check(len(between) <= most_between, "more than %d frames between %s and kernels/softmax" % (most_between, outer))


def line_of(file, text):
    with open(file) as source:
        for number, line in enumerate(source, 1):
            if text in line:
                return "%s:%d" % (os.path.basename(file), number)
    check(False, "no line '%s' in %s" % (text, file))


def run_to(place, condition=""):
    breakpoint = gdb.Breakpoint(place, internal=True)
    if condition:
        breakpoint.condition = condition
    gdb.execute("continue" if gdb.selected_inferior().pid else "run", to_string=True)
    check(gdb.selected_inferior().pid != 0, "the program never came to " + place)
    breakpoint.delete()


def page(heading):
    """The lines of a section of docs/debugging.md."""
    with open(root + "/docs/debugging.md") as source:
        return source.read().split("\n## " + heading + "\n")[1].split("\n## ")[0].splitlines()


def check_shown_stack(heading):
    """The bt of that section names these frames, at these lines."""
    shown = [re.match(r"#\d+ +([\w:]+).* at (\S+):(\d+)$", line) for line in page(heading)]
    shown = [found.groups() for found in shown if found]
    real, frame = [], gdb.newest_frame()
    while frame:
        if not is_emulator(frame):
            real.append((frame.name() or "?", file_of(frame), frame.find_sal().line))
        frame = frame.older()
    check(len(real) == len(shown), "the page shows %d frames, there are %d" % (len(shown), len(real)))
    for (name, file, line), (real_name, real_file, real_line) in zip(shown, real):
        check(name in real_name and real_file.endswith(file.replace("core/dispatch.h", "dispatch.h")) and int(line) == real_line,
              "the page shows %s at %s:%s, it is %s at %s:%d" % (name, file, line, real_name, real_file, real_line))


def check_shown_steps(heading):
    """From a line of the program, each step of that section comes to the line that is shown."""
    lines = page(heading)
    shown = [lines[i + 1].split("\t")[0] for i, line in enumerate(lines) if line == "(gdb) step"]
    check(len(shown) == 9, "the page shows %d steps" % len(shown))
    for number in shown:
        gdb.execute("step", to_string=True)
        real = gdb.newest_frame().find_sal().line
        check(str(real) == number, "a step comes to line %d, the page shows %s" % (real, number))
    check("softmax_forward_kernel" in gdb.newest_frame().name(), "the steps shown do not end in the kernel")


root = os.environ["VITRINE_SOURCE_DIR"]
gdb.execute("set breakpoint pending on")
gdb.execute("set confirm off")
if device == "cpu":
    run_to(line_of(root + "/kernels/softmax/softmax_cpu.cpp", "y[j] *= one_over_sum"))
    check_frames("forward", "main", 3)
    run_to(line_of(root + "/kernels/softmax/softmax_cpu.cpp", "dx[j] = y[j] * (dy[j] - dot)"))
    check_frames("backward", "Walk::run_node", 4)
else:
    kernel = root + "/kernels/softmax/softmax_cuda.cu"
    thread = "threadIdx.x == 3 && blockIdx.x == 1"
    run_to(line_of(root + "/tests/gdb/step_softmax.cpp", "softmax(x, 1)"))
    check_shown_steps("From your line to the formula")
    run_to(line_of(kernel, "sum = block_reduce(sum, T(0), ReduceAdd{}, part)"), thread)
    check_frames("forward", "main", 3)
    check_shown_stack("A CUDA kernel, on a machine without a GPU")
    check(str(gdb.parse_and_eval("threadIdx.x")) == "3", "threadIdx is not 3")

    # Around the first barrier of block_reduce: before it warp 0 has written its partial sum, after it all four have.
    run_to(line_of(root + "/kernels/base/gpu_reduce.h", "__syncthreads();"), thread)
    before = [float(gdb.parse_and_eval("buffer[%d]" % warp)) for warp in range(4)]
    print("shared array before the barrier: " + str(before))
    gdb.execute("next", to_string=True)
    check(str(gdb.parse_and_eval("threadIdx.x")) == "3", "next over a barrier left the thread")
    after = [float(gdb.parse_and_eval("buffer[%d]" % warp)) for warp in range(4)]
    print("shared array after the barrier:  " + str(after))
    check(before != after, "the shared array did not change at the barrier")
    check(after[1:] == [0, 0, 0] and 1 < after[0] < 2, "the partial sums are wrong")

    run_to("SoftmaxNode::backward")
    check_shown_stack("A backward")
    run_to(line_of(kernel, "dxr[j] = log ?"), thread)
    check_frames("backward", "Walk::run_node", 4)
print("passed")
gdb.execute("kill")
gdb.execute("quit 0")
