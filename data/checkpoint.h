// Everything that a training run needs to go on as if it had never stopped, in one file.
#pragma once

#include <optional>
#include <string>

#include "batch_order.h"
#include "safetensors.h"
#include "vitrine/core/generator.h"

namespace vitrine::data {

/// A run at rest. In the file, which is a safetensors file, the names of the tensors begin with "model.",
/// "optimizer.", "schedule." and "extra."; the generator, the loader and the notes stand in its metadata.
struct Checkpoint {
    NamedTensors model;      ///< state_dict() of the module
    NamedTensors optimizer;  ///< state_dict() of the optimizer
    GeneratorState generator;
    LoaderState loader;
    Metadata notes = {};              ///< whatever else the program wants to find again
    NamedTensors schedule = {};  ///< state_dict() of the schedule; empty in a file that was written without one
    NamedTensors extra = {};     ///< whatever else has tensors, such as the carried state of a recurrent net
};

/// Writes the file at once or leaves the one that stands there. Throws as save_safetensors does.
void save_checkpoint(const std::string& path, const Checkpoint& checkpoint, Site site = Site::here());

/// Reads it. Throws as load_safetensors does, and IoError when the file is no checkpoint.
Checkpoint load_checkpoint(const std::string& path, Site site = Site::here());

}  // namespace vitrine::data
