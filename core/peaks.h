// What this machine can do, measured.
#pragma once

#include <cstddef>

namespace vitrine {

/// FLOP/s of fused multiply-adds on registers with the widest instructions of this CPU, for num_threads() threads.
double peak_flops(bool f64 = false);

/// What a loop does to memory. A machine has another speed for each: a copy first fetches the lines that it overwrites.
enum class Traffic {
    copy,    ///< y = x, or any loop that writes arrays which it does not read
    triad,   ///< z = x + y: two arrays are read for one that is written
    update,  ///< x changed in place
    read,    ///< x is only read
};

/// Bytes/s (read and written) of such a loop over a working set of `bytes` in all, for num_threads() threads; the speed
/// that a twentieth of the attempts of `seconds` beat. Each is measured once.
double peak_bytes(std::size_t bytes, Traffic traffic = Traffic::copy, double seconds = 1.0 / 3);

/// The same for a copy, between the powers of four from 64 KB to 256 MB, each measured for a twentieth of a second.
double copy_peak_near(double bytes);

}  // namespace vitrine
