# Run by gdb in batch mode: for every line of step_ops.cpp that names a formula, how many `step`s lead from the user's
# line, or from the node's backward, to the function that it names, and which frames lie between.
#
#   steps    at most 9
#   between  frames from main's side (or the engine's walk) to kernels/NAME: at most 3, from the walk 4
#   inside   frames in kernels/NAME: at most 2, the entry and the row function or kernel
#
# A line that ends with "over", "over:cpu" or "over:simt" is known not to keep them; it fails when it does.
import os
import re

import gdb

MOST_STEPS, MOST_BETWEEN, MOST_BEHIND_WALK, MOST_INSIDE = 9, 3, 4, 2
GIVE_UP = 20

device = os.environ["VITRINE_GDB_DEVICE"]
root = os.environ["VITRINE_SOURCE_DIR"]
only = os.environ.get("VITRINE_GDB_ONLY", "")
program = root + "/tests/gdb/step_ops.cpp"


def quit_with(code):
    if gdb.selected_inferior().pid:
        gdb.execute("kill", to_string=True)
    gdb.execute("quit %d" % code)


def base_name(function):
    """reduce_rows of vitrine::kernels::(anonymous namespace)::reduce_rows<float, ...>(...)."""
    text = re.sub(r"\(anonymous namespace\)", "", function or "")
    return re.split(r"[<(]", text)[0].split("::")[-1]


def frames():
    """Names and files, innermost first, as bt shows them: without the emulator."""
    result, frame = [], gdb.newest_frame()
    while frame:
        if not is_emulator(frame):
            result.append((frame.name() or "?", file_of(frame)))
        frame = frame.older()
    return result


def count_frames(backward):
    stack = frames()
    kernels = [i for i, (_, file) in enumerate(stack) if "/kernels/" in file and "/kernels/base/" not in file]
    if not kernels:
        return 0, 0
    outer = "Walk::run_node" if backward else None
    for i, (name, file) in enumerate(stack):
        if i > kernels[-1] and (outer in name if backward else file.endswith("step_ops.cpp")):
            return i - kernels[-1] - 1, len(kernels)
    return 99, len(kernels)


def run_to(breakpoint):
    breakpoint.enabled = True
    gdb.execute("continue" if gdb.selected_inferior().pid else "run", to_string=True)
    breakpoint.enabled = False
    if not gdb.selected_inferior().pid:
        print("FAILED: the program ended before " + breakpoint.location)
        quit_with(1)


def stands_at(number):
    if gdb.selected_inferior().pid == 0:
        return False
    sal = gdb.newest_frame().find_sal()
    return sal.line == number and sal.symtab is not None and sal.symtab.filename.endswith("step_ops.cpp")


def steps_to(formula, trail, lines):
    for count in range(1, GIVE_UP + 1):
        gdb.execute("step", to_string=True)
        frame = gdb.newest_frame()
        trail.append("%s:%d %s" % (os.path.basename(file_of(frame)), frame.find_sal().line, base_name(frame.name())))
        if base_name(frame.name()) == formula:
            return count
        if trail[-1].startswith("step_ops.cpp") and frame.find_sal().line in lines:
            return None  # the next case
    return None


def cases():
    with open(program) as source:
        for number, line in enumerate(source, 1):
            found = re.match(r"\s+(.*;) +// (\w+) (\w+)( over| over:\w+)?$", line)
            if found:
                over = found.group(4) in (" over", " over:" + device)
                yield number, found.group(1), found.group(2 if device == "cpu" else 3), over


gdb.execute("set breakpoint pending on")
gdb.execute("set confirm off")
gdb.execute("set pagination off")
walk_line = next(n for n, line in enumerate(open(root + "/core/backward.cpp"), 1) if "node.backward({" in line)
walk = gdb.Breakpoint("backward.cpp:%d" % walk_line, internal=True)
walk.enabled = False
failed = 0
lines = {number for number, _, _, _ in cases()}
print("steps between inside  on " + device)
for number, line, formula, over in cases():
    if only and not re.search(only, formula) and not re.search(only, line):
        continue
    if not stands_at(number):  # a step too many has brought it there
        at_line = gdb.Breakpoint("step_ops.cpp:%d" % number, internal=True)
        run_to(at_line)
        at_line.delete()
    backward = line.startswith("gradient")
    trail = []
    if backward:
        run_to(walk)
        gdb.execute("step", to_string=True)
    steps = steps_to(formula, trail, lines - {number})
    between, inside = count_frames(backward)
    good = steps is not None and steps <= MOST_STEPS and inside <= MOST_INSIDE and \
        between <= (MOST_BEHIND_WALK if backward else MOST_BETWEEN)
    remark = "" if good and not over else "   over the limits" if over and not good else "   <-- within the limits now" if good else "   <-- too many"
    print("%5s %7d %6d  %-26s %s%s" % (steps or "-", between, inside, formula, line, remark))
    if good == over:
        failed += 1
    if not good and os.environ.get("VITRINE_GDB_TRAIL"):
        print("      " + "\n      ".join(trail))
print("FAILED: %d" % failed if failed else "passed")
quit_with(1 if failed else 0)
