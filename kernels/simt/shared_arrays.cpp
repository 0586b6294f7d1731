#include "shared_arrays.h"

#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include <elf.h>
#include <link.h>

#include "vitrine/kernels/base/error.h"

namespace vitrine::kernels::simt {

namespace {

// A program or library with its symbols, as it lies on disk.
class SymbolTable {
public:
    explicit SymbolTable(const char* path) : file_(path, std::ios::binary) {
        ElfW(Ehdr) header{};
        if (!read(&header, 0, sizeof header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
            return;
        sections_.resize(header.e_shnum);
        if (!read(sections_.data(), header.e_shoff, sections_.size() * sizeof(ElfW(Shdr)))) return;
        for (const ElfW(Shdr) & section : sections_)
            if (section.sh_type == SHT_SYMTAB) load(section);
    }

    /// f(symbol, its name)
    template <class F>
    void for_each(F f) const {
        for (const ElfW(Sym) & symbol : symbols_)
            if (symbol.st_name < names_.size())
                f(symbol, std::string_view(names_.c_str() + symbol.st_name));
    }

    /// Zero before the program starts, as a __shared__ array is, which has no initial value.
    bool starts_empty(const ElfW(Sym) & symbol) const {
        return symbol.st_shndx < sections_.size() &&
               sections_[symbol.st_shndx].sh_type == SHT_NOBITS;
    }

private:
    bool read(void* to, std::size_t from, std::size_t bytes) {
        file_.seekg(static_cast<std::streamoff>(from));
        file_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
        return file_.good();
    }
    void load(const ElfW(Shdr) & section) {
        const ElfW(Shdr)& names = sections_[section.sh_link];
        symbols_.resize(section.sh_size / sizeof(ElfW(Sym)));
        names_.resize(names.sh_size);
        if (!read(symbols_.data(), section.sh_offset, section.sh_size) ||
            !read(names_.data(), names.sh_offset, names.sh_size))
            symbols_.clear();
    }

    std::ifstream file_;
    std::vector<ElfW(Shdr)> sections_;
    std::vector<ElfW(Sym)> symbols_;
    std::string names_;
};

bool starts_with(std::string_view name, std::string_view beginning) {
    return name.substr(0, beginning.size()) == beginning;
}

// _ZZ: local to a function. Not to one of the emulator or the standard library.
bool may_be_shared(std::string_view name) {
    return starts_with(name, "_ZZ") && !starts_with(name, "_ZZN7vitrine7kernels4simt") &&
           !starts_with(name, "_ZZNSt") && !starts_with(name, "_ZZNKSt") &&
           !starts_with(name, "_ZZSt") && !starts_with(name, "_ZZN7doctest");
}

struct Search {
    std::vector<SharedArray> found;
    bool any_symbols = false;
};

void search_module(const dl_phdr_info& module, Search& search) {
    const bool is_program = module.dlpi_name == nullptr || *module.dlpi_name == '\0';
    const SymbolTable table(is_program ? "/proc/self/exe" : module.dlpi_name);
    bool has_kernels = false;
    // With a guard variable, _ZGV, it has a constructor, which no __shared__ array has.
    std::set<std::string_view> constructed;
    table.for_each([&](const ElfW(Sym)&, std::string_view name) {
        if (name == "threadIdx") has_kernels = true;
        if (starts_with(name, "_ZGV")) constructed.insert(name.substr(4));
    });
    if (!has_kernels) return;
    search.any_symbols = true;
    table.for_each([&](const ElfW(Sym) & symbol, std::string_view name) {
        if (symbol.st_size == 0 || !table.starts_empty(symbol) || !may_be_shared(name) ||
            constructed.count(name.substr(2)))
            return;
        auto* base = reinterpret_cast<unsigned char*>(module.dlpi_addr);
        if (ELF64_ST_TYPE(symbol.st_info) == STT_TLS)
            base = static_cast<unsigned char*>(module.dlpi_tls_data);
        if (base || is_program) search.found.push_back({base + symbol.st_value, symbol.st_size});
    });
}

int visit(dl_phdr_info* module, std::size_t, void* search) {
    search_module(*module, *static_cast<Search*>(search));
    return 0;
}

}  // namespace

std::vector<SharedArray> shared_arrays() {
    Search search;
    dl_iterate_phdr(&visit, &search);
    VITRINE_CHECK(search.any_symbols,
                  "simt: a cooperative launch finds the __shared__ arrays by the symbols of the "
                  "program, which was stripped of them");
    return search.found;
}

}  // namespace vitrine::kernels::simt
