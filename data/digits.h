// A data set of drawn digits that needs no file: draw_digit.h says how they come about.
#pragma once

#include "labelled_images.h"

namespace vitrine::data {

struct DigitsOptions {
    std::int64_t seed = 0;  ///< which endless series of digits; give training and test sets different ones
};

/// The first `count` digits of a series. Example i is x (1, 28, 28) f32 in [0, 1] and y () i64, 0 to 9, like Mnist's.
class Digits : public LabelledImages {
public:
    /// Draws them all, with every thread, some 20 us of one thread each. Throws Error unless 0 <= count <= 10^7.
    explicit Digits(std::int64_t count, DigitsOptions options = {}, Site site = Site::here());
};

}  // namespace vitrine::data
