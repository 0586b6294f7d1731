// Asynchronous copies: __pipeline_memcpy_async.
#pragma once
#include "vitrine/kernels/simt/cuda/prelude.h"

#include "vitrine/kernels/simt/pipeline.h"
