// One call of an op in a file: what replay() runs, kept for tests, bench and other frameworks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "safetensors.h"
#include "vitrine/core/replay.h"

namespace vitrine::data {

/// What a file of export_case() holds, on the cpu.
struct NodeCase {
    std::string op, site;  ///< the user's line: "train.cpp:41"
    /// As in NodeCall: undefined where there was none.
    std::vector<Tensor> inputs, outputs, output_gradients, input_gradients;
    std::vector<bool> trained;  ///< whether an input was asked for its gradient
    NamedTensors saved;         ///< what the node kept besides, by its names: indices, masks, statistics
};

/// Writes one node's inputs, outputs and gradients as a safetensors file: input.0, output.0, output_gradient.0,
/// input_gradient.0 and so on, saved.NAME, and the op and the user's line in the metadata. They are what the node itself
/// took and made if it was recorded while a KeepValues lived (a wrong result is in the file as it was), else what replay()
/// makes; gradients that the node has not seen yet come from replay(). Throws Error as replay() does, IoError when the
/// file cannot be written.
void export_case(Node* node, const std::string& path, Site site = Site::here());

/// Reads such a file. Throws IoError when it is none.
NodeCase load_case(const std::string& path, Site site = Site::here());

/// Calls `op` on the case's inputs, copied to a device, and its backward from the case's gradients: what replay() returns,
/// for an op that is given as a function of inputs. `op` returns as many tensors as the case has outputs.
NodeCall run_case(const NodeCase& node_case, Device device,
                  const std::function<std::vector<Tensor>(const std::vector<Tensor>&)>& op);

}  // namespace vitrine::data
