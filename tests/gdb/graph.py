# Run by gdb in batch mode on step_graph: the printers, and the commands vitrine graph and vitrine backward. The scripts
# have come by themselves, through the program's section .debug_gdb_scripts. Whole texts are compared.
import os

import gdb

root, device = os.environ["VITRINE_SOURCE_DIR"], os.environ["VITRINE_GDB_DEVICE"]
program = root + "/tests/gdb/step_graph.cpp"
failed = 0


def line_of(text, which=0):
    with open(program) as source:
        return [number for number, line in enumerate(source, 1) if text in line][which]


def run_to(line):
    breakpoint = gdb.Breakpoint("step_graph.cpp:%d" % line, internal=True)
    gdb.execute("continue" if gdb.selected_inferior().pid else "run", to_string=True)
    breakpoint.delete()


def shows(command, expected):
    """`command` prints exactly this; {forward} and {loss} stand for the lines of the graph, D for the device."""
    global failed
    try:
        text = gdb.execute(command, to_string=True)
    except gdb.error as error:
        text = str(error)
    expected = expected.strip("\n").replace("{forward}", str(forward)).replace("{loss}", str(forward + 1)).replace("{nan}", str(nan))
    expected = expected.replace("DEVICE", device)
    if text.rstrip("\n") != expected:
        failed += 1
        print("FAILED: %s printed\n%s\ninstead of\n%s" % (command, text, expected))


gdb.execute("set breakpoint pending on")
gdb.execute("set confirm off")
gdb.execute("set pagination off")
gdb.execute("set width 0")
forward, nan = line_of("softmax(x * w"), line_of("sum(sqrt")

run_to(line_of("everything is there"))
shows("info locals", """
none = undefined
row = (12,) i32 cpu [0, 1, 2, 3, 4, 5, 6, 7, ...]
columns = (2, 2) f32 cpu [1.5, 3, 2, 4.25]
flags = (3,) bool cpu [true, false, false]
halves = (2,) bf16 cpu [0.5, -2]
shape = (2, 3)
one = (5,)
b = 1.5
f = -0.25
""")
shows("vitrine graph row", "(12,) i32 cpu is not part of a graph")
shows("vitrine graph none", "the tensor is undefined")
shows("vitrine graph shape", "shape is a const vitrine::Shape; allowed is a Tensor")
shows("vitrine graph", "usage: vitrine graph EXPR")

run_to(line_of("loss.backward"))
shows("print x", "$1 = (3,) f32 DEVICE [1, 2, 3] leaf")
shows("print y", "$2 = (3,) f32 DEVICE [0.27407, 0.27407, 0.45186] from softmax #2 (step_graph.cpp:{forward})")
shows("print *y.impl_.object_->node.object_",
      "$3 = softmax #2 (step_graph.cpp:{forward}) = {y = (3,) f32 DEVICE [0.27407, 0.27407, 0.45186] (output), axis = 0, "
      "dx[0] to = mul #1 (step_graph.cpp:{forward})}")
shows("vitrine graph loss", """
#4 sum               step_graph.cpp:{loss}    ()           <- #3
#3 mul               step_graph.cpp:{loss}    (3,)         <- #2, #2
#2 softmax           step_graph.cpp:{forward}    (3,)         <- #1
#1 mul               step_graph.cpp:{forward}    (3,)         <- leaf (3,), leaf (3,)
""")
shows("vitrine graph x", "(3,) f32 DEVICE is a leaf")
shows("vitrine backward until softmax", """
softmax #2 (step_graph.cpp:{forward})
    dy[0] (3,) f32 DEVICE [0.54814, 0.54814, 0.90373]
""")
gdb.execute("step", to_string=True)
if "SoftmaxNode::backward" not in gdb.newest_frame().name():
    failed += 1
    print("FAILED: step from vitrine backward until went to " + gdb.newest_frame().name())
shows("vitrine backward step", """
mul #1 (step_graph.cpp:{forward})
    dy[0] (3,) f32 DEVICE [-0.044037, -0.044037, 0.088073]
    dx[0] (3,) f32 DEVICE [-0.044037, -0.022018, 0.044037]
    dx[1] (3,) f32 DEVICE [-0.044037, -0.088073, 0.26422]
""")
shows("vitrine backward step", "the walk has ended")

run_to(line_of("loss.backward", 1))
shows("vitrine backward until GRAD>10", """
mul #7 (step_graph.cpp:{nan})
    dy[0] (2,) f32 cpu [1, 1]
    dx[0] (2,) f32 cpu [100, 100]
""")
shows("vitrine backward until-nan", """
mul #5 (step_graph.cpp:{nan})
    dy[0] (2,) f32 cpu [inf, 50]
    dx[0] (2,) f32 cpu [nan, 50]
    dx[1] (2,) f32 cpu [nan, 50]
""")
shows("vitrine backward until #5", "the walk has ended")
shows("vitrine backward", "usage: vitrine backward step | until NODE | until-nan | until GRAD>X")
gdb.execute("kill", to_string=True)
shows("vitrine backward step", "the program is not running; stop it at the line that calls backward()")
print("FAILED: %d" % failed if failed else "passed")
gdb.execute("quit %d" % (1 if failed else 0))
