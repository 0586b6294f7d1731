# How the library's types lie in memory: what the printers and commands beside this file read.
import itertools
import re
import struct

import gdb

FORMATS = {"f32": ("f", 4), "f64": ("d", 8), "i32": ("i", 4), "i64": ("q", 8), "u8": ("B", 1), "boolean": ("?", 1), "f16": ("e", 2), "bf16": ("H", 2)}
SHOWN = 8  # values of a tensor, in one line


def enumerator(value):
    """cpu of vitrine::Device::cpu."""
    return str(value).split("::")[-1]


def object_of(ref):
    """What a Ref<T> points to; None for a null one."""
    pointer = ref["object_"]
    return None if int(pointer) == 0 else pointer.dereference()


def sizes_of(shape):
    array = shape["sizes_"]
    elements = array[array.type.fields()[0]]
    return [int(elements[i]) for i in range(int(shape["dims_"]))]


def shape_text(sizes):
    return "(" + ", ".join(map(str, sizes)) + (",)" if len(sizes) == 1 else ")")


def items(vector):
    """The elements of an InlineVector."""
    element = vector.type.strip_typedefs().template_argument(0)
    heap = vector["heap_"].address.cast(element.pointer().pointer()).dereference()
    inline = vector["inline_"]
    first = heap if int(heap) else inline[inline.type.fields()[0]].address.cast(element.pointer())
    return [(first + i).dereference() for i in range(int(vector["size_"]))]


def unpack(code, data):
    value = struct.unpack("<" + code, data)[0]
    return struct.unpack("<f", struct.pack("<I", value << 16))[0] if code == "H" else value


def places(sizes, strides):
    """Where each element stands, in row-major order of the indices."""
    for index in itertools.product(*map(range, sizes)):
        yield sum(i * stride for i, stride in zip(index, strides))


class TensorView:
    """A tensor of the program; `value` is a TensorImpl."""

    def __init__(self, value):
        self.value = value
        self.sizes, self.strides = sizes_of(value["shape"]), sizes_of(value["strides"])
        self.dtype = enumerator(value["dtype"])
        self.storage = object_of(value["storage"])
        self.device = enumerator(self.storage["device"])

    def numel(self):
        count = 1
        for size in self.sizes:
            count *= size
        return count

    def values(self, most=None):
        """Its first elements as numbers; None where gdb cannot read them."""
        code, size = FORMATS[self.dtype]
        base = int(self.storage["data"]) + int(self.value["offset"]) * size
        if self.numel() == 0:
            return []
        if self.device == "cuda":
            return None
        wanted = list(itertools.islice(places(self.sizes, self.strides), most))
        try:
            block = gdb.selected_inferior().read_memory(base, (max(wanted) + 1) * size).tobytes()
        except gdb.MemoryError:
            return None
        return [unpack(code, block[at * size:at * size + size]) for at in wanted]

    def values_text(self):
        values = self.values(SHOWN)
        if values is None:
            return "[not readable here]"
        text = ", ".join(number_text(v) for v in values) + (", ..." if self.numel() > len(values) else "")
        return "[" + text + "]" if self.sizes else text

    def kind(self):
        return shape_text(self.sizes) + " " + ("bool" if self.dtype == "boolean" else self.dtype) + " " + self.device

    def origin(self):
        """The node that made it, or that it is a leaf."""
        node = object_of(self.value["node"])
        if node is not None:
            return " from " + node_title(node)
        return " leaf" if self.value["requires_grad"] else ""

    def text(self):
        return self.kind() + " " + self.values_text() + self.origin()


def number_text(value):
    return str(value).lower() if isinstance(value, bool) else "%.5g" % value if isinstance(value, float) else str(value)


def view_of(tensor):
    """Of a Tensor; None for an undefined one."""
    impl = object_of(tensor["impl_"])
    return None if impl is None else TensorView(impl)


def tensor_text(tensor):
    view = view_of(tensor)
    return "undefined" if view is None else view.text()


def is_a(type, name):
    """True for the class `name` and those derived from it."""
    type = type.strip_typedefs().unqualified()
    if type.tag == name:
        return True
    return type.code == gdb.TYPE_CODE_STRUCT and any(is_a(field.type, name) for field in type.fields() if field.is_base_class)


def node_of(value):
    """The node as what it really is, and its part Node."""
    node_type = gdb.lookup_type("vitrine::Node")
    node = value.cast(node_type) if value.type.strip_typedefs().tag != "vitrine::Node" else value
    return node.cast(node.dynamic_type), node


def node_name(value):
    """What Node::name() returns where the node keeps it in a field; else it follows from the class: log_softmax of
LogSoftmaxNode. The program is not asked: gdb must not run it while it prints a stack."""
    real, _ = node_of(value)
    names = {field.name for field in real.type.fields()}
    for holder, key in ((real, "op"), ("names", "op"), ("plan", "op")):
        if isinstance(holder, str):
            if holder not in names or key not in {field.name for field in real[holder].type.fields()}:
                continue
            holder = real[holder]
        elif key not in names:
            continue
        return holder[key].string()
    name = re.sub(r"(<.*)?$", "", (real.type.strip_typedefs().tag or "Node")).split("::")[-1]
    name = name.removesuffix("Node") + (re.search(r"<(?:.*::)?(\w+)>$", real.type.tag) or [None, ""])[1]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def called_name(node):
    """What Node::name() returns."""
    return gdb.parse_and_eval("((vitrine::Node*)%d)->name()" % int(node_of(node)[1].address)).string()


def site_text(site):
    file = site["file"]
    return "no line" if int(file) == 0 else "%s:%d" % (file.string().split("/")[-1], int(site["line"]))


def node_title(value):
    _, node = node_of(value)
    return "%s #%d (%s)" % (node_name(value), int(node["sequence_"]), site_text(node["site_"]))


def edges_of(value):
    """(the node or None, the leaf's view or None, which output) for each input."""
    _, node = node_of(value)
    for edge in items(node["inputs_"]):
        leaf = object_of(edge["leaf"])
        yield object_of(edge["node"]), None if leaf is None else TensorView(leaf), int(edge["output"])
