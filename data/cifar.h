// CIFAR-10 and CIFAR-100: 50,000 and 10,000 coloured photographs of 32 x 32 pixels.
// A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
#pragma once

#include <string>

#include "labelled_images.h"

namespace vitrine::data {

/// One half of CIFAR-10 in its binary form, read from a folder or from the folder cifar-10-batches-bin inside it:
///
///     train   data_batch_1.bin to data_batch_5.bin; else the one file that is named train*.bin
///     test    test_batch.bin;                       else the one file that is named test*.bin
///
/// each plain, or gzipped and ending in .gz, with any number of records; or from cifar-10-binary.tar.gz, which is read
/// as it is. Example i is x (3, 32, 32) and y () i64, 0 to 9.
class Cifar10 : public LabelledImages {
public:
    /// Throws IoError when a file is missing or damaged, or when several files could be meant.
    explicit Cifar10(const std::string& folder, Split split = Split::train, PictureOptions options = {},
                     Site site = Site::here());
};

struct Cifar100Options {
    DType dtype = DType::f32;  ///< as in PictureOptions
    bool normalise = false;
    bool coarse = false;  ///< the 20 coarse labels rather than the 100 fine ones
};

/// One half of CIFAR-100 in its binary form, read from a folder or from the folder cifar-100-binary inside it:
/// train.bin and test.bin, else the one file that is named train*.bin or test*.bin, each plain or gzipped; or from
/// cifar-100-binary.tar.gz; as Cifar10's.
class Cifar100 : public LabelledImages {
public:
    /// Throws IoError as Cifar10 does.
    explicit Cifar100(const std::string& folder, Split split = Split::train, Cifar100Options options = {},
                      Site site = Site::here());
};

}  // namespace vitrine::data
