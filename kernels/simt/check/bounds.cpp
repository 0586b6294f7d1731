#include "bounds.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/simt/scheduler.h"

#include "arena.h"
#include "parameters.h"
#include "source_lines.h"

namespace vitrine::kernels::simt {

namespace {

struct Launch {
    const char* arguments = nullptr;
    std::size_t argument_bytes = 0;
    const char* stack_end = nullptr;  // of what belongs to the launch on the launching stack
};
Launch now;

// The stack grows downwards: what the running thread has on it lies above this frame. On the
// launching stack that ends where the launch began; on a stack of its own after its few bytes.
bool is_own_stack(const char* address) {
    const char* here = static_cast<const char*>(__builtin_frame_address(0));
    constexpr std::ptrdiff_t largest_main_stack = 8 << 20, largest_stack = 256 << 10;
    if (address < here) return false;
    if (here < now.stack_end && now.stack_end - here < largest_main_stack)
        return address < now.stack_end;
    return address - here < largest_stack;
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
    if (!array.alive) stop("use after free", access, element + ", released before the launch");
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
        stop("null pointer", access, parameter.empty() ? "address 0" : parameter + " is null");
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
    now.stack_end = static_cast<const char*>(__builtin_frame_address(0));
    set_dynamic_shared(shared_bytes);
    name_arrays_after(&call);
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
