#include "debug_info.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <unistd.h>

#include "vitrine/kernels/base/error.h"

namespace vitrine::kernels::simt {

namespace {

// The program files themselves hold what is read here: no search elsewhere, none over the network.
int no_other_file(Dwfl_Module*, void**, const char*, Dwarf_Addr, const char*, const char*,
                  GElf_Word, char**) {
    return -1;
}

Dwfl* open_program() {
    static const Dwfl_Callbacks callbacks{&dwfl_linux_proc_find_elf, &no_other_file, nullptr,
                                          nullptr};
    Dwfl* program = dwfl_begin(&callbacks);
    if (program) {
        dwfl_linux_proc_report(program, getpid());
        dwfl_report_end(program, nullptr, nullptr);
    }
    return program;
}

// Never closed: reports may come until the end of the program.
Dwfl* program() {
    static Dwfl* const opened = open_program();
    return opened;
}

}  // namespace

std::optional<CodeUnit> code_unit(std::uintptr_t address) {
    Dwfl_Module* const module = program() ? dwfl_addrmodule(program(), address) : nullptr;
    if (!module) return std::nullopt;
    Dwarf_Addr bias = 0;
    if (Dwarf_Die* die = dwfl_module_addrdie(module, address, &bias)) return CodeUnit{*die, bias};
    // clang writes no table of address ranges: ask unit after unit.
    for (Dwarf_Die* die = nullptr; (die = dwfl_module_nextcu(module, die, &bias));)
        if (dwarf_haspc(die, address - bias) == 1) return CodeUnit{*die, bias};
    return std::nullopt;
}

namespace {

// Whether code can be in the entries below this one.
bool may_hold_code(Dwarf_Die& die) {
    switch (dwarf_tag(&die)) {
    case DW_TAG_subprogram:
    case DW_TAG_inlined_subroutine:
    case DW_TAG_lexical_block: return !dwarf_hasattr(&die, DW_AT_declaration);
    default: return false;
    }
}

bool descend(Dwarf_Die& die, Dwarf_Addr address, std::vector<Dwarf_Die>& scopes) {
    Dwarf_Die child;
    for (bool more = dwarf_child(&die, &child) == 0; more;
         more = dwarf_siblingof(&child, &child) == 0) {
        const int tag = dwarf_tag(&child);
        const bool here = may_hold_code(child) && dwarf_haspc(&child, address) == 1;
        const bool inside = tag == DW_TAG_namespace || tag == DW_TAG_structure_type ||
                            tag == DW_TAG_class_type;
        if (!here && !inside) continue;
        const bool deeper = descend(child, address, scopes);
        if (here) scopes.push_back(child);
        if (here || deeper) return true;
    }
    return false;
}

}  // namespace

// dwarf_getscopes() loses its way in what clang 14 writes.
std::vector<Dwarf_Die> scopes_at(const CodeUnit& unit, std::uintptr_t address) {
    Dwarf_Die die = unit.die;
    std::vector<Dwarf_Die> scopes;
    descend(die, address - unit.bias, scopes);
    return scopes;
}

std::string name_of(Dwarf_Die& die) {
    Dwarf_Attribute attribute;
    const char* name = dwarf_formstring(dwarf_attr_integrate(&die, DW_AT_name, &attribute));
    return name ? name : "";
}

std::optional<Dwarf_Die> type_of(Dwarf_Die& die) {
    Dwarf_Attribute attribute;
    Dwarf_Die type, plain;
    if (!dwarf_formref_die(dwarf_attr_integrate(&die, DW_AT_type, &attribute), &type))
        return std::nullopt;
    if (dwarf_peel_type(&type, &plain) != 0) return std::nullopt;
    return plain;
}

namespace {

// Where a variable lies, in the addresses of the debug information; 0 if it has no fixed place.
Dwarf_Addr place_of(Dwarf_Die& variable) {
    Dwarf_Attribute location, index;
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    if (dwarf_getlocation(dwarf_attr(&variable, DW_AT_location, &location), &operations, &count) ||
        count != 1)
        return 0;
    if (operations->atom == DW_OP_addr) return operations->number;
    Dwarf_Addr address = 0;
    if (operations->atom == DW_OP_addrx &&
        dwarf_getlocation_attr(&location, operations, &index) == 0)
        dwarf_formaddr(&index, &address);
    return address;
}

std::optional<Dwarf_Die> find_variable(Dwarf_Die& die, Dwarf_Addr address) {
    Dwarf_Die child;
    for (bool more = dwarf_child(&die, &child) == 0; more;
         more = dwarf_siblingof(&child, &child) == 0) {
        if (dwarf_tag(&child) == DW_TAG_variable && place_of(child) == address) return child;
        if (auto found = find_variable(child, address)) return found;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Dwarf_Die> variable_at(const CodeUnit& unit, std::uintptr_t address) {
    Dwarf_Die die = unit.die;
    return find_variable(die, address - unit.bias);
}

std::vector<Variable> program_variables() {
    Dwfl_Module* const module =
        program() ? dwfl_addrmodule(program(), reinterpret_cast<std::uintptr_t>(&code_unit))
                  : nullptr;
    const int symbols = module ? dwfl_module_getsymtab(module) : 0;
    std::vector<Variable> variables;
    for (int i = 1; i < symbols; ++i) {
        GElf_Sym symbol;
        GElf_Addr address = 0;
        GElf_Word section = 0;
        const char* name =
            dwfl_module_getsym_info(module, i, &symbol, &address, &section, nullptr, nullptr);
        if (name && GELF_ST_TYPE(symbol.st_info) == STT_OBJECT && symbol.st_size > 0 &&
            section != SHN_UNDEF)
            variables.push_back({name, address, symbol.st_size});
    }
    VITRINE_CHECK(!variables.empty(),
                  "simt: the program has no symbol table, which the checker needs to know shared "
                  "arrays; link it without -s and do not strip it");
    std::sort(variables.begin(), variables.end(),
              [](const Variable& a, const Variable& b) { return a.base < b.base; });
    return variables;
}

}  // namespace vitrine::kernels::simt
