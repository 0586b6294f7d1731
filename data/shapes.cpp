#include "shapes.h"

#include "draw_shape.h"
#include "drawn_pictures.h"

namespace vitrine::data {

// The mean and standard deviation are those of the first 10,000 scenes of seed 0, rounded.
Shapes::Shapes(std::int64_t count, ShapesOptions options, Site site)
    : LabelledImages({"Shapes", shape_names, {0.5, 0.5, 0.5}, {0.23, 0.23, 0.23}},
                     draw_pictures({"Shapes", shape_side, 3, 240'000}, count, options.seed, draw_shape, site),
                     {.dtype = options.dtype, .normalise = options.normalise}, site) {}

}  // namespace vitrine::data
