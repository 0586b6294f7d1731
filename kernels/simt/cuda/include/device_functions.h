// All of it is in the emulator's prelude.
#pragma once
#include "vitrine/kernels/simt/cuda/prelude.h"
