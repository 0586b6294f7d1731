# What bt leaves out, and where step goes.
#
#   bt      shows the user's program and the library; the frames of the CUDA emulator, which stand between a kernel and
#           the line that launched it, are left out (bt -no-filters shows them)
#   step    does not go into the standard library, the small types that every call passes through, and the checks and
#           sizes that an op makes before it computes: all of them return before the formula begins. Stepping into a
#           launch on simt stops in the kernel.
import gdb
import gdb.FrameDecorator

EMULATOR = ("/kernels/simt/", "/kernels/base/gpu")

# Handles, sizes, checks, memory.
SMALL_TYPES = ("core/operand.*", "core/site.*", "core/ref.h", "core/shape.*", "core/tensor.*", "core/tensor_impl.h", "core/pool.*",
               "core/inline_vector.h", "core/node.*", "core/grad_mode.*", "core/place.*", "core/axes.h", "core/pair2.h",
               "core/ops/creation.*", "core/ops/view.*", "core/layout.*", "core/elementwise.*", "core/workspace.h", "core/allocator.*", "core/device.*",
               "core/dtype.*", "core/anomaly.*", "core/profil*", "core/generator.*", "core/memory_order.h", "core/held_value.h",
               "kernels/base/error.h", "kernels/base/parallel.*", "kernels/base/strided.h", "kernels/base/half.h", "kernels/base/isa.*", "kernels/simt/*",
               "kernels/base/gpu*")
# By name, in POSIX extended syntax: what checks operands, what turns their shapes into the sizes that a kernel reads, and
# constructors (functions are in lower case): an op with much to check does so in that of a struct.
CHECKS = r"^vitrine::((.anonymous.namespace.|[a-z_]*)::)*(check|checked|require|shape|plan|walk|work|prepare)(_[a-z_]*)?[<(]"
SIZES = r"^vitrine::((.anonymous.namespace.|[a-z_]*)::)*[a-z_]*_(shape|plan|strides|workspace_bytes|dims?|of|launch)[<(]|^vitrine::kernels::(on_simt::|.anonymous.namespace.::)?(mask_chunks|random_blocks|dropout_scale|unit_threshold|dropout_blocks|reduce_pieces|by_columns|conv_by_gemm|conv_gemm_pieces|in_order|rounds|tiles_of_two|squares|wide_word_tile)[<(]|^vitrine::kernels::MatmulShape::|^vitrine::.anonymous.namespace.::unpack_given[(]|^vitrine::kernels::ReduceDims::|^vitrine::Sequence::"
CONSTRUCTORS = r"^vitrine::.*::~?[A-Z][A-Za-z0-9]*\("
SAVED = r"^vitrine::(.*::)?[A-Z][A-Za-z]*::(unpack|name|inverse|pointers|epilogue_of|running|behind_it|scratch|wants_mask|mask_given|[xy]_size)[<(]"


def file_of(frame):
    symtab = frame.find_sal().symtab
    return symtab.filename if symtab else ""


def is_emulator(frame):
    """True for the emulator's own frames, but not for a kernel or a device function that a kernel calls."""
    file = file_of(frame)
    return file == "" or any(part in file for part in EMULATOR) and not file.endswith("gpu_reduce.h")


class HideEmulator:
    def __init__(self):
        self.name, self.priority, self.enabled = "vitrine-simt", 100, True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        return (frame for frame in frames if not is_emulator(frame.inferior_frame()))


def first_line_of(address):
    """Where the body of the function at `address` begins: the second entry of its line table."""
    sal = gdb.find_pc_line(address)
    later = [entry.pc for entry in sal.symtab.linetable() if address < entry.pc < address + 4096]
    return min(later)


class LaunchStop(gdb.Breakpoint):
    """While a step is under way: where the emulator begins a launch."""

    def __init__(self):
        super().__init__("vitrine::kernels::simt::run_grid", internal=True)
        self.silent, self.enabled = True, False

    def stop(self):
        # run_grid, launch, and who launched: a step passes over the kernels of what it passes over.
        if gdb.selected_frame().older().older() != stepping_from:
            return False
        kernel = int(gdb.selected_frame().read_var("call")["kernel"])
        gdb.Breakpoint("*%d" % first_line_of(kernel), internal=True, temporary=True)
        return False


launch_stop = stepping_from = None


def begin_step():
    global launch_stop, stepping_from
    if launch_stop is None:
        gdb.execute("set breakpoint pending on", to_string=True)
        launch_stop = LaunchStop()
    launch_stop.enabled = gdb.selected_inferior().pid != 0
    stepping_from = gdb.newest_frame() if launch_stop.enabled else None


def end_step(_):
    if launch_stop is not None:
        launch_stop.enabled = False


HideEmulator()
gdb.events.stop.connect(end_step)
gdb.execute("define hook-step\npython begin_step()\nend", to_string=True)
gdb.execute("skip -gfi /usr/include/c++/*/*", to_string=True)
gdb.execute("skip -gfi /usr/include/c++/*/bits/*", to_string=True)
for small in SMALL_TYPES:
    gdb.execute("skip -gfi */" + small, to_string=True)
for names in (CHECKS, SIZES, CONSTRUCTORS, SAVED, "^__"):
    gdb.execute("skip -rfu " + names.replace("\\", "\\\\"), to_string=True)
