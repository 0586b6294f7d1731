#include "draw_digit.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "dice.h"
#include "digit_strokes.h"

namespace vitrine::data {
namespace {

/// A point of the line that the pen draws, and the pen's radius there.
struct Dot {
    double x, y, radius;
};
using Line = std::vector<Dot>;
using Picture = std::array<double, digit_side * digit_side>;

bool same(Point a, Point b) { return a.x == b.x && a.y == b.y; }

// Every point a little beside where it should be; the two of a corner stay together.
Stroke unsteady(const Stroke& stroke, double std, Dice& dice) {
    Stroke moved;
    for (std::size_t i = 0; i < stroke.size(); ++i) {
        if (i > 0 && same(stroke[i], stroke[i - 1]))
            moved.push_back(moved.back());
        else
            moved.push_back({stroke[i].x + dice.normal(std), stroke[i].y + dice.normal(std)});
    }
    return moved;
}

// Catmull-Rom: a cubic from b to c whose slopes there are those of the chords a-c and b-d.
double catmull_rom(double a, double b, double c, double d, double t) {
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

// The smooth curve through a stroke's points as short straight pieces. At a corner and at the ends the neighbour that
// is missing is the point itself.
std::vector<Point> smooth(const Stroke& stroke) {
    constexpr int pieces = 6;
    std::vector<Point> curve = {stroke.front()};
    for (std::size_t i = 0; i + 1 < stroke.size(); ++i) {
        const Point b = stroke[i], c = stroke[i + 1];
        if (same(b, c)) continue;
        const Point a = stroke[i > 0 ? i - 1 : i], d = stroke[std::min(i + 2, stroke.size() - 1)];
        for (int p = 1; p <= pieces; ++p) {
            const double t = static_cast<double>(p) / pieces;
            curve.push_back({catmull_rom(a.x, b.x, c.x, d.x, t), catmull_rom(a.y, b.y, c.y, d.y, t)});
        }
    }
    return curve;
}

/// (x, y) -> (xx x + xy y, yx x + yy y).
struct Warp {
    double xx, xy, yx, yy;
    Point operator()(Point p) const { return {xx * p.x + xy * p.y, yx * p.x + yy * p.y}; }
};

// Stretch, then slant, then turn. The angle is given by t = tan(angle / 2): no sine that differs between libraries.
Warp random_warp(Dice& dice) {
    const double width = dice.between(0.72, 1.12);
    const double slant = -0.12 + dice.normal(0.17);
    const double t = dice.normal(0.055), cosine = (1 - t * t) / (1 + t * t), sine = 2 * t / (1 + t * t);
    return {cosine * width, cosine * slant - sine, sine * width, sine * slant + cosine};
}

struct Box {
    double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
};

Box bounds(const std::vector<Line>& lines) {
    Box box;
    for (const Line& line : lines)
        for (const Dot& dot : line) {
            box.left = std::min(box.left, dot.x), box.right = std::max(box.right, dot.x);
            box.top = std::min(box.top, dot.y), box.bottom = std::max(box.bottom, dot.y);
        }
    return box;
}

Point centre_of_mass(const std::vector<Line>& lines) {
    double mass = 0, x = 0, y = 0;
    for (const Line& line : lines)
        for (std::size_t i = 0; i + 1 < line.size(); ++i) {
            const Dot a = line[i], b = line[i + 1];
            const double length = std::sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
            mass += length, x += length * (a.x + b.x) / 2, y += length * (a.y + b.y) / 2;
        }
    return {x / mass, y / mass};
}

// Scales the lines to `side` pixels and moves their centre of mass about the middle, `margin` off the edge at the
// least.
void place(std::vector<Line>& lines, double side, double margin, Dice& dice) {
    const Box box = bounds(lines);
    const Point centre = centre_of_mass(lines);
    const double scale = side / std::max(box.right - box.left, box.bottom - box.top);
    const double last = digit_side - 1, x = last / 2 + dice.normal(0.5), y = last / 2 + dice.normal(0.5);
    const double to_x = std::clamp(x - scale * centre.x, margin - scale * box.left, last - margin - scale * box.right);
    const double to_y = std::clamp(y - scale * centre.y, margin - scale * box.top, last - margin - scale * box.bottom);
    for (Line& line : lines)
        for (Dot& dot : line) dot.x = scale * dot.x + to_x, dot.y = scale * dot.y + to_y;
}

// How much ink the piece from a to b leaves on the pixel at p: 1 inside the pen's width, 0 a pixel further out.
double ink(Dot a, Dot b, Point p) {
    const double dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
    const double along = length2 > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2 : 0;
    const double t = std::clamp(along, 0.0, 1.0);
    const double ex = p.x - a.x - t * dx, ey = p.y - a.y - t * dy;
    const double radius = a.radius + t * (b.radius - a.radius);
    return std::clamp(radius + 0.5 - std::sqrt(ex * ex + ey * ey), 0.0, 1.0);
}

// Only the pixels near the piece are looked at.
void trace(Dot a, Dot b, Picture& picture) {
    const double reach = std::max(a.radius, b.radius) + 0.5;
    const auto pixel = [](double at) { return static_cast<int>(std::clamp(at, 0.0, digit_side - 1.0)); };
    const int left = pixel(std::min(a.x, b.x) - reach), right = pixel(std::max(a.x, b.x) + reach + 1);
    const int top = pixel(std::min(a.y, b.y) - reach), bottom = pixel(std::max(a.y, b.y) + reach + 1);
    for (int y = top; y <= bottom; ++y)
        for (int x = left; x <= right; ++x) {
            double& value = picture[static_cast<std::size_t>(y * digit_side + x)];
            value = std::max(value, ink(a, b, {static_cast<double>(x), static_cast<double>(y)}));
        }
}

// A 3 x 3 blur in two passes: each pixel gives `amount` of its ink to each neighbour in the row, then in the column.
void blur(Picture& picture, double amount) {
    for (const int step : {1, digit_side}) {
        const Picture sharp = picture;
        for (int i = digit_side; i < digit_side * (digit_side - 1); ++i) {
            const auto at = static_cast<std::size_t>(i), s = static_cast<std::size_t>(step);
            picture[at] = (1 - 2 * amount) * sharp[at] + amount * (sharp[at - s] + sharp[at + s]);
        }
    }
}

// The strokes of a glyph by this hand: shaky, warped, with a pen that presses harder here and there.
std::vector<Line> write_by_hand(const Glyph& glyph, Dice& dice) {
    const double shake = dice.between(0.010, 0.045), radius = 1.25 + std::max(-0.55, dice.normal(0.36));
    const Warp warp = random_warp(dice);
    std::vector<Line> lines;
    for (const Stroke& stroke : glyph) {
        Line line;
        const double from = radius * dice.between(0.8, 1.1), to = radius * dice.between(0.8, 1.1);
        const std::vector<Point> curve = smooth(unsteady(stroke, shake, dice));
        for (std::size_t i = 0; i < curve.size(); ++i) {
            const Point p = warp(curve[i]);
            const double t = static_cast<double>(i) / static_cast<double>(curve.size());
            line.push_back({p.x, p.y, from + t * (to - from)});
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace

DrawnDigit draw_digit(std::uint64_t seed, std::uint64_t index) {
    Dice dice(seed, index);
    const int label = dice.below(10);
    const auto ways = ways_to_write(label);
    std::vector<Line> lines = write_by_hand(ways[static_cast<std::size_t>(dice.below(ways.size()))], dice);
    const double pen = lines.front().front().radius;
    place(lines, 20.5 - 2 * pen - std::max(-0.8, dice.normal(0.6)), pen + 1, dice);

    Picture picture{};
    for (const Line& line : lines)
        for (std::size_t i = 0; i + 1 < line.size(); ++i) trace(line[i], line[i + 1], picture);
    blur(picture, dice.between(0.02, 0.16));

    DrawnDigit digit{};
    digit.label = static_cast<std::uint8_t>(label);
    const double darkness = 255 * dice.between(1.0, 1.25);  // a saturated pen: the middle of a line is full ink
    for (std::size_t i = 0; i < picture.size(); ++i)
        digit.pixels[i] = static_cast<std::uint8_t>(std::min(255.0, darkness * picture[i] + 0.5));
    return digit;
}

}  // namespace vitrine::data
