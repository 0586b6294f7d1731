// The switch of stacks on x86-64 (System V ABI).
#include "fiber.h"

#if defined(__x86_64__)

extern "C" {
// In assembly below, and called from there.
void vitrine_simt_first_frame();
__attribute__((used)) void vitrine_simt_start(vitrine::kernels::simt::Fiber* fiber) { fiber->start(); }
}

// What vitrine_simt_switch pops: r15 r14 r13 r12 rbx rbp, then the address to return to.
void* vitrine_simt_new_stack(char* stack_top, void* fiber) {
    auto** top = reinterpret_cast<void**>(stack_top) - 2;
    *--top = reinterpret_cast<void*>(&vitrine_simt_first_frame);
    *--top = nullptr;
    *--top = fiber;
    for (int i = 0; i < 4; ++i) *--top = nullptr;
    return top;
}

// The registers that a called function must preserve go on the old stack and come from the new one.
// The .cfi lines keep every instruction of it unwindable, for debuggers and exceptions.
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
    # A fiber starts here with rbx = Fiber*. Its first member is CallerFrame, so that a backtrace
    # goes on into the function that launched the kernel.
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
