#include "draw_shape.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "dice.h"

namespace vitrine::data {
namespace {

constexpr double side = shape_side;

struct Vec {
    double x, y;
};
using Colour = std::array<double, 3>;
using Canvas = std::array<Colour, shape_side * shape_side>;

// Outlines in the unit disc, x to the right and y down; the first point follows the last.
constexpr Vec square[] = {{-0.71, -0.71}, {0.71, -0.71}, {0.71, 0.71}, {-0.71, 0.71}};
constexpr Vec triangle[] = {{0, -1}, {0.87, 0.5}, {-0.87, 0.5}};
constexpr Vec star[] = {{0, -1},  {0.24, -0.32}, {0.95, -0.31}, {0.38, 0.12},   {0.59, 0.81},
                        {0, 0.4}, {-0.59, 0.81}, {-0.38, 0.12}, {-0.95, -0.31}, {-0.24, -0.32}};
constexpr Vec cross[] = {{-0.3, -0.95}, {0.3, -0.95}, {0.3, -0.3}, {0.95, -0.3}, {0.95, 0.3},   {0.3, 0.3},
                         {0.3, 0.95},   {-0.3, 0.95}, {-0.3, 0.3}, {-0.95, 0.3}, {-0.95, -0.3}, {-0.3, -0.3}};
constexpr Vec arrow[] = {{0, -1},       {0.75, -0.15},  {0.28, -0.15}, {0.28, 0.95},
                         {-0.28, 0.95}, {-0.28, -0.15}, {-0.75, -0.15}};
constexpr Vec hourglass[] = {{-0.65, -0.76}, {0.65, -0.76}, {0.13, 0}, {0.65, 0.76}, {-0.65, 0.76}, {-0.13, 0}};
constexpr Vec angle[] = {{-0.6, -0.8}, {-0.1, -0.8}, {-0.1, 0.3}, {0.7, 0.3}, {0.7, 0.8}, {-0.6, 0.8}};

// Crossing number of the ray to the right (Shimrat's algorithm 112).
bool in_polygon(std::span<const Vec> outline, Vec p) {
    bool inside = false;
    Vec a = outline.back();
    for (const Vec b : outline) {
        if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (b.x - a.x) * ((p.y - a.y) / (b.y - a.y))) inside = !inside;
        a = b;
    }
    return inside;
}

bool in_disc(Vec p, Vec middle, double radius) {
    const double x = p.x - middle.x, y = p.y - middle.y;
    return x * x + y * y < radius * radius;
}

bool in_shape(int label, Vec p) {
    switch (label) {
        case 0: return in_disc(p, {0, 0}, 0.9);
        case 1: return in_disc(p, {0, 0}, 0.95) && !in_disc(p, {0, 0}, 0.55);
        case 2: return in_disc(p, {0, 0}, 0.95) && !in_disc(p, {0.42, 0}, 0.75);
        case 3: return in_polygon(square, p);
        case 4: return in_polygon(triangle, p);
        case 5: return in_polygon(star, p);
        case 6: return in_polygon(cross, p);
        case 7: return in_polygon(arrow, p);
        case 8: return in_polygon(hourglass, p);
        default: return in_polygon(angle, p);
    }
}

/// A direction, each equally likely, without a sine: points of the square are drawn until one is in the disc.
Vec direction(Dice& dice) {
    for (;;) {
        const double x = dice.between(-1, 1), y = dice.between(-1, 1), length2 = x * x + y * y;
        if (length2 > 0.01 && length2 < 1) return {x / std::sqrt(length2), y / std::sqrt(length2)};
    }
}

Colour random_colour(Dice& dice, double lo, double hi) {
    Colour colour;
    for (double& value : colour) value = dice.between(lo, hi);
    return colour;
}

void mix(Colour& colour, const Colour& with, double share) {
    for (std::size_t c = 0; c < 3; ++c) colour[c] += share * (with[c] - colour[c]);
}

/// The background: from one colour to another along a direction.
void paint_background(Canvas& canvas, const Colour& from, const Colour& to, Vec along) {
    for (int y = 0; y < shape_side; ++y)
        for (int x = 0; x < shape_side; ++x) {
            const double at = ((x - side / 2) * along.x + (y - side / 2) * along.y) / (1.4 * side) + 0.5;
            Colour& pixel = canvas[static_cast<std::size_t>(y * shape_side + x)];
            pixel = from;
            mix(pixel, to, at);
        }
}

/// A straight band across the picture that lets what is behind shine through.
void paint_streak(Canvas& canvas, const Colour& colour, Dice& dice) {
    const double px = dice.between(0, side), py = dice.between(0, side), half = dice.between(0.5, 2.5);
    const double strength = dice.between(0.3, 0.8);
    const Vec normal = direction(dice);
    for (int y = 0; y < shape_side; ++y)
        for (int x = 0; x < shape_side; ++x) {
            const double distance = std::abs((x - px) * normal.x + (y - py) * normal.y);
            const double share = strength * std::clamp(half + 0.5 - distance, 0.0, 1.0);
            if (share > 0) mix(canvas[static_cast<std::size_t>(y * shape_side + x)], colour, share);
        }
}

/// Where a shape lies: pixel (x, y) shows the point turned by `turn`, over (width, height), of the unit disc.
struct Place {
    Vec middle, turn;
    double width, height;

