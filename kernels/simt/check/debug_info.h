// The debug information of the running program, read by libdw (elfutils) when a report needs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <elfutils/libdw.h>

namespace vitrine::kernels::simt {

/// The unit of compilation that an address of the running program belongs to.
struct CodeUnit {
    Dwarf_Die die;
    Dwarf_Addr bias;  ///< address in the process minus address in the debug information
};

/// nullopt where the program has no debug information for the address.
std::optional<CodeUnit> code_unit(std::uintptr_t address);

/// The entries around the code at `address`, the innermost first; only inlined functions, functions
/// and the blocks in them.
std::vector<Dwarf_Die> scopes_at(const CodeUnit& unit, std::uintptr_t address);

/// The name of an entry, also where it stands in the entry that this one is a copy of; "" if none.
std::string name_of(Dwarf_Die& die);

/// The type of an entry without typedefs, const and volatile; nullopt for void.
std::optional<Dwarf_Die> type_of(Dwarf_Die& die);

/// The entry of the variable that lies at `address`, declared somewhere in the unit.
std::optional<Dwarf_Die> variable_at(const CodeUnit& unit, std::uintptr_t address);

/// A variable of the program that has an address of its own.
struct Variable {
    std::string symbol;  ///< mangled
    std::uintptr_t base;
    std::size_t bytes;
};

/// All of the program file's, in order of their addresses. Throws vitrine::Error when it has no
/// symbol table.
std::vector<Variable> program_variables();

}  // namespace vitrine::kernels::simt
