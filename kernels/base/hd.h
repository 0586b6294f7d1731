// VITRINE_HD marks a function that both the host and a CUDA device may call.
#pragma once

#if defined(__CUDACC__)
#define VITRINE_HD __host__ __device__
#else
#define VITRINE_HD
#endif
