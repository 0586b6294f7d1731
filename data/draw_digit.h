// Handwritten digits drawn by us, so that everything runs without a file or a network.
//
// A digit is one of the ways to write it (digit_strokes.h), drawn by an unsteady hand (its points are moved), slanted,
// turned, stretched, scaled into a box of some 20 x 20 pixels, put on the middle of 28 x 28 with its centre of mass,
// and traced with a pen of changing width, whose edge is blurred. All randomness is Philox's, keyed by the seed and
// counted by the index; the arithmetic is + - * / and square roots alone: image `index` of `seed` has the same bits on
// every machine.
#pragma once

#include <array>
#include <cstdint>

namespace vitrine::data {

inline constexpr int digit_side = 28;

/// A picture of a digit as MNIST has it: row-major, 0 = paper, 255 = ink.
struct DrawnDigit {
    std::array<std::uint8_t, digit_side * digit_side> pixels;
    std::uint8_t label;
};

/// Digit number `index` of the endless series that `seed` names. The label is random too, each of the ten equally
/// likely.
DrawnDigit draw_digit(std::uint64_t seed, std::uint64_t index);

}  // namespace vitrine::data
