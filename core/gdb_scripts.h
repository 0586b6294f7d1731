// Names scripts/gdb/vitrine.py in the program's section .debug_gdb_scripts, from which gdb loads it by itself where its
// auto-load safe-path allows that. Included by one file that every program links, in Debug builds (core/CMakeLists.txt).
#pragma once

#ifdef VITRINE_GDB_SCRIPT
// 1: the name of a Python file follows. MS: equal names of several objects become one.
asm(".pushsection .debug_gdb_scripts, \"MS\", %progbits, 1\n"
    ".byte 1\n"
    ".asciz \"" VITRINE_GDB_SCRIPT "\"\n"
    ".popsection\n");
#endif
