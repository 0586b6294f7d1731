// cooperative_groups::inclusive_scan, exclusive_scan.
#pragma once
#include "vitrine/kernels/simt/cuda/prelude.h"

#include "vitrine/kernels/simt/cooperative_groups_reduce.h"
