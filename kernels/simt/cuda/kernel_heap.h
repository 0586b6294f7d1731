// `malloc`, `new` and their like in a program of others, under the checker: in a kernel memory of the device, as on a
// GPU, until a kernel gives it back; in host code what they always are. Without the checker the host's memory serves
// kernels as well.
//
// The program alone calls them by these names (prelude.h includes this first); the emulator's own memory is not meant.
// The operators' are those of vitrine_cuda::operator new(unsigned long) and so on.
#pragma once

extern "C" void* malloc(decltype(sizeof 0) bytes) noexcept __asm__("vitrine_simt_malloc");
extern "C" void free(void* memory) noexcept __asm__("vitrine_simt_free");
void* operator new(decltype(sizeof 0) bytes) __asm__("_ZN12vitrine_cudanwEm");
void* operator new[](decltype(sizeof 0) bytes) __asm__("_ZN12vitrine_cudanaEm");
void operator delete(void* memory) noexcept __asm__("_ZN12vitrine_cudadlEPv");
void operator delete[](void* memory) noexcept __asm__("_ZN12vitrine_cudadaEPv");
void operator delete(void* memory, decltype(sizeof 0) bytes) noexcept __asm__("_ZN12vitrine_cudadlEPvm");
void operator delete[](void* memory, decltype(sizeof 0) bytes) noexcept __asm__("_ZN12vitrine_cudadaEPvm");
