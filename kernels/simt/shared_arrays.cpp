#include "shared_arrays.h"

#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

#include <elf.h>
#include <link.h>

#include "vitrine/config.h"
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

// _ZZ: local to a function. Of the library's functions only kernels count, and neither those of the
// standard library nor of the tests' do: their variables are the host's.
bool may_be_shared(std::string_view name) {
    if (starts_with(name, "_ZZN7vitrine")) return starts_with(name, "_ZZN7vitrine7kernels7on_simt");
    return starts_with(name, "_ZZ") && !starts_with(name, "_ZZNSt") &&
           !starts_with(name, "_ZZNKSt") && !starts_with(name, "_ZZSt") &&
           !starts_with(name, "_ZZN7doctest");
}

// Where one block runs at a time they are plain variables.
#if VITRINE_SIMT_ONE_WORKER
constexpr unsigned symbol_type = STT_OBJECT;
#else
constexpr unsigned symbol_type = STT_TLS;
#endif

struct Search {
    std::vector<SharedArray> found;
    bool any_symbols = false;
};

void search_module(const dl_phdr_info& module, Search& search) {
    const bool is_program = module.dlpi_name == nullptr || *module.dlpi_name == '\0';
    const SymbolTable table(is_program ? "/proc/self/exe" : module.dlpi_name);
    bool has_kernels = false;
    table.for_each(
        [&](const ElfW(Sym)&, std::string_view name) { has_kernels |= name == "threadIdx"; });
    if (!has_kernels) return;
    search.any_symbols = true;
    auto* base = reinterpret_cast<unsigned char*>(module.dlpi_addr);
    if (symbol_type == STT_TLS) base = static_cast<unsigned char*>(module.dlpi_tls_data);
    table.for_each([&](const ElfW(Sym) & symbol, std::string_view name) {
        if (ELF64_ST_TYPE(symbol.st_info) == symbol_type && symbol.st_size > 0 &&
            table.starts_empty(symbol) && may_be_shared(name))
            search.found.push_back({base + symbol.st_value, symbol.st_size});
    });
}

int visit(dl_phdr_info* module, std::size_t, void* search) {
    search_module(*module, *static_cast<Search*>(search));
    return 0;
}

// How many programs and libraries have been loaded so far.
int count_loaded(dl_phdr_info* module, std::size_t, void* count) {
    *static_cast<unsigned long long*>(count) = module->dlpi_adds;
    return 1;
}

}  // namespace

const std::vector<SharedArray>& shared_arrays() {
    // Of this OS thread: each has its own arrays where several blocks run at the same time.
    thread_local Search last;
    thread_local unsigned long long loaded_at_last = 0;
    unsigned long long loaded = 0;
    dl_iterate_phdr(&count_loaded, &loaded);
    if (loaded != loaded_at_last) {
        last = {};
        dl_iterate_phdr(&visit, &last);
        loaded_at_last = loaded;
    }
    VITRINE_CHECK(last.any_symbols,
                  "simt: a cooperative launch finds the __shared__ arrays by the symbols of the "
                  "program, which was stripped of them");
    return last.found;
}

}  // namespace vitrine::kernels::simt
