// cooperative_groups::memcpy_async, wait.
#pragma once
#include "vitrine/kernels/simt/cuda/prelude.h"

#include "vitrine/kernels/simt/pipeline.h"
