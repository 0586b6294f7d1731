// Coloured shapes in a scene, drawn by us: CIFAR's form without a file or a network.
//
// A scene is a background that goes from one colour to another, a few streaks across it, and one shape: scaled, turned,
// stretched a little, put anywhere where all of it is seen, in a colour that differs from the background's; noise lies
// over everything. As with the digits (draw_digit.h) image `index` of `seed` has the same bits on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace vitrine::data {

inline constexpr int shape_side = 32;

/// Of the labels 0 to 9.
inline constexpr std::string_view shape_names[] = {"disc", "ring",  "crescent", "square",    "triangle",
                                                   "star", "cross", "arrow",    "hourglass", "angle"};

/// A picture of a shape: row-major, each pixel red, green, blue.
struct DrawnShape {
    std::array<std::uint8_t, 3 * shape_side * shape_side> pixels;
    std::uint8_t label;
};

/// Scene number `index` of the endless series that `seed` names. The label is random too, each of the ten equally
/// likely.
DrawnShape draw_shape(std::uint64_t seed, std::uint64_t index);

}  // namespace vitrine::data
