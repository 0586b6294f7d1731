// A data set of drawn shapes that needs no file: draw_shape.h says how they come about.
#pragma once

#include "labelled_images.h"

namespace vitrine::data {

struct ShapesOptions {
    std::int64_t seed = 0;     ///< which endless series of scenes; give training and test sets different ones
    DType dtype = DType::f32;  ///< as in PictureOptions
    bool normalise = false;
};

/// The first `count` scenes of a series. Example i is x (3, 32, 32) and y () i64, 0 to 9, like Cifar10's.
class Shapes : public LabelledImages {
public:
    /// Draws them all, with every thread, some 60 us of one thread each. Throws Error unless 0 <= count <= 10^7.
    explicit Shapes(std::int64_t count, ShapesOptions options = {}, Site site = Site::here());
};

}  // namespace vitrine::data
