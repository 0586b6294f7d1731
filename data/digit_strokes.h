// How the ten digits are written by hand: for each a few ways, each way a few strokes.
#pragma once

#include <span>
#include <vector>

namespace vitrine::data {

/// A point of the unit square: x to the right, y down.
struct Point {
    double x, y;
};

/// A line drawn without lifting the pen: a smooth curve through the points. A point given twice is a corner.
using Stroke = std::vector<Point>;

/// One way to write a digit.
using Glyph = std::vector<Stroke>;

/// The ways to write digit 0 to 9.
std::span<const Glyph> ways_to_write(int digit);

}  // namespace vitrine::data
