#include "parameters.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <dwarf.h>

#include "vitrine/kernels/base/error.h"

#include "debug_info.h"

namespace vitrine::kernels::simt {

namespace {

// A pointer among a kernel's arguments.
struct Pointer {
    std::string name;  // "x", "sizes.strides", "pieces.data[3]"
    const char* value;
    std::size_t element_bytes;  // 0: void, or not known
};

const KernelCall* launch = nullptr;
std::optional<std::vector<Pointer>> pointers;  // of `launch`, once a report has asked for them

std::size_t bytes_of(Dwarf_Die& type) {
    Dwarf_Word bytes = 0;
    return dwarf_aggregate_size(&type, &bytes) == 0 ? bytes : 0;
}

std::size_t member_offset(Dwarf_Die& member) {
    Dwarf_Attribute attribute;
    Dwarf_Word offset = 0;
    dwarf_formudata(dwarf_attr_integrate(&member, DW_AT_data_member_location, &attribute), &offset);
    return offset;
}

bool first_child(Dwarf_Die& die, Dwarf_Die* child) { return dwarf_child(&die, child) == 0; }

void add_pointers(const std::string& name, Dwarf_Die type, const char* place);

void add_members(const std::string& name, Dwarf_Die& type, const char* place) {
    Dwarf_Die member;
    for (bool more = first_child(type, &member); more; more = dwarf_siblingof(&member, &member) == 0) {
        if (dwarf_tag(&member) != DW_TAG_member && dwarf_tag(&member) != DW_TAG_inheritance)
            continue;
        const auto member_type = type_of(member);
        const std::string own = name_of(member);
        if (member_type && !dwarf_hasattr(&member, DW_AT_external))
            add_pointers(own.empty() ? name : name + "." + own, *member_type,
                         place + member_offset(member));
    }
}

void add_elements(const std::string& name, Dwarf_Die& type, const char* place) {
    auto element = type_of(type);
    const std::size_t each = element ? bytes_of(*element) : 0;
    if (each == 0) return;
    for (std::size_t i = 0; i < bytes_of(type) / each; ++i)
        add_pointers(join(name, "[", i, "]"), *element, place + i * each);
}

// The pointers in a value of `type` that lies at `place`.
void add_pointers(const std::string& name, Dwarf_Die type, const char* place) {
    switch (dwarf_tag(&type)) {
    case DW_TAG_pointer_type: {
        auto target = type_of(type);
        Pointer pointer{name, nullptr, target ? bytes_of(*target) : 0};
        std::memcpy(&pointer.value, place, sizeof pointer.value);
        pointers->push_back(pointer);
        break;
    }
    case DW_TAG_structure_type:
    case DW_TAG_class_type: add_members(name, type, place); break;
    case DW_TAG_array_type: add_elements(name, type, place); break;
    default: break;
    }
}

// A function's parameters, those of a pack one after the other.
std::vector<Dwarf_Die> parameters_of(Dwarf_Die& function) {
    std::vector<Dwarf_Die> parameters;
    Dwarf_Die child;
    for (bool more = first_child(function, &child); more; more = dwarf_siblingof(&child, &child) == 0) {
        if (dwarf_tag(&child) == DW_TAG_formal_parameter) parameters.push_back(child);
        if (dwarf_tag(&child) != DW_TAG_GNU_formal_parameter_pack) continue;
        for (Dwarf_Die& of_pack : parameters_of(child)) parameters.push_back(of_pack);
    }
    return parameters;
}

void find_pointers() {
    pointers.emplace();
    if (!launch || !launch->parameters) return;
    const auto code = reinterpret_cast<std::uintptr_t>(launch->kernel);
    const auto unit = code_unit(code);
    if (!unit) return;
    for (Dwarf_Die& scope : scopes_at(*unit, code)) {
        if (dwarf_tag(&scope) != DW_TAG_subprogram) continue;
        auto parameters = parameters_of(scope);
        for (std::size_t i = 0; i < parameters.size() && i < launch->parameters->count; ++i)
            if (const auto type = type_of(parameters[i]))
                add_pointers(name_of(parameters[i]), *type,
                             static_cast<const char*>(
                                 launch->parameters->argument(launch->arguments, i)));
    }
}

// The parameter that `address` was most likely reached from: the last one into `array` that does
// not lie behind it, else the first.
const Pointer* pointer_into(const Array& array, const void* address) {
    if (!pointers) find_pointers();
    const Pointer *best = nullptr, *first = nullptr;
    for (const Pointer& p : *pointers) {
        if (p.value < array.base || p.value > array.base + array.bytes) continue;
        if (p.value <= address && (!best || p.value > best->value)) best = &p;
        if (!first || p.value < first->value) first = &p;
    }
    return best ? best : first;
}

// "[17]", or "[17] + 2 bytes" between two elements.
std::string index_text(std::ptrdiff_t bytes, std::size_t element_bytes) {
    const auto each = static_cast<std::ptrdiff_t>(element_bytes);
    std::ptrdiff_t index = bytes / each, rest = bytes % each;
    if (rest < 0) rest += each, --index;
    return rest ? join("[", index, "] + ", rest, " bytes") : join("[", index, "]");
}

// The lengths of an array type's dimensions, and the bytes of its elements.
struct Dimensions {
    std::vector<std::size_t> lengths;
    std::size_t element_bytes = 0;
};

Dimensions dimensions_of(Dwarf_Die type) {
    Dimensions dimensions;
    Dwarf_Die part;
    for (bool more = first_child(type, &part); more; more = dwarf_siblingof(&part, &part) == 0) {
        if (dwarf_tag(&part) != DW_TAG_subrange_type) continue;
        Dwarf_Attribute attribute;
        Dwarf_Word length = 0;
        if (dwarf_formudata(dwarf_attr(&part, DW_AT_count, &attribute), &length) != 0 &&
            dwarf_formudata(dwarf_attr(&part, DW_AT_upper_bound, &attribute), &length) == 0)
            ++length;
        dimensions.lengths.push_back(length);
    }
    if (auto element = type_of(type)) dimensions.element_bytes = bytes_of(*element);
    return dimensions;
}

// "[2][5]" for the byte of an array of these dimensions.
std::string indices_text(std::ptrdiff_t bytes, const Dimensions& dimensions) {
    std::string text;
    std::size_t each = dimensions.element_bytes;
    for (std::size_t d = dimensions.lengths.size(); d-- > 1;) each *= dimensions.lengths[d];
    for (std::size_t d = 0; d + 1 < dimensions.lengths.size(); ++d) {
        const auto step = static_cast<std::ptrdiff_t>(each);
        const std::ptrdiff_t index = bytes < 0 ? (bytes + 1) / step - 1 : bytes / step;
        text += join("[", index, "]");
        bytes -= index * step;
        each /= dimensions.lengths[d + 1];
    }
    return text + index_text(bytes, each);
}

// "part[3]", where the unit of the running kernel says what `array` is.
std::string variable_element(const Array& array, std::ptrdiff_t bytes) {
    if (!launch || !launch->parameters) return "";
    const auto unit = code_unit(reinterpret_cast<std::uintptr_t>(launch->kernel));
    if (!unit) return "";
    auto variable = variable_at(*unit, reinterpret_cast<std::uintptr_t>(array.base));
    auto type = variable ? type_of(*variable) : std::nullopt;
    if (!type || dwarf_tag(&*type) != DW_TAG_array_type) return "";
    const Dimensions dimensions = dimensions_of(*type);
    if (dimensions.lengths.empty() || array.bytes % dimensions.element_bytes != 0) return "";
    return array.name + indices_text(bytes, dimensions);
}

}  // namespace

void name_arrays_after(const KernelCall* call) {
    launch = call;
    pointers.reset();
}

std::string array_name(const Array& array) {
    if (array.kind != Array::global || !array.name.empty()) return array.name;
    const Pointer* pointer = pointer_into(array, array.base);
    return pointer ? pointer->name : "device memory";
}

std::string element_name(const Array& array, const void* address) {
    const char* at = static_cast<const char*>(address);
    const Pointer* pointer = nullptr;
    if (array.kind == Array::global && array.name.empty()) pointer = pointer_into(array, address);
    if (pointer && pointer->element_bytes)
        return pointer->name + index_text(at - pointer->value, pointer->element_bytes);
    std::string element;
    if (array.kind != Array::dynamic && !array.name.empty())
        element = variable_element(array, at - array.base);
    if (!element.empty()) return element;
    return join("byte ", at - array.base, " of ", array_name(array));
}

bool is_parameter_of_launch(const Array& array) {
    if (!pointers) find_pointers();
    return std::any_of(pointers->begin(), pointers->end(), [&](const Pointer& p) {
        return p.name.find_first_of(".[") == p.name.npos && array.holds(p.value);
    });
}

std::string pointer_parameter_near(const void* address) {
    if (!pointers) find_pointers();
    const Pointer* nearest = nullptr;
    const auto distance = [=](const Pointer& p) {
        const char* at = static_cast<const char*>(address);
        return at < p.value ? p.value - at : at - p.value;
    };
    for (const Pointer& p : *pointers)
        if (!nearest || distance(p) < distance(*nearest)) nearest = &p;
    constexpr std::ptrdiff_t near_bytes = 4096;
    return nearest && distance(*nearest) < near_bytes ? nearest->name : "";
}

}  // namespace vitrine::kernels::simt
