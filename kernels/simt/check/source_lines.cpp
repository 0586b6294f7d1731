#include "source_lines.h"

#include <cstdint>
#include <cstring>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include <dwarf.h>

#include "vitrine/kernels/base/error.h"

#include "debug_info.h"

namespace vitrine::kernels::simt {

namespace {

bool is_of_library(std::string_view path) {
    return path.rfind("/usr/include/", 0) == 0 || path.rfind("/usr/lib/", 0) == 0;
}

bool is_of_emulator(std::string_view path) {
    return path.find("/kernels/simt/") != path.npos || is_of_library(path);
}

std::string file_name(std::string_view path) {
    return std::string(path.substr(path.rfind('/') + 1));
}

const char* call_file(CodeUnit& unit, Dwarf_Die& inlined) {
    Dwarf_Attribute attribute;
    Dwarf_Word index = 0;
    Dwarf_Files* files = nullptr;
    if (dwarf_formudata(dwarf_attr(&inlined, DW_AT_call_file, &attribute), &index) != 0 ||
        dwarf_getsrcfiles(&unit.die, &files, nullptr) != 0)
        return nullptr;
    return dwarf_filesrc(files, index, nullptr, nullptr);
}

/// DW_AT_call_line or DW_AT_call_column.
int call_place(Dwarf_Die& inlined, unsigned which) {
    Dwarf_Attribute attribute;
    Dwarf_Word number = 0;
    return dwarf_formudata(dwarf_attr(&inlined, which, &attribute), &number) == 0
               ? static_cast<int>(number)
               : 0;
}

bool is_function(Dwarf_Die& die) {
    return dwarf_tag(&die) == DW_TAG_subprogram || dwarf_tag(&die) == DW_TAG_inlined_subroutine;
}

SourceLine find_line(std::uintptr_t address) {
    auto unit = code_unit(address);
    if (!unit) return {"unknown", 0, "", 0, false, false};
    Dwarf_Line* row = dwarf_getsrc_die(&unit->die, address - unit->bias);
    const char* path = row ? dwarf_linesrc(row, nullptr, nullptr) : nullptr;
    int line = 0, column = 0;
    if (row) dwarf_lineno(row, &line), dwarf_linecol(row, &column);
    std::string function;
    for (Dwarf_Die& scope : scopes_at(*unit, address)) {
        if (!is_function(scope)) continue;
        function = name_of(scope);
        if (!path || !is_of_emulator(path) || dwarf_tag(&scope) == DW_TAG_subprogram) break;
        path = call_file(*unit, scope);
        line = call_place(scope, DW_AT_call_line);
        column = call_place(scope, DW_AT_call_column);
    }
    return {path ? file_name(path) : "unknown", line, function, column,
            path && is_of_library(path), path && is_of_emulator(path)};
}

}  // namespace

const SourceLine& source_line(const void* pc) {
    static auto& known = *new std::unordered_map<std::uintptr_t, SourceLine>;
    const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(pc) - 1;  // in the call itself
    const auto found = known.find(address);
    if (found != known.end()) return found->second;
    // On a thread of its own: libdw takes more stack than a fiber has.
    SourceLine line;
    std::thread([&] { line = find_line(address); }).join();
    return known.emplace(address, line).first->second;
}

std::string to_string(const SourceLine& line) { return join(line.file, ":", line.line); }

}  // namespace vitrine::kernels::simt
