// __nv_bfloat16 and its functions.
#pragma once
#include "vitrine/kernels/simt/cuda/prelude.h"

#include "vitrine/kernels/simt/half_functions.h"
