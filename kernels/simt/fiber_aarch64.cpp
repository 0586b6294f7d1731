// The switch of stacks on AArch64 (AAPCS64).
#include "fiber.h"

#if defined(__aarch64__)

extern "C" {
// In assembly below, and called from there.
void vitrine_simt_first_frame();
__attribute__((used)) void vitrine_simt_start(vitrine::kernels::simt::Fiber* fiber) { fiber->start(); }
}

// What vitrine_simt_switch loads: x29 x30, x19 to x28, d8 to d15.
void* vitrine_simt_new_stack(char* stack_top, void* fiber) {
    auto** registers = reinterpret_cast<void**>(stack_top) - 20;
    for (int i = 0; i < 20; ++i) registers[i] = nullptr;
    registers[1] = reinterpret_cast<void*>(&vitrine_simt_first_frame);  // x30, where it returns to
    registers[2] = fiber;                                               // x19
    return registers;
}

// The registers that a called function must preserve go on the old stack and come from the new one.
// The .cfi lines keep every instruction of it unwindable, for debuggers and exceptions: the new
// stack has them at the same places.
asm(R"(
    .text
    .globl vitrine_simt_switch
    .type vitrine_simt_switch, %function
vitrine_simt_switch:
    .cfi_startproc
    stp x29, x30, [sp, -160]!
    .cfi_def_cfa_offset 160
    .cfi_offset x29, -160
    .cfi_offset x30, -152
    stp x19, x20, [sp, 16]
    .cfi_offset x19, -144
    .cfi_offset x20, -136
    stp x21, x22, [sp, 32]
    .cfi_offset x21, -128
    .cfi_offset x22, -120
    stp x23, x24, [sp, 48]
    .cfi_offset x23, -112
    .cfi_offset x24, -104
    stp x25, x26, [sp, 64]
    .cfi_offset x25, -96
    .cfi_offset x26, -88
    stp x27, x28, [sp, 80]
    .cfi_offset x27, -80
    .cfi_offset x28, -72
    stp d8, d9, [sp, 96]
    stp d10, d11, [sp, 112]
    stp d12, d13, [sp, 128]
    stp d14, d15, [sp, 144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp d14, d15, [sp, 144]
    ldp d12, d13, [sp, 128]
    ldp d10, d11, [sp, 112]
    ldp d8, d9, [sp, 96]
    ldp x27, x28, [sp, 80]
    ldp x25, x26, [sp, 64]
    ldp x23, x24, [sp, 48]
    ldp x21, x22, [sp, 32]
    ldp x19, x20, [sp, 16]
    ldp x29, x30, [sp], 160
    .cfi_def_cfa_offset 0
    .cfi_restore x19
    .cfi_restore x20
    .cfi_restore x21
    .cfi_restore x22
    .cfi_restore x23
    .cfi_restore x24
    .cfi_restore x25
    .cfi_restore x26
    .cfi_restore x27
    .cfi_restore x28
    .cfi_restore x29
    .cfi_restore x30
    ret
    .cfi_endproc
    .size vitrine_simt_switch, . - vitrine_simt_switch

    .globl vitrine_simt_first_frame     // its address in a table of the linker needs a symbol
    .hidden vitrine_simt_first_frame
    .type vitrine_simt_first_frame, %function
vitrine_simt_first_frame:
    // A fiber starts here with x19 = Fiber*. Its first member is CallerFrame, so that a backtrace
    // goes on into the function that launched the kernel.
    .cfi_startproc
    .cfi_escape 0x0f, 3, 0x83, 0, 0x06                 // CFA = *x19: breg19 + 0, deref
    .cfi_escape 0x10, 29, 3, 0x83, 8, 0x06             // x29 is at *(x19 + 8)
    .cfi_escape 0x10, 30, 5, 0x83, 8, 0x06, 0x23, 8    // x30 is at *(x19 + 8) + 8
    .cfi_undefined x19
    .cfi_undefined x20
    .cfi_undefined x21
    .cfi_undefined x22
    .cfi_undefined x23
    .cfi_undefined x24
    .cfi_undefined x25
    .cfi_undefined x26
    .cfi_undefined x27
    .cfi_undefined x28
    nop                             // a return address minus one must still lie in here
    mov x0, x19
    bl vitrine_simt_start
    brk 1
    .cfi_endproc
    .size vitrine_simt_first_frame, . - vitrine_simt_first_frame
)");
#endif
