// Tensors with names in a file: safetensors, which PyTorch's users and Python's safetensors package read and write too.
// The format is explained in safetensors_header.h.
#pragma once

#include <map>
#include <string>

#include "safetensors_header.h"
#include "vitrine/core/tensor.h"

namespace vitrine::data {

/// Tensors by name: what state_dict() of a module or an optimizer gives.
using NamedTensors = std::map<std::string, Tensor>;

/// What a safetensors file holds.
struct SafetensorsFile {
    NamedTensors tensors;  ///< on the cpu
    Metadata metadata;

    /// The tensor of that name. Throws Error, naming the file's tensors, when there is none.
    const Tensor& at(const std::string& name, Site site = Site::here()) const;
};

/// Writes tensors of any device and strides, logical shapes in row-major order; wider elements come first, so that each
/// is aligned. A file that stands there is replaced at once or stays as it was. Throws Error when a tensor is undefined
/// or a name is not UTF-8, IoError when the file cannot be written.
void save_safetensors(const std::string& path, const NamedTensors& tensors, const Metadata& metadata = {},
                      Site site = Site::here());

/// Reads such a file. Throws IoError when it is missing, truncated or contradicts itself (every size is checked before
/// memory is asked for), or when a tensor has a dtype or more dimensions than a Tensor can have.
SafetensorsFile load_safetensors(const std::string& path, Site site = Site::here());

}  // namespace vitrine::data
