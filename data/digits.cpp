#include "digits.h"

#include "draw_digit.h"
#include "drawn_pictures.h"

namespace vitrine::data {

Digits::Digits(std::int64_t count, DigitsOptions options, Site site)
    : LabelledImages({"Digits", digit_names},
                     draw_pictures({"Digits", digit_side, 1, 80'000}, count, options.seed, draw_digit, site)) {}

}  // namespace vitrine::data
