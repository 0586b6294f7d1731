#include "fiber.h"

#include <cstdint>
#include <cstdlib>

#include <sys/mman.h>
#include <unistd.h>

#include "vitrine/kernels/base/error.h"

#if defined(__x86_64__)
extern "C" {
// In assembly below, and called from there.
void vitrine_simt_first_frame();
__attribute__((used)) void vitrine_simt_start(vitrine::kernels::simt::Fiber* fiber);
}
#endif

namespace vitrine::kernels::simt {

#if VITRINE_SIMT_ASAN
constexpr std::size_t stack_bytes = 256 * 1024;
#else
constexpr std::size_t stack_bytes = 128 * 1024;
#endif

namespace {
std::size_t guard_bytes() {
    static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return page;
}
}  // namespace

Fiber::Fiber(SwitchKind kind) : kind_(kind) {
    if (kind == SwitchKind::ucontext) context_ = std::make_unique<ucontext_t>();
#if VITRINE_SIMT_TSAN
    tsan_fiber_ = __tsan_get_current_fiber();
#endif
}

Fiber::Fiber(SwitchKind kind, Entry entry, void* argument)
    : kind_(kind), entry_(entry), argument_(argument) {
    if (kind == SwitchKind::ucontext) context_ = std::make_unique<ucontext_t>();
    allocate_stack();
    prepare_first_switch();
#if VITRINE_SIMT_ASAN
    bottom_ = mapping_ + guard_bytes();
    bytes_ = stack_bytes;
#endif
#if VITRINE_SIMT_TSAN
    tsan_fiber_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
    if (!mapping_) return;
#if VITRINE_SIMT_TSAN
    __tsan_destroy_fiber(tsan_fiber_);
#endif
    unpoison(mapping_ + guard_bytes(), stack_bytes);
    munmap(mapping_, guard_bytes() + stack_bytes);
}

void Fiber::allocate_stack() {
    void* memory = mmap(nullptr, guard_bytes() + stack_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    VITRINE_CHECK(memory != MAP_FAILED, "simt: no memory for the stack of a waiting thread");
    mapping_ = static_cast<char*>(memory);
    // A kernel that overflows its stack faults here instead of writing into the next stack.
    if (mprotect(mapping_, guard_bytes(), PROT_NONE) != 0) {
        munmap(mapping_, guard_bytes() + stack_bytes);
        throw Error(
            "simt: no mapping left for the stack of a waiting thread (vm.max_map_count); "
            "VITRINE_SIMT_WORKERS=1 needs the fewest");
    }
}

void Fiber::start() {
    after_switch();
    entry_(argument_, *this);
    std::abort();
}

#if VITRINE_SIMT_ASAN
namespace {
thread_local Fiber* left = nullptr;  // the fiber that the last switch of this OS thread left
}

void Fiber::before_switch(Fiber& next) {
    left = this;
    __sanitizer_start_switch_fiber(&fake_stack_, next.bottom_, next.bytes_);
}

void Fiber::after_switch() {
    // This is also how the bounds of an OS thread's own stack become known.
    __sanitizer_finish_switch_fiber(fake_stack_, &left->bottom_, &left->bytes_);
}
#endif

namespace {
void start_from_context(unsigned low, unsigned high) {
    reinterpret_cast<Fiber*>(static_cast<std::uintptr_t>(high) << 32 | low)->start();
}
}  // namespace

void Fiber::prepare_first_switch() {
#if defined(__x86_64__)
    if (kind_ == SwitchKind::assembly) {
        // What vitrine_simt_switch pops: r15 r14 r13 r12 rbx rbp, then the address to return to.
        auto** top = reinterpret_cast<void**>(mapping_ + guard_bytes() + stack_bytes) - 2;
        *--top = reinterpret_cast<void*>(&vitrine_simt_first_frame);
        *--top = nullptr;
        *--top = this;
        for (int i = 0; i < 4; ++i) *--top = nullptr;
        stack_pointer_ = top;
        return;
    }
#endif
    getcontext(context_.get());
    context_->uc_stack.ss_sp = mapping_ + guard_bytes();
    context_->uc_stack.ss_size = stack_bytes;
    context_->uc_link = nullptr;
    const std::uint64_t self = reinterpret_cast<std::uintptr_t>(this);  // makecontext passes ints
    makecontext(context_.get(), reinterpret_cast<void (*)()>(&start_from_context), 2,
                static_cast<unsigned>(self), static_cast<unsigned>(self >> 32));
}

}  // namespace vitrine::kernels::simt

#if defined(__x86_64__)
void vitrine_simt_start(vitrine::kernels::simt::Fiber* fiber) { fiber->start(); }

// The registers that a called function must preserve (System V ABI) go on the old stack and come
// from the new one. The .cfi lines keep every instruction of it unwindable, for debuggers and
// exceptions.
asm(R"(
    .text
    .globl vitrine_simt_switch
    .type vitrine_simt_switch, @function
vitrine_simt_switch:
    .cfi_startproc
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset rbp, 0
    pushq %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset rbx, 0
    pushq %r12
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r12, 0
    pushq %r13
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r13, 0
    pushq %r14
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r14, 0
    pushq %r15
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r15, 0
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    .cfi_adjust_cfa_offset -8
    .cfi_restore r15
    popq %r14
    .cfi_adjust_cfa_offset -8
    .cfi_restore r14
    popq %r13
    .cfi_adjust_cfa_offset -8
    .cfi_restore r13
    popq %r12
    .cfi_adjust_cfa_offset -8
    .cfi_restore r12
    popq %rbx
    .cfi_adjust_cfa_offset -8
    .cfi_restore rbx
    popq %rbp
    .cfi_adjust_cfa_offset -8
    .cfi_restore rbp
    ret
    .cfi_endproc
    .size vitrine_simt_switch, . - vitrine_simt_switch

    .type vitrine_simt_first_frame, @function
vitrine_simt_first_frame:
    # A fiber starts here with rbx = Fiber*. Its first member is the canonical frame address of the
    # code that runs the block, so that a backtrace goes on into the function that launched the
    # kernel.
    .cfi_startproc
    .cfi_escape 0x0f, 3, 0x73, 0, 0x06      # DW_CFA_def_cfa_expression: breg3 (rbx) + 0, deref
    .cfi_offset rip, -8
    .cfi_offset rbp, -16
    .cfi_undefined rbx
    .cfi_undefined r12
    .cfi_undefined r13
    .cfi_undefined r14
    .cfi_undefined r15
    nop                                     # a return address minus one must still lie in here
    movq %rbx, %rdi
    call vitrine_simt_start
    ud2
    .cfi_endproc
    .size vitrine_simt_first_frame, . - vitrine_simt_first_frame
)");
#endif
