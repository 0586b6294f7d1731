// MNIST: 60,000 and 10,000 handwritten digits of 28 x 28 grey values.
// Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", 1998.
#pragma once

#include <string>

#include "labelled_images.h"

namespace vitrine::data {

/// One half of MNIST, read from a folder:
///
///     train   train-images-idx3-ubyte   train-labels-idx1-ubyte
///     test    t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte       each plain, or gzipped and ending in .gz
///
/// Example i is x (1, 28, 28) f32 in [0, 1] and y () i64, 0 to 9.
class Mnist : public LabelledImages {
public:
    /// Throws IoError when a file is missing, damaged, or not of that shape, or when a label is not in 0 to 9.
    explicit Mnist(const std::string& folder, Split split = Split::train, PictureOptions options = {},
                   Site site = Site::here());
};

/// One half of Fashion-MNIST: clothes in MNIST's form and in files of the same names, so that each needs a folder of
/// its own. H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset", 2017.
class FashionMnist : public LabelledImages {
public:
    /// Throws IoError as Mnist does.
    explicit FashionMnist(const std::string& folder, Split split = Split::train, PictureOptions options = {},
                          Site site = Site::here());
};

}  // namespace vitrine::data
