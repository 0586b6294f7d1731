#include "points.h"

#include <cmath>
#include <numbers>

#include "dice.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::data {
namespace {

struct Point {
    double x, y;
};

/// Point i is at(its label, a number of [0, 1)), moved by the noise.
template <class At>
Example make_points(const Call& call, std::int64_t count, std::int64_t labels, double noise, std::int64_t seed, At at) {
    constexpr std::int64_t most = 10'000'000;
    call.check(count >= 0 && count <= most, "count ", count, "; allowed are 0 to ", most);
    call.check(noise >= 0 && std::isfinite(noise), "noise ", noise, "; allowed are numbers from 0");
    const Example points{empty({count, 2}, {}, call.site()), empty({count}, {.dtype = DType::i64}, call.site())};
    float* x = points.x.data<float>();
    std::int64_t* y = points.y.data<std::int64_t>();
    for (std::int64_t i = 0; i < count; ++i) {
        Dice dice(static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(i));
        const Point point = at(i % labels, dice.unit());
        x[2 * i] = static_cast<float>(point.x + dice.normal(noise));
        x[2 * i + 1] = static_cast<float>(point.y + dice.normal(noise));
        y[i] = i % labels;
    }
    return points;
}

}  // namespace

Example moons(std::int64_t count, MoonsOptions options, Site site) {
    const auto at = [](std::int64_t label, double unit) -> Point {
        const double t = std::numbers::pi * unit;
        if (label == 0) return {std::cos(t), std::sin(t)};
        return {1 - std::cos(t), 0.5 - std::sin(t)};
    };
    return make_points(Call("moons", site), count, 2, options.noise, options.seed, at);
}

Example spirals(std::int64_t count, SpiralsOptions options, Site site) {
    const Call call("spirals", site);
    call.check(options.arms >= 1 && options.arms <= 1000, "arms ", options.arms, "; allowed are 1 to 1000");
    call.check(std::isfinite(options.turns), "turns ", options.turns, "; allowed are finite numbers");
    const auto at = [&](std::int64_t label, double r) -> Point {
        const double share = static_cast<double>(label) / static_cast<double>(options.arms);
        const double a = 2 * std::numbers::pi * (options.turns * r + share);
        return {r * std::cos(a), r * std::sin(a)};
    };
    return make_points(call, count, options.arms, options.noise, options.seed, at);
}

}  // namespace vitrine::data
