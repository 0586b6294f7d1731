# For gdb: source scripts/gdb/vitrine.py
#
# Loads what stands beside it. A program of a build without optimisation names this file in its section
# .debug_gdb_scripts, so that gdb loads it by itself where auto-loading is allowed (docs/debugging.md).
#
#   frames.py     bt without the emulator; step goes to the formula and into launches
#   tensors.py    how the library's types lie in memory
#   printers.py   print and info locals show tensors, shapes, nodes, 16-bit floats
#   graph.py      vitrine graph EXPR
#   backward.py   vitrine backward step | until NODE | until-nan | until GRAD>X
#   simt.py       simt threads | print EXPR | focus N | bt N | break LOC THREAD BLOCK | warp N
import os

import gdb

PARTS = ("tensors", "frames", "printers", "graph", "backward", "simt")


class Vitrine(gdb.Command):
    """vitrine graph EXPR | backward ...: what the library's debugging commands are."""

    def __init__(self):
        super().__init__("vitrine", gdb.COMMAND_DATA, prefix=True)


def load_all():
    Vitrine()
    # Not from __file__, which is that of another script when gdb loads this one while it runs the other.
    folder = os.path.dirname(os.path.realpath(load_all.__code__.co_filename))
    for part in PARTS:
        gdb.execute("source " + os.path.join(folder, part + ".py"))


if "vitrine_is_loaded" not in globals():
    vitrine_is_loaded = True
    load_all()
