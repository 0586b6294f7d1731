# For gdb: source scripts/gdb/vitrine.py
#
# Loads what stands beside it. A program of a build without optimisation names this file in its section
# .debug_gdb_scripts, so that gdb loads it by itself where auto-loading is allowed (docs/debugging.md).
#
#   frames.py     bt without the emulator; step goes to the formula and into launches
#   printers.py   print and info locals show tensors, shapes, nodes, 16-bit floats
#   graph.py      vitrine graph EXPR
#   backward.py   vitrine backward step | until NODE | until-nan | until GRAD>X
import glob
import os

import gdb

here = os.path.dirname(os.path.abspath(os.path.realpath(__file__)))
for part in sorted(glob.glob(os.path.join(here, "*.py"))):
    if os.path.basename(part) != "vitrine.py":
        gdb.execute("source " + part)
