// Labelled points of the plane, made from a formula: what a small net is tried on first.
#pragma once

#include "dataset.h"

namespace vitrine::data {

struct MoonsOptions {
    double noise = 0.1;     ///< standard deviation of what is added to each coordinate
    std::int64_t seed = 0;  ///< another seed gives other points
};

/// Two half circles that reach into each other. Point i has label i mod 2 and, with t uniform in [0, pi):
///
///     label 0   (cos t, sin t)          label 1   (1 - cos t, 1/2 - sin t)
///
/// x (count, 2) f32, y (count) i64. Throws Error unless 0 <= count <= 10^7 and noise is a number >= 0.
Example moons(std::int64_t count, MoonsOptions options = {}, Site site = Site::here());

struct SpiralsOptions {
    std::int64_t arms = 2;
    double turns = 1.5;  ///< of an arm around the middle
    double noise = 0.02;
    std::int64_t seed = 0;
};

/// Arms that wind out of the middle. Point i has label k = i mod arms and, with r uniform in [0, 1):
///
///     r (cos a, sin a)   with a = 2 pi (turns r + k / arms)
///
/// x (count, 2) f32, y (count) i64. Throws Error as moons does, and unless 1 <= arms <= 1000 and turns is finite.
Example spirals(std::int64_t count, SpiralsOptions options = {}, Site site = Site::here());

}  // namespace vitrine::data
