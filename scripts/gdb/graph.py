# vitrine graph EXPR: what a tensor was computed from.
import gdb


def graph_lines(tensor):
    """A line for each node behind a tensor, latest first: number, op, the user's line, its result's shape, its inputs."""
    view = view_of(tensor)
    if view is None:
        return ["the tensor is undefined"]
    root = object_of(view.value["node"])
    if root is None:
        return [view.kind() + (" is a leaf" if view.value["requires_grad"] else " is not part of a graph")]
    nodes, todo = {}, [root]
    while todo:
        node = todo.pop()
        if int(node["sequence_"]) in nodes:
            continue
        nodes[int(node["sequence_"])] = node
        todo += [to for to, _, _ in edges_of(node) if to is not None]
    return [graph_line(nodes[number]) for number in sorted(nodes, reverse=True)]


def graph_line(node):
    inputs = []
    for to, leaf, output in edges_of(node):
        if to is not None:
            inputs.append("#%d" % int(to["sequence_"]) + (" output %d" % output if output else ""))
        elif leaf is not None:
            inputs.append("leaf " + shape_text(leaf.sizes))
        else:
            inputs.append("-")
    shapes = " ".join(shape_text(sizes_of(shape)) for shape in items(node_of(node)[1]["shapes_"]))
    return "%-20s %-20s %-12s <- %s" % ("#%d %s" % (int(node["sequence_"]), node_name(node)), site_text(node["site_"]), shapes, ", ".join(inputs))


class Graph(gdb.Command):
    """vitrine graph EXPR: the graph behind a tensor, latest node first: #number op, your line, its result's shape, and
what its gradients go to."""

    def __init__(self):
        super().__init__("vitrine graph", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, _):
        if not argument:
            raise gdb.GdbError("usage: vitrine graph EXPR")
        value = gdb.parse_and_eval(argument)
        if value.type.strip_typedefs().code == gdb.TYPE_CODE_REF:
            value = value.referenced_value()
        if value.type.strip_typedefs().unqualified().tag != "vitrine::Tensor":
            raise gdb.GdbError("%s is a %s; allowed is a Tensor" % (argument, value.type))
        print("\n".join(graph_lines(value)))


Graph()
