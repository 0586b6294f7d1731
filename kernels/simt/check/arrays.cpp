#include "arrays.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <vector>

#include <cxxabi.h>
#include <link.h>

#include "vitrine/kernels/simt/runtime.h"

#include "arena.h"
#include "debug_info.h"

namespace vitrine::kernels::simt {

// The linker sorts variables by their alignment. This one follows the last shared array, so that
// what lies close behind that is nobody's either.
extern char behind_shared_arrays[];
__attribute__((section(".bss.vitrine_behind_shared_arrays"), aligned(32768), used))
char behind_shared_arrays[32768];

namespace {

std::uintptr_t address_of(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

std::string demangled(const std::string& symbol) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> text(
        abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
    return text ? text.get() : symbol;
}

std::string last_name(const std::string& name) {
    const std::size_t at = name.rfind("::");
    return at == name.npos ? name : name.substr(at + 2);
}

struct Range {
    std::uintptr_t begin = 0, end = 0;
    bool holds(std::uintptr_t address) const { return address >= begin && address < end; }
};

// The variables of the program: those inside functions are shared arrays, the others device
// variables.
class Program {
public:
    Program() {
        find_segments();
        std::uint32_t number = 1u << 31;
        for (const Variable& variable : program_variables()) {
            if (!writable_.holds(variable.base) || constant_.holds(variable.base)) continue;
            if (variable.base == address_of(behind_shared_arrays)) continue;
            Array array;
            array.name = demangled(variable.symbol);
            array.base = reinterpret_cast<const char*>(variable.base);
            array.bytes = variable.bytes;
            array.number = ++number;
            const bool local = variable.symbol.rfind("_ZZ", 0) == 0;
            array.kind = local ? Array::shared : Array::global;
            array.watched = !(variable.symbol.rfind("_ZGV", 0) == 0 ||  // has it been initialised?
                              array.name.find("vitrine::kernels::simt::") == 0 ||
                              is_built_in(array.name));
            array.name = last_name(array.name);
            arrays_.push_back(std::move(array));
        }
    }

    bool holds(const void* address) const {
        return std::any_of(segments_.begin(), segments_.end(),
                           [=](const Range& r) { return r.holds(address_of(address)); });
    }
    bool is_writable(const void* address) const { return writable_.holds(address_of(address)); }
    bool is_constant(const void* address) const {
        const std::uintptr_t at = address_of(address);
        return (holds(address) && !writable_.holds(at)) || constant_.holds(at);
    }

    /// The last variable that begins at or before `address`, and the first behind it.
    const Array* before(const void* address) const {
        const std::size_t behind = first_behind(address);
        return behind == 0 ? nullptr : &arrays_[behind - 1];
    }
    const Array* after(const void* address) const {
        const std::size_t behind = first_behind(address);
        return behind == arrays_.size() ? nullptr : &arrays_[behind];
    }

private:
    std::size_t first_behind(const void* address) const {
        const auto place = std::upper_bound(
            arrays_.begin(), arrays_.end(), static_cast<const char*>(address),
            [](const char* at, const Array& array) { return at < array.base; });
        return static_cast<std::size_t>(place - arrays_.begin());
    }

    static bool is_built_in(const std::string& name) {
        for (const char* built_in : {"threadIdx", "blockIdx", "blockDim", "gridDim"})
            if (name == built_in) return true;
        return false;
    }

    void find_segments() {
        dl_iterate_phdr(
            [](dl_phdr_info* info, std::size_t, void* self) {
                static_cast<Program*>(self)->add_segments(*info);
                return 1;  // the program itself comes first
            },
            this);
    }

    void add_segments(const dl_phdr_info& info) {
        for (int i = 0; i < info.dlpi_phnum; ++i) {
            const ElfW(Phdr)& part = info.dlpi_phdr[i];
            const std::uintptr_t begin = info.dlpi_addr + part.p_vaddr;
            const Range range{begin, begin + part.p_memsz};
            if (part.p_type == PT_LOAD) segments_.push_back(range);
            if (part.p_type == PT_LOAD && part.p_flags & PF_W) writable_ = range;
            if (part.p_type == PT_GNU_RELRO) constant_ = range;
        }
    }

    std::vector<Range> segments_;
    Range writable_, constant_;  // constant_: written by the loader, read-only since
    std::vector<Array> arrays_;
};

const Program& program() {
    static const Program& known = *new Program;
    return known;
}

Array dynamic_memory{"dynamic shared memory", nullptr, 0, Array::dynamic, true, true, 1u << 31, 0};

// What dynamic shared memory is for the running block; nullptr when the launch has none.
const Array* dynamic_array() {
    if (dynamic_memory.bytes == 0) return nullptr;
    dynamic_memory.base = static_cast<const char*>(dynamic_shared());
    return &dynamic_memory;
}

// A shared array at most this far away is the one that was meant: they lie 64 KiB apart.
constexpr std::ptrdiff_t near_bytes = 32 * 1024;

bool is_near(const Array& array, const void* address) {
    const char* at = static_cast<const char*>(address);
    return at >= array.base - near_bytes &&
           at < array.base + static_cast<std::ptrdiff_t>(array.bytes) + near_bytes;
}

}  // namespace

const Array* variable_at(const void* address) {
    static std::array<const Array*, 256> last_hits{};
    const Array*& hit = last_hits[address_of(address) >> 6 & 255];
    if (hit && hit->holds(address)) return hit;
    if (!program().is_writable(address)) return nullptr;
    const Array* array = program().before(address);
    if (!array || !array->holds(address)) return nullptr;
    return hit = array;
}

void set_dynamic_shared(std::size_t bytes) { dynamic_memory.bytes = bytes; }

const Array* array_at(const void* address) {
    if (is_arena(address)) return allocation_at(address);
    if (const Array* variable = variable_at(address)) return variable;
    const Array* dynamic = dynamic_array();
    return dynamic && dynamic->holds(address) ? dynamic : nullptr;
}

const Array* nearest_array(const void* address) {
    if (is_arena(address)) return nearest_allocation(address);
    const Array* dynamic = dynamic_array();
    if (dynamic && is_near(*dynamic, address)) return dynamic;
    const Array* const before = program().before(address);
    const Array* const after = program().after(address);
    for (const Array* array : {before, after})
        if (array && array->kind == Array::shared && is_near(*array, address)) return array;
    return nullptr;
}

bool is_constant(const void* address) { return program().is_constant(address); }

}  // namespace vitrine::kernels::simt
