// cooperative_groups::reduce.
#pragma once
#include "vitrine/kernels/simt/cooperative_groups_reduce.h"
#include "vitrine/kernels/simt/cuda/include/cooperative_groups.h"
