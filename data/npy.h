// NumPy's files: .npy holds one array, .npz several with names (a zip of .npy files).
#pragma once

#include <string>

#include "file.h"
#include "safetensors.h"
#include "vitrine/core/tensor.h"

namespace vitrine::data {

/// Writes x, of any device and strides, for numpy.load. A file that stands there is replaced at once or stays as it
/// was. Throws Error when x is undefined or bf16, which NumPy lacks; IoError when the file cannot be written.
void save_npy(const std::string& path, const Tensor& x, Site site = Site::here());

/// Reads what numpy.save wrote: little-endian f32, f64, f16, i32, i64, u8 or bool, at most 4 GiB. An array in Fortran's
/// order becomes a tensor with such strides. Throws IoError when the file is missing, damaged or holds other values
/// (objects would run code, and are refused).
Tensor load_npy(const std::string& path, Site site = Site::here());

/// What load_npy does with bytes that are in memory already; errors name `path`.
Tensor parse_npy(const Bytes& file, const std::string& path);

/// Writes tensors by name, not compressed, for numpy.load. Throws Error as save_npy does, and for a name that is empty,
/// absolute or has a part ".."; IoError when the file cannot be written.
void save_npz(const std::string& path, const NamedTensors& tensors, Site site = Site::here());

/// Reads what numpy.savez or numpy.savez_compressed wrote, at most 4 GiB unpacked. Throws IoError as load_npy does.
NamedTensors load_npz(const std::string& path, Site site = Site::here());

/// What load_npz does with bytes that are in memory already; errors name `path`.
NamedTensors parse_npz(Bytes file, const std::string& path);

}  // namespace vitrine::data
