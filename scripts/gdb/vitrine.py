# For gdb: source scripts/gdb/vitrine.py
#
#   bt           shows the user's program and the library; the frames of the CUDA emulator, which stand between a kernel
#                and the line that launched it, are left out (bt -no-filters shows them)
#   step         does not go into the standard library, or into the small types that every call passes through
import gdb
import gdb.FrameDecorator

EMULATOR = ("/kernels/simt/", "/kernels/base/gpu")
SMALL_TYPES = ("core/operand.h", "core/operand.cpp", "core/site.h", "core/site.cpp", "core/ref.h", "core/shape.h", "core/shape.cpp",
               "core/tensor.h", "core/tensor.cpp", "core/tensor_impl.h", "core/pool.h", "core/pool.cpp", "core/inline_vector.h", "core/node.h", "core/ops/creation.cpp",
               "core/layout.h", "core/allocator.cpp", "core/device.cpp", "kernels/base/error.h", "kernels/simt/*", "kernels/base/gpu*")


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


HideEmulator()
gdb.execute("skip -gfi /usr/include/c++/*/*", to_string=True)
gdb.execute("skip -gfi /usr/include/c++/*/bits/*", to_string=True)
for small in SMALL_TYPES:
    gdb.execute("skip -gfi */" + small, to_string=True)
