// For the test that takes away every barrier of our kernels in turn, without compiling them again:
// calls of __syncthreads, __syncwarp and the waits for asynchronous copies, by their lines.
#pragma once

#include <set>
#include <string>

#include "vitrine/kernels/simt/site.h"

namespace vitrine::kernels::simt::check {

/// From now on calls in the line `place` ("softmax_cuda.cu:41") do nothing; none does with "".
void take_away_barrier(const std::string& place);

/// The lines that were called since.
const std::set<std::string>& executed_barriers();

/// Notes the call of a barrier. Returns whether it is to do nothing.
bool is_taken_away(const Site& site);

}  // namespace vitrine::kernels::simt::check
