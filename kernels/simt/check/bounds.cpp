#include "bounds.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/simt/scheduler.h"

#include "arena.h"
#include "events.h"
#include "parameters.h"
#include "source_lines.h"

namespace vitrine::kernels::simt {

namespace {

struct Launch {
    const char* arguments = nullptr;
    std::size_t argument_bytes = 0;
};
Launch now;

// The program's variables that words of the arguments point to: memory of the host, if the word is
// a parameter. It may as well be an unused part of a structure, with what was there before.
std::vector<const Array*> passed_variables;

void find_passed_variables() {
    passed_variables.clear();
    for (std::size_t i = 0; i + sizeof(void*) <= now.argument_bytes; i += sizeof(void*)) {
        const void* value;
        std::memcpy(&value, now.arguments + i, sizeof value);
        const Array* variable = variable_at(value);
        if (variable && variable->watched) passed_variables.push_back(variable);
    }
}

bool is_passed(const Array* array) {
    const auto known = std::find(passed_variables.begin(), passed_variables.end(), array);
    if (known == passed_variables.end()) return false;
    if (is_parameter_of_launch(*array)) return true;
    passed_variables.erase(known);
    return false;
}

// The stack grows downwards: what the running thread has on it lies above this frame.
bool is_own_stack(const char* address) {
    return address >= static_cast<const char*>(__builtin_frame_address(0)) &&
           address < check::running.stack_end;
}

bool is_parameter(const char* address) {
    return address >= now.arguments && address < now.arguments + now.argument_bytes;
}

[[noreturn]] void stop(const std::string& what, const Access& access, const std::string& why) {
    stop_thread(what + ": " + to_string(access) + ": " + why);
}

const char* end_of(const Array& array) { return array.base + array.bytes; }

[[noreturn]] void report_outside(const Access& access, const Array& array) {
    const char* at = static_cast<const char*>(access.address);
    const std::string element = element_name(array, at);
    if (!array.alive) stop("use after free", access, element + ", released before");
    const char* kind = array.kind == Array::global ? " allocation of " : " array of ";
    if (at < array.base)
        stop("out of bounds", access,
             join(element, ", ", array.base - at, " bytes before an", kind, array.bytes));
    stop("out of bounds", access,
         join(element, ", ", at - array.base, " bytes into an", kind, array.bytes));
}

[[noreturn]] void report_foreign(const Access& access) {
    const std::string parameter = pointer_parameter_near(access.address);
    constexpr std::uintptr_t first_page = 4096;
    if (reinterpret_cast<std::uintptr_t>(access.address) < first_page)
        stop("null pointer", access, parameter.empty() ? join("address ", access.address) : parameter + " is null");
    if (is_arena(access.address))
        stop("out of bounds", access, "far from every allocation");
    stop("host memory", access,
         parameter.empty() ? "an address that is no device memory"
                           : parameter + " points to memory of the host");
}

}  // namespace

void begin_bounds(const KernelCall& call, std::size_t shared_bytes) {
    now.arguments = static_cast<const char*>(call.arguments);
    now.argument_bytes = call.parameters ? call.parameters->bytes : 0;
    set_dynamic_shared(shared_bytes);
    name_arrays_after(&call);
    find_passed_variables();
}

void end_bounds() {
    now = {};
    set_dynamic_shared(0);
    name_arrays_after(nullptr);
}

const Array* checked_array(const Access& access) {
    const char* at = static_cast<const char*>(access.address);
    if (is_own_stack(at)) return nullptr;
    const Array* array = array_at(at);
    if (!passed_variables.empty() && is_passed(array)) report_foreign(access);
    if (array && array->alive && at + access.bytes <= end_of(*array)) [[likely]]
        return array->watched ? array : nullptr;
    if (array) report_outside(access, *array);
    if (is_parameter(at) || (is_constant(at) && !writes(access.kind))) return nullptr;
    if (const Array* nearest = nearest_array(at)) report_outside(access, *nearest);
    report_foreign(access);
}

std::string to_string(const Access& access) {
    const std::string thread = "thread " + to_string(threadIdx);
    const char* verb = access.kind == AccessKind::atomic_load    ? " loads "
                       : access.kind == AccessKind::atomic_store ? " stores "
                       : is_atomic(access.kind)                  ? " updates "
                       : writes(access.kind)                     ? " writes "
                                                                 : " reads ";
    const std::string what = join(thread, verb, access.bytes, access.bytes == 1 ? " byte" : " bytes");
    if (access.site) return join(what, " by ", to_string(*access.site));
    return join(what, " at ", to_string(source_line(access.pc)));
}

}  // namespace vitrine::kernels::simt
