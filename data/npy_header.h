// The beginning of a .npy file, NumPy's format for one array:
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
//
//     6 bytes        0x93 "NUMPY"
//     2 bytes        version: 1 0, 2 0 or 3 0
//     2 or 4 bytes   length of the rest of the header, little-endian; 2 bytes in version 1
//     the header     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 5), }   padded with spaces, then '\n'
//     the values     row-major, or column-major where fortran_order is True
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "file.h"
#include "vitrine/core/dtype.h"

namespace vitrine::data {

struct NpyHeader {
    DType dtype = DType::f32;
    bool fortran_order = false;
    std::vector<std::int64_t> shape;
    std::size_t bytes = 0;  ///< of the header: the values begin there
};

/// Checks the header, and that as many bytes follow it as the shape and the dtype say. Throws IoError, which names
/// `path`, also for a dtype that a Tensor cannot have, for big-endian values and for more than 8 dimensions.
NpyHeader parse_npy_header(const Bytes& file, const std::string& path);

/// The header of a row-major array, version 1.0, a multiple of 64 bytes. The dtype must not be bf16, which NumPy lacks.
std::string serialize_npy_header(DType dtype, const std::vector<std::int64_t>& shape);

}  // namespace vitrine::data
