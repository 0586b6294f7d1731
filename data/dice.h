// Private to the built-in data sets. Files that include it are compiled without fused multiply-add (CMakeLists.txt):
// the inline functions must be the same in all of them, and the pictures the same on every machine.
#pragma once

#include <array>
#include <cstdint>

#include "vitrine/kernels/random/philox.h"

namespace vitrine::data {

/// The random numbers of one example: the seed is Philox's key, the example's number the upper half of its counter.
class Dice {
public:
    Dice(std::uint64_t seed, std::uint64_t index) : seed_(seed), index_(index) {}

    std::uint32_t word() {
        if (used_ == 4) draw();
        return words_[used_++];
    }
    int below(std::size_t n) { return static_cast<int>(std::uint64_t{word()} * n >> 32); }
    double unit() { return word() * 0x1p-32; }
    double between(double lo, double hi) { return lo + (hi - lo) * unit(); }
    /// Nearly normal, within 3.5 standard deviations: four uniforms added (Irwin and Hall).
    double normal(double std) { return std * (unit() + unit() + unit() + unit() - 2) * 1.7320508075688772; }

private:
    void draw() {
        const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
        const auto w =
            kernels::philox4x32_10({block_++, 0, low(index_), low(index_ >> 32)}, low(seed_), low(seed_ >> 32));
        words_ = {w.w0, w.w1, w.w2, w.w3};
        used_ = 0;
    }

    std::uint64_t seed_, index_;
    std::uint32_t block_ = 0;
    std::array<std::uint32_t, 4> words_{};
    std::size_t used_ = 4;
};

}  // namespace vitrine::data
