# The threads of a CUDA kernel that runs on simt. One of them runs; the others wait on stacks of their own, have
# returned, or have not begun.
#
#   simt threads                  what each thread of the block does, and where
#   simt print EXPR               EXPR in the kernel's frame of every thread that has begun
#   simt focus N                  print, info locals, up and bt are about thread N until the program goes on
#   simt focus                    back to the running thread
#   simt bt N                     thread N's backtrace
#   simt break LOC THREAD BLOCK   a breakpoint for one thread of one block
#   simt warp N                   the lanes of warp N by state, and the operations they wait in
#
# N, THREAD and BLOCK are a number, or coordinates: 35, 3,1,0. THREAD and BLOCK are compared by coordinates.
import gdb

LANES = 32
RESUMING = ("continue", "step", "next", "finish", "until", "advance", "stepi", "nexti", "jump", "kill", "detach", "run")


def coordinates(index):
    return "(%d,%d,%d)" % (index["x"], index["y"], index["z"])


def text_of_site(site):
    return "%s at %s:%d" % (site["operation"].string(), site["file"].string().rsplit("/", 1)[-1], site["line"])


def is_libc(frame):
    library = gdb.solib_name(frame.pc())
    return library is not None and library.rsplit("/", 1)[-1].startswith(("libc.", "libpthread", "ld-"))


def kernel_frame():
    """Of the selected stack: the innermost frame that is not the emulator's, nor of a semaphore that it waits in."""
    frame = gdb.newest_frame()
    while frame and (is_emulator(frame) or is_libc(frame)):
        frame = frame.older()
    if frame is None:
        raise gdb.GdbError("simt: no kernel on this stack")
    return frame


