// Parts of CUB: collectives of blocks and warps, sums and scans of arrays.
#pragma once
#include "vitrine/kernels/simt/cuda/prelude.h"

#include "vitrine/kernels/simt/cuda/cub_block.h"
#include "vitrine/kernels/simt/cuda/cub_device.h"
