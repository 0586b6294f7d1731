// VITRINE_HD marks a function that both the host and a CUDA device may call.
#pragma once

#if defined(__CUDACC__)
#define VITRINE_HD __host__ __device__
#else
#define VITRINE_HD
#endif

// The same for a small function that must vanish into its caller's loop, where it becomes vector code. It leaves no
// copy of its own behind, so a file with extra instruction-set flags may call it.
#define VITRINE_INLINE VITRINE_HD __attribute__((always_inline)) inline
