#pragma once
#include "vitrine/kernels/simt/cuda/prelude.h"

#include "vitrine/kernels/simt/cuda/thrust_policies.h"
