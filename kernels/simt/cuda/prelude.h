// What nvcc puts before a CUDA program: its language, its device functions and its run-time
// library. tools/simt-check includes this file before the program's first line.
#pragma once

#include "vitrine/config.h"
#if VITRINE_SIMT_CHECK
#include "kernel_heap.h"
#endif

// Standard headers first: some of them look at __CUDACC__. C++20's std::lerp would come into the
// global namespace by <math.h>, where programs have a lerp(float, float, float) of their own.
#define lerp vitrine_standard_lerp
#include <cmath>
#include <math.h>
#undef lerp
#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "vitrine/kernels/simt/gpu_simt.h"

#include "api.h"
#include "launch.h"
#include "legacy_warp.h"
#include "math_more.h"
#include "vector_types.h"

#define __constant__
#define __managed__
#define __grid_constant__
#define __builtin_align__(bytes) __align__(bytes)
#define __device_builtin__
#define __cudart_builtin__
#define CUDART_CB

// By these some headers see that CUDA's were included.
#define __CUDA_RUNTIME_H__
#define __DRIVER_TYPES_H__
#define __VECTOR_TYPES_H__

#define __CUDACC__ 1
#define __NVCC__ 1
#define __CUDACC_VER_MAJOR__ 12
#define __CUDACC_VER_MINOR__ 4
#define __CUDACC_VER_BUILD__ 0
#define CUDART_VERSION 12040
#define CUDA_VERSION 12040
// Device and host code are compiled at once. Programs ask for this to choose between versions of
// device code far more often than to tell the two apart.
#ifndef __CUDA_ARCH__
#define __CUDA_ARCH__ 800
#endif
