// The kernels that bench/simt/simt.cpp times.
#pragma once

namespace vitrine::kernels {

constexpr int bench_mix_floats = 1 << 14;

/// Threads that write to x and return.
template <class On>
void bench_threads(On on, float* x, unsigned blocks, unsigned threads);
/// One block whose threads meet `turns` times.
template <class On>
void bench_barriers(On on, int turns, unsigned threads);
/// Elementwise, reduction of rows, transposition through shared memory, matrix product by tiles.
template <class On>
void bench_mix(On on, float* x, float* y);

}  // namespace vitrine::kernels