    Vec operator()(double x, double y) const {
        const double dx = x - middle.x, dy = y - middle.y;
        return {(dx * turn.x + dy * turn.y) / width, (dy * turn.x - dx * turn.y) / height};
    }
};

Place random_place(Dice& dice) {
    const double size = dice.between(5.5, 12), stretch = dice.between(0.8, 1);
    const bool tall = dice.below(2) == 1;
    Place place{};
    place.width = tall ? size * stretch : size;
    place.height = tall ? size : size * stretch;
    place.turn = direction(dice);
    place.middle.x = dice.between(size, side - size);
    place.middle.y = dice.between(size, side - size);
    return place;
}

/// 3 x 3 points of each pixel near the shape decide how much of the pixel it covers.
void paint_shape(Canvas& canvas, int label, const Place& place, const Colour& colour) {
    const double reach = std::max(place.width, place.height) + 1;
    const auto pixel = [](double at) { return static_cast<int>(std::clamp(at, 0.0, side - 1)); };
    for (int y = pixel(place.middle.y - reach); y <= pixel(place.middle.y + reach); ++y)
        for (int x = pixel(place.middle.x - reach); x <= pixel(place.middle.x + reach); ++x) {
            int inside = 0;
            for (int i = 0; i < 9; ++i) inside += in_shape(label, place(x + (i % 3) / 3.0, y + (i / 3) / 3.0));
            mix(canvas[static_cast<std::size_t>(y * shape_side + x)], colour, inside / 9.0);
        }
}

/// Lighter or darker than `around` by 45 to 120 on the whole, each channel a little different.
Colour contrasting(const Colour& around, Dice& dice) {
    const double mean = (around[0] + around[1] + around[2]) / 3;
    const double difference = dice.between(45, 120);
    Colour colour = random_colour(dice, -40, 40);
    for (double& value : colour) value += mean < 127 ? mean + difference : mean - difference;
    return colour;
}

}  // namespace

DrawnShape draw_shape(std::uint64_t seed, std::uint64_t index) {
    Dice dice(seed, index);
    const int label = dice.below(std::size(shape_names));
    const Colour from = random_colour(dice, 30, 225);
    Colour to = random_colour(dice, -60, 60);
    for (std::size_t c = 0; c < 3; ++c) to[c] += from[c];

    Canvas canvas;
    paint_background(canvas, from, to, direction(dice));
    for (int streaks = dice.below(4); streaks > 0; --streaks) {
        const Colour colour = random_colour(dice, 0, 255);
        paint_streak(canvas, colour, dice);
    }
    const Colour colour = contrasting(from, dice);
    paint_shape(canvas, label, random_place(dice), colour);

    DrawnShape shape{};
    shape.label = static_cast<std::uint8_t>(label);
    const double noise = dice.between(4, 30);
    for (std::size_t i = 0; i < canvas.size(); ++i) {
        const std::uint32_t word = dice.word();
        for (std::size_t c = 0; c < 3; ++c) {
            const double uniform = (word >> (10 * c) & 1023) / 1023.0 - 0.5;
            shape.pixels[3 * i + c] =
                static_cast<std::uint8_t>(std::clamp(canvas[i][c] + noise * uniform, 0.0, 255.0) + 0.5);
        }
    }
    return shape;
}

}  // namespace vitrine::data
