# How print, info locals and bt show the library's types.
import gdb


class Text:
    """A value shown as one line."""

    def __init__(self, text):
        self.text = text

    def to_string(self):
        return self.text


class NodePrinter:
    """A node: op, number, the user's line; then what it kept for backward and where its gradients go."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return node_title(self.value)

    def children(self):
        real, _ = node_of(self.value)
        yield from own_fields(real)
        for i, (node, leaf, output) in enumerate(edges_of(self.value)):
            if node is not None:
                yield "dx[%d] to" % i, '%s%s' % (node_title(node), ", output %d" % output if output else "")
            elif leaf is not None:
                yield "dx[%d] to" % i, "leaf " + leaf.kind()


def own_fields(value):
    """Fields of a node's class and of those between it and Node."""
    for field in value.type.strip_typedefs().fields():
        if not field.is_base_class:
            yield field.name, value[field]
        elif field.type.tag != "vitrine::Node" and is_a(field.type, "vitrine::Node"):
            yield from own_fields(value[field])


def saved_text(saved):
    view = view_of(saved["tensor_"])
    return "released" if view is None else view.kind() + " " + view.values_text() + (" (output)" if int(saved["output_"]) >= 0 else "")


def operand_text(operand):
    tensor = operand["tensor_"]
    return number_text(float(operand["number_"])) if int(tensor) == 0 else tensor_text(tensor.dereference())


def half_text(code):
    return lambda value: number_text(unpack(code, struct.pack("<H", int(value["bits"]))))


TEXTS = {
    "vitrine::Tensor": tensor_text,
    "vitrine::Shape": lambda value: shape_text(sizes_of(value)),
    "vitrine::Site": site_text,
    "vitrine::Saved": saved_text,
    "vitrine::Operand": operand_text,
    "vitrine::kernels::bf16": half_text("H"),
    "vitrine::kernels::f16": half_text("e"),
}


def printer_of(value):
    type = value.type.strip_typedefs().unqualified()
    if type.code == gdb.TYPE_CODE_REF:
        return printer_of(value.referenced_value())
    if type.tag in TEXTS:
        try:
            return Text(TEXTS[type.tag](value))
        except (gdb.error, UnicodeDecodeError, IndexError, OverflowError):
            return Text("not initialised")  # a local variable before its line
    if type.code == gdb.TYPE_CODE_STRUCT and is_a(type, "vitrine::Node"):
        return NodePrinter(value)
    return None


gdb.pretty_printers.append(printer_of)
