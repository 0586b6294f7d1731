# vitrine backward step | until NODE | until-nan | until GRAD>X: the walk over the graph, node by node.
import math
import re

import gdb


class WalkEnded(Exception):
    pass


class Place(gdb.Breakpoint):
    """A line of Walk::run_node, found by its text."""

    def __init__(self, text):
        symbol = gdb.lookup_global_symbol("vitrine::Tensor::backward") or gdb.decode_line("vitrine::Tensor::backward")[1][0]
        path = symbol.symtab.fullname()
        with open(path) as source:
            line = next(number for number, line in enumerate(source, 1) if text in line)
        super().__init__("%s:%d" % (path, line), internal=True)
        self.silent, self.enabled = True, False


class Places:
    """Before a node's backward, and behind it."""

    both = None

    def __init__(self):
        self.before, self.behind = Place("node.backward({{"), Place("if (detecting_anomaly())")


def places_of_walk():
    if Places.both is None:
        Places.both = Places()
    return Places.both


def walk_frame():
    """The innermost Walk::run on the stack, or None."""
    frame = gdb.newest_frame()
    while frame and "Walk::run" not in (frame.name() or "").replace("run_node", ""):
        frame = frame.older()
    return frame


def go_to(place):
    """Continues to a place. Raises WalkEnded when the walk, or the program, ends before."""
    walk = walk_frame()
    end = gdb.Breakpoint("*%d" % walk.older().pc(), internal=True, temporary=True) if walk else None
    if end:
        end.silent = True
    place.enabled = True
    try:
        gdb.execute("continue", to_string=True)
    finally:
        place.enabled = False
        if end and end.is_valid():
            end.delete()
    if gdb.selected_inferior().pid == 0:
        raise WalkEnded("the program has ended")
    if not at(place):
        if end and not walk_frame():
            raise WalkEnded("the walk has ended")
        raise WalkEnded("stopped somewhere else")


def at(place):
    sal = gdb.newest_frame().find_sal()
    return sal.symtab is not None and place.location.endswith("%s:%d" % (sal.symtab.fullname(), sal.line))


def node_here():
    return gdb.selected_frame().read_var("node").referenced_value()


def print_gradients(letter, name):
    for i, gradient in enumerate(items(gdb.selected_frame().read_var(name))):
        view = view_of(gradient)
        if view is not None:  # an output that nobody used, an input that needs no gradient
            print("    %s[%d] %s %s" % (letter, i, view.kind(), view.values_text()))


def print_before():
    print(node_title(node_here()))
    print_gradients("dy", "dy")


def run_node():
    """Runs one node, from its beginning, and stops behind it."""
    walk = places_of_walk()
    if not at(walk.before):
        go_to(walk.before)
    print_before()
    go_to(walk.behind)
    print_gradients("dx", "dx")


def largest(name):
    """The largest magnitude among the gradients; NaN if one is NaN."""
    most = 0.0
    for gradient in items(gdb.selected_frame().read_var(name)):
        view = view_of(gradient)
        for value in (view.values() or []) if view else []:
            if math.isnan(value):
                return math.nan
            most = max(most, abs(value))
    return most


def run_until(reached):
    """Runs nodes until one's results satisfy `reached`; prints that one alone."""
    walk = places_of_walk()
    while True:
        go_to(walk.behind)
        if reached(largest("dx")):
            print_before()
            print_gradients("dx", "dx")
            return


def run_to_node(name):
    """Stops before the backward of the next node of that name or number."""
    walk = places_of_walk()
    while True:
        go_to(walk.before)
        node = node_here()
        if name in (node_name(node), called_name(node), "#%d" % int(node_of(node)[1]["sequence_"])):
            return print_before()


class Backward(gdb.Command):
    """The backward walk, node by node, with the gradients before (dy) and after (dx):
vitrine backward step          runs the next node
vitrine backward until NODE    stops before a node: softmax, or #12; `step` then goes into its backward
vitrine backward until-nan     stops behind the first node that makes a NaN
vitrine backward until GRAD>X  stops behind the first node that makes a gradient larger than X"""

    def __init__(self):
        super().__init__("vitrine backward", gdb.COMMAND_RUNNING)

    def complete(self, text, word):
        return [choice for choice in ("step", "until", "until-nan") if choice.startswith(word)]

    def invoke(self, argument, _):
        limit = re.fullmatch(r"until GRAD *> *([-+.0-9eE]+)", argument)
        node = re.fullmatch(r"until (#\d+|\w+)", argument)
        if gdb.selected_inferior().pid == 0:
            raise gdb.GdbError("the program is not running; stop it at the line that calls backward()")
        try:
            if argument == "step":
                run_node()
            elif argument == "until-nan":
                run_until(math.isnan)
            elif limit:
                most = float(limit.group(1))
                run_until(lambda value: math.isnan(value) or value > most)
            elif node:
                run_to_node(node.group(1))
            else:
                raise gdb.GdbError("usage: vitrine backward step | until NODE | until-nan | until GRAD>X")
        except WalkEnded as end:
            print(end)


Backward()
