// The binary records of CIFAR-10 and CIFAR-100: https://www.cs.toronto.edu/~kriz/cifar.html
//
//     CIFAR-10     label, 3072 bytes                  labels 0 to 9
//     CIFAR-100    coarse label, fine label, 3072 bytes      0 to 19, 0 to 99
//
// The 3072 bytes are 1024 of red, 1024 of green, 1024 of blue, each plane 32 x 32 and row-major. A file is records one
// after the other and nothing else, so that any number of them makes a file.
#pragma once

#include <cstddef>
#include <string>

#include "labelled_images.h"

namespace vitrine::data {

/// Which labels a record has and which of them is wanted.
struct CifarRecord {
    std::size_t label_bytes = 1, wanted = 0;  ///< labels in a record; the one to keep, counted from 0
    std::uint8_t classes = 10;                ///< allowed are labels below this
};

inline constexpr std::int64_t cifar_side = 32;

/// Appends the records of a file to `pictures`, planes turned into pixels of three bytes. Throws IoError, which names
/// `path`, unless the file is a whole number of records (one at least) and every label is allowed.
void append_cifar(const Bytes& file, const CifarRecord& record, const std::string& path, Pictures& pictures);

}  // namespace vitrine::data
