# What a page of docs/course shows happens. A fence after one of these comments is run and compared:
#
#   <!-- walk: gdb PROGRAM ARGS -->      a gdb session from its beginning: lines "(gdb) COMMAND" and what they print
#   <!-- walk: gdb on -->                the same session goes on
#   <!-- walk: run PROGRAM ARGS -->      "$ COMMAND" and the program's output; run in any build
#   <!-- walk: check PROGRAM ARGS -->    the same in a build with VITRINE_SIMT_CHECK
#
# run: the whole output is compared. gdb and check: the page may leave out lines, and every line of the page must come,
# in order. Addresses count as equal.
#
#   python3 walks.py PAGE KIND FOLDER        FOLDER: where the programs are
#   VITRINE_WALK="PAGE FOLDER" gdb -batch -x walks.py
import os
import re
import subprocess
import sys

MOVES = ("run", "continue", "next", "step", "finish")
failed = walked = 0


def complain(text):
    global failed
    failed += 1
    os.write(2, ("FAILED: " + text + "\n").encode())  # gdb's own streams are redirected while its commands run


def walks(page):
    """(kind, words, lines) of every fence that has a walk comment."""
    with open(page, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for i, line in enumerate(lines):
        match = re.fullmatch(r"<!-- walk: (gdb|run|check) (.+) -->", line.strip())
        if match:
            end = next(j for j in range(i + 2, len(lines)) if lines[j].strip() == "```")
            yield match[1], match[2].split(), lines[i + 2:end]


def plain(line):
    """What counts of a line."""
    return re.sub(r"\s+", " ", re.sub(r"0x[0-9a-f]+", "0x", line)).strip()


def missing(wanted, printed):
    """The first of the lines `wanted` that does not come, in their order, or None."""
    rest = iter([plain(line) for line in printed.split("\n")])
    return next((line for line in wanted if line.strip() and not any(plain(line) == other for other in rest)), None)


def run(kind, words, lines, folder):
    command = [os.path.join(folder, words[0])] + words[1:]
    environment = dict(os.environ, OMP_WAIT_POLICY="passive")
    shown = re.match(r"\$ ((?:[A-Z_]+=\S+ )*)", lines[0])  # "$ VITRINE_X=1 build/..."
    for setting in shown[1].split():
        name, value = setting.split("=", 1)
        environment[name] = value
    if not lines[0].endswith("/" + " ".join(words)):
        complain("the page shows '%s' for %s" % (lines[0], " ".join(words)))
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, timeout=120)
    output = result.stdout.decode().rstrip("\n")
    same = output == "\n".join(lines[1:]).rstrip("\n") if kind == "run" else missing(lines[1:], output) is None
    if not same:
        complain("%s printed\n%s\ninstead of\n%s" % (" ".join(words), output, "\n".join(lines[1:])))


def session(words, lines, folder):
    import gdb

    if words != ["on"]:
        if gdb.selected_inferior().pid:
            gdb.execute("kill", to_string=True)
        gdb.execute("delete", to_string=True)
        gdb.execute("file " + os.path.join(folder, words[0]), to_string=True)
        gdb.execute("set args " + " ".join(words[1:]))
    commands = [i for i, line in enumerate(lines) if line.startswith("(gdb) ")]
    for begin, end in zip(commands, commands[1:] + [len(lines)]):
        command = lines[begin][6:]
        try:
            printed = gdb.execute(command, to_string=True)
            if command.split()[0] in MOVES:  # where it stopped, gdb prints past the string
                printed += gdb.execute("frame", to_string=True)
        except gdb.error as error:
            printed = str(error)
        line = missing(lines[begin + 1:end], printed)
        if line is not None:
            complain("(gdb) %s printed\n%s\nwithout the line, or not in this order: %s" % (command, printed, line))


def main(page, kinds, folder):
    global walked
    for kind, words, lines in walks(page):
        if kind not in kinds:
            continue
        walked += 1
        if kind == "gdb":
            session(words, lines, folder)
        else:
            run(kind, words, lines, folder)
    if walked == 0:
        complain("%s has no walk of kind %s" % (page, kinds))


if "VITRINE_WALK" in os.environ:
    import gdb

    for setting in ("breakpoint pending on", "confirm off", "pagination off", "width 0", "style enabled off"):
        gdb.execute("set " + setting)
    page, folder = os.environ["VITRINE_WALK"].split(" ")
    main(page, ["gdb"], folder)
    if gdb.selected_inferior().pid:
        gdb.execute("kill", to_string=True)
    gdb.execute("quit %d" % (failed != 0))
else:
    main(sys.argv[1], sys.argv[2].split(","), sys.argv[3])
    sys.exit(failed != 0)
