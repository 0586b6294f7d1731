// Arithmetic without a meaning, misaligned vectors and indices beyond a dimension of an array, as
// the compiler finds them in kernels: -fsanitize=signed-integer-overflow,shift,... calls the
// functions at the end of this file, which take the place of UndefinedBehaviorSanitizer's run-time.
// Unlike its trap mode, which ends the process at a bare instruction, they know line and operands.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/simt/scheduler.h"

#include "events.h"
#include "own_memory.h"
#include "parameters.h"

namespace vitrine::kernels::simt {

namespace {

// What the compiler writes beside each check.
struct Location {
    const char* file;
    std::uint32_t line, column;
};
struct Type {
    std::uint16_t kind, info;  // an integer: kind 0, info 2 * log2(bits) + is_signed
    char name[1];              // 'float [8]', quoted
};
struct Arithmetic {
    Location at;
    const Type* type;
};
struct Shift {
    Location at;
    const Type *left, *right;
};
struct Index {
    Location at;
    const Type *array, *index;
};
struct Pointer {
    Location at;
    const Type* type;
    std::uint8_t log2_alignment, kind;
};

using Value = std::uintptr_t;  // an integer of up to 64 bits, or a pointer to a longer one

bool is_signed(const Type& type) { return type.info & 1; }
unsigned bits_of(const Type& type) { return 1u << (type.info >> 1); }

// The low half stands for what is longer than 64 bits.
std::string number(const Type& type, Value value) {
    if (bits_of(type) > 64) std::memcpy(&value, reinterpret_cast<const void*>(value), sizeof value);
    if (!is_signed(type)) return std::to_string(value);
    const unsigned unused = bits_of(type) < 64 ? 64 - bits_of(type) : 0;
    return std::to_string(static_cast<std::int64_t>(value << unused) >> unused);
}

std::string no_room(const Type& type) {
    return join(" does not fit into ", bits_of(type), is_signed(type) ? " bits with sign" : " bits");
}

std::string array_type(const Type& type) {
    std::string name(type.name + 1, std::strlen(type.name) - 2);
    if (const auto space = name.find(" ["); space != name.npos) name.erase(space, 1);
    return name;
}

void report(const char* what, const Location& at, const std::string& why) {
    // The host code of a CUDA program of others is not judged: it goes on as compiled.
    if (!running_scheduler && check::on_host_access) return;
    const char* slash = std::strrchr(at.file, '/');
    const std::string place = join(slash ? slash + 1 : at.file, ":", at.line, ": ", why);
    if (!running_scheduler) {  // host code of a .cu file; an exception could not leave it
        std::fprintf(stderr, "simt: %s: host code at %s\n", what, place.c_str());
        std::abort();
    }
    stop_thread(join(what, ": thread ", to_string(threadIdx), " at ", place));
}

// Whether arrays of a thread's own begin at such addresses here: nvcc aligns those that are copied by vectors. What
// has 16 bytes or more g++ aligns to 16 for x86-64; a vector of 8 bytes may be half of it, or all of a smaller one.
bool aligns_own_arrays([[maybe_unused]] const Pointer& data) {
#if defined(__x86_64__) && !defined(__clang__)
    return data.log2_alignment == 4;
#else
    return false;
#endif
}

void report_overflow(const Arithmetic& data, Value left, const char* sign,
                                  Value right) {
    report("signed integer overflow", data.at,
           number(*data.type, left) + sign + number(*data.type, right) + no_room(*data.type));
}

}  // namespace

// A pause first: the standard library's functions may be the watched ones of a file with kernels.
extern "C" {

void __ubsan_handle_add_overflow(Arithmetic* data, Value left, Value right) {
    const check::Pause pause;
    report_overflow(*data, left, " + ", right);
}

void __ubsan_handle_sub_overflow(Arithmetic* data, Value left, Value right) {
    const check::Pause pause;
    report_overflow(*data, left, " - ", right);
}

void __ubsan_handle_mul_overflow(Arithmetic* data, Value left, Value right) {
    const check::Pause pause;
    report_overflow(*data, left, " * ", right);
}

void __ubsan_handle_negate_overflow(Arithmetic* data, Value value) {
    const check::Pause pause;
    report("signed integer overflow", data->at,
           "-(" + number(*data->type, value) + ")" + no_room(*data->type));
}

void __ubsan_handle_divrem_overflow(Arithmetic* data, Value left, Value right) {
    const check::Pause pause;
    if (number(*data->type, right) == "0")
        return report("division by zero", data->at, number(*data->type, left) + " / 0");
    report_overflow(*data, left, " / ", right);
}

void __ubsan_handle_shift_out_of_bounds(Shift* data, Value left, Value right) {
    const check::Pause pause;
    report("shift", data->at,
           join(number(*data->left, left), " of ", bits_of(*data->left), " bits shifted by ",
                number(*data->right, right)));
}

void __ubsan_handle_out_of_bounds(Index* data, Value index) {
    const check::Pause pause;
    report("out of bounds", data->at,
           join("index ", number(*data->index, index), " into ", array_type(*data->array)));
}

void __ubsan_handle_type_mismatch_v1(Pointer* data, Value pointer) {
    const check::Pause pause;
    const auto* address = reinterpret_cast<const void*>(pointer);
    const bool own = running_scheduler && check::is_own(static_cast<const char*>(address));
    if (own && !aligns_own_arrays(*data)) return;
    const Array* array = own ? nullptr : array_at(address);
    report("misaligned", data->at,
           join(own     ? "an address within the thread's own variables"
                : array ? element_name(*array, address)
                        : join("address ", address),
                " is no multiple of ", 1u << data->log2_alignment, " bytes"));
}

}  // extern "C"

}  // namespace vitrine::kernels::simt
