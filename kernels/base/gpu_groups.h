// Cooperative groups for a .cu file, after gpu.h: the grid barrier of a cooperative launch, tiles of
// a warp, their reductions and scans.
#pragma once

#if defined(__CUDACC__)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#else
#include "vitrine/kernels/simt/cooperative_groups.h"
#include "vitrine/kernels/simt/cooperative_groups_reduce.h"
#endif