class Block:
    """The block that runs, read from the program's memory."""

    def __init__(self):
        self.scheduler = gdb.parse_and_eval("vitrine::kernels::simt::running_scheduler")
        if int(self.scheduler) == 0:
            raise gdb.GdbError("simt: no kernel runs")
        loop = gdb.parse_and_eval("vitrine::kernels::simt::thread_loop")
        self.in_loop, self.loop_thread = bool(loop["on"]), int(loop["thread"])
        self.count = int(self.scheduler["count_"])
        current = self.scheduler["current_"]
        self.running = self.loop_thread if self.in_loop else int(current["linear"]) if int(current) else None

    def thread(self, number):
        return self.scheduler["threads_"][number]

    def warp(self, number):
        return self.scheduler["warps_"][number]

    def name(self):
        kernel = gdb.block_for_pc(int(self.scheduler["call_"]["kernel"])).function
        return "%s, block %s" % (kernel.name if kernel else "?", coordinates(gdb.parse_and_eval("blockIdx")))

    def number_of(self, text):
        """35, or 3,1,0: a thread's linear number."""
        try:
            parts = [int(part) for part in text.split(",")]
        except ValueError:
            raise gdb.GdbError("simt: %s is no thread; a number, or x,y,z" % text)
        number = parts[0]
        if len(parts) > 1:
            shape = gdb.parse_and_eval("blockDim")
            x, y, z = (parts + [0, 0])[:3]
            if x >= int(shape["x"]) or y >= int(shape["y"]):
                raise gdb.GdbError("simt: the block is %s" % coordinates(shape))
            number = x + int(shape["x"]) * (y + int(shape["y"]) * z)
        if not 0 <= number < self.count:
            raise gdb.GdbError("simt: thread %s; the block has %d" % (text, self.count))
        return number

    def state(self, number):
        """(what it does, whether it has a stack)"""
        if number == self.running:
            return "running", True
        if self.in_loop:
            return ("returned", False) if number < self.loop_thread else ("not begun", False)
        thread, warp, bit = self.thread(number), self.warp(number // LANES), 1 << number % LANES
        if int(warp["returned"]) & bit:
            return "returned", False
        if int(warp["fresh"]) & bit:
            return "not begun", False
        place = text_of_site(thread["site"].dereference())
        if int(warp["ready"]) & bit:
            return "may go on after " + place, True
        if int(warp["in_meeting"]) & bit:
            return "in %s (mask 0x%08x)" % (place, int(thread["mask"])), True
        return "in " + place, True


class Focus:
    """Which thread's stack gdb looks at. For a fiber its saved registers are put into the processor's, and those from
    before are put back when the program goes on."""

    def __init__(self):
        self.before, self.os_thread = None, None

    def back(self):
        if self.os_thread is not None:
            self.os_thread.switch()
        if self.before is not None:
            gdb.newest_frame().select()
            for name, value in self.before.items():
                gdb.execute("set var $%s = %d" % (name, value), to_string=True)
        self.before, self.os_thread = None, None

    def set(self, block, number):
        self.back()
        if number == block.running:
            return
        what, has_stack = block.state(number)
        if not has_stack:
            raise gdb.GdbError("simt: thread %s has no stack: %s" % (coordinates(block.thread(number)["index"]), what))
        fiber = block.thread(number)["stack"]
        kind = str(fiber["kind_"]).rsplit("::", 1)[-1]
        if kind == "os_threads":
            self.os_thread = gdb.selected_thread()
            identity = pointee(fiber["thread_"])["id_"]
            gdb.selected_inferior().thread_from_handle(identity).switch()
        elif kind == "assembly":
            registers = saved_registers(int(fiber["stack_pointer_"]))
            gdb.newest_frame().select()
            self.before = {name: int(gdb.parse_and_eval("(long)$" + name)) for name in registers}
            for name, value in registers.items():
                gdb.execute("set var $%s = %d" % (name, value), to_string=True)
        else:
            raise gdb.GdbError("simt: needs VITRINE_SIMT_SWITCH=assembly or threads")


def pointee(value):
    """What a std::unique_ptr holds, as a raw pointer: the one pointer among its bases and members."""
    if value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
        return value
    if value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
        for field in value.type.strip_typedefs().fields():
            inner = pointee(value[field])
            if inner is not None:
                return inner
    return None


def saved_registers(stack_pointer):
    """What vitrine_simt_switch has put on a stack that waits, see kernels/simt/fiber_x86_64.cpp and fiber_aarch64.cpp."""
    word = gdb.lookup_type("long").pointer()
    at = lambda i: int((gdb.Value(stack_pointer).cast(word) + i).dereference())
    if "aarch64" in gdb.selected_inferior().architecture().name():
        names = ["x%d" % i for i in range(19, 29)]
        values = {name: at(2 + i) for i, name in enumerate(names)}
        return dict(values, x29=at(0), pc=at(1), sp=stack_pointer + 160)
    values = {name: at(i) for i, name in enumerate(("r15", "r14", "r13", "r12", "rbx", "rbp", "rip"))}
    return dict(values, rsp=stack_pointer + 56)


focus = Focus()


class Simt(gdb.Command):
    """simt threads | print EXPR | focus [N] | bt N | break LOC THREAD [BLOCK] | warp N: the threads of a CUDA kernel on simt."""

    def __init__(self):
        super().__init__("simt", gdb.COMMAND_STACK, prefix=True)


class Threads(gdb.Command):
    """simt threads: what each thread of the running block does."""

    def __init__(self):
        super().__init__("simt threads", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        focus.back()
        block = Block()
        print("%s, %d threads" % (block.name(), block.count))
        where = kernel_frame()
        first = 0
        while first < block.count:
            what, _ = block.state(first)
            last = first
            while last + 1 < block.count and block.state(last + 1)[0] == what:
                last += 1
            threads = coordinates(block.thread(first)["index"])
            if last > first:
                threads += ".." + coordinates(block.thread(last)["index"])
            if what == "running":
                what += " at %s:%d" % (file_of(where).rsplit("/", 1)[-1], where.find_sal().line)
            print("%s %-22s %s" % ("*" if first == block.running else " ", threads, what))
            first = last + 1


class Print(gdb.Command):
    """simt print EXPR: the value of EXPR in every thread of the block that has begun and not returned."""

    def __init__(self):
        super().__init__("simt print", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        block = Block()
        for number in range(block.count):
            if not block.state(number)[1]:
                continue
            focus.set(block, number)
            try:
                kernel_frame().select()
                value = str(gdb.parse_and_eval(argument))
            except gdb.error as error:
                value = str(error)
            finally:
                focus.back()
            print("%s %-12s %s" % ("*" if number == block.running else " ", coordinates(block.thread(number)["index"]), value))
        kernel_frame().select()


class FocusOn(gdb.Command):
    """simt focus N: looks at thread N until the program goes on. simt focus: back to the running one."""

    def __init__(self):
        super().__init__("simt focus", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        if not argument:
            focus.back()
            kernel_frame().select()
            return
        block = Block()
        number = block.number_of(argument)
        focus.set(block, number)
        kernel_frame().select()
        print("thread %s: %s" % (coordinates(block.thread(number)["index"]), block.state(number)[0]))
        gdb.execute("frame")


class Backtrace(gdb.Command):
    """simt bt N: the backtrace of thread N."""

    def __init__(self):
        super().__init__("simt bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        block = Block()
        focus.set(block, block.number_of(argument))
        try:
            gdb.execute("bt")
        finally:
            focus.back()
        kernel_frame().select()


class Break(gdb.Command):
    """simt break LOC THREAD [BLOCK]: stops at LOC in one thread (x or x,y,z) of one block, or of every block."""

    def __init__(self):
        super().__init__("simt break", gdb.COMMAND_BREAKPOINTS)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if not 2 <= len(words) <= 3:
            raise gdb.GdbError("simt break LOC THREAD [BLOCK], e.g. simt break softmax_cuda.cu:27 3,0,0 1")
        terms = []
        for variable, place in zip(("threadIdx", "blockIdx"), words[1:]):
            parts = (place.split(",") + ["0", "0"])[:3]
            if not all(part.isdigit() for part in parts):
                raise gdb.GdbError("simt: %s is neither a number nor x,y,z" % place)
            terms += ["%s.%s == %s" % (variable, axis, part) for axis, part in zip("xyz", parts)]
        breakpoint = gdb.Breakpoint(words[0])
        breakpoint.condition = " && ".join(terms)


class Warp(gdb.Command):
    """simt warp N: the lanes of warp N of the running block, by state."""

    def __init__(self):
        super().__init__("simt warp", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        block = Block()
        if not argument.isdigit() or int(argument) >= int(block.scheduler["warp_count_"]):
            raise gdb.GdbError("simt: warp %s; the block has %d" % (argument, block.scheduler["warp_count_"]))
        first = int(argument) * LANES
        lanes = {}
        for number in range(first, min(first + LANES, block.count)):
            lanes.setdefault(block.state(number)[0], []).append(number - first)
        print("%s, warp %s: threads %d to %d" % (block.name(), argument, first, min(first + LANES, block.count) - 1))
        for what, which in lanes.items():
            print("  0x%08x  %2d lanes  %s" % (sum(1 << lane for lane in which), len(which), what))


for command in (Simt, Threads, Print, FocusOn, Backtrace, Break, Warp):
    command()
for resuming in RESUMING:
    also = "python begin_step()\n" if resuming == "step" else ""  # of frames.py
    gdb.execute("define hook-%s\npython focus.back()\n%send" % (resuming, also), to_string=True)
