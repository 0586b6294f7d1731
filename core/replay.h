// One node of a graph, run again by itself.
#pragma once

#include <optional>
#include <vector>

#include "node.h"

namespace vitrine {

/// One call of an op with everything that went in and came out, outside the graph. Inputs are those of its node: undefined
/// where a number or nothing was given. A gradient is undefined where none came back or none was asked for.
struct NodeCall {
    const char* op = "";
    Site site = {};  ///< the user's line
    std::vector<Tensor> inputs = {}, outputs = {};
    std::vector<Tensor> output_gradients = {}, input_gradients = {};
};

/// How replay() runs; a flat aggregate.
struct ReplayOptions {
    std::optional<Device> device = std::nullopt;  ///< nothing said: where the node ran
    std::vector<Tensor> output_gradients = {};    ///< nothing said: those of its latest backward if kept, else ones
};

/// Runs the forward of a node on the inputs that it keeps, and then its backward, and returns what they took and made. The
/// node's own graph, its values and leaves' grad() stay as they are. A node keeps its inputs when it was recorded while
/// a KeepValues lived; without one, those that its backward needs are found, which is enough where it needs all of them.
///
///     const vt::KeepValues keep;
///     const Tensor y = softmax(x, 1);
///     const vt::NodeCall again = vt::replay(y.node(), {.device = vt::Device::simt});
///
/// Throws Error when the node is null (the tensor was no result of an op), when an input was not kept or was changed in
/// place since, when the node's own tensors were freed by a backward that did not retain the graph, and when an op of
/// your own has no forward().
NodeCall replay(Node* node, const ReplayOptions& options = {}, Site site = Site::here());

/// What the node itself took and made, when it was recorded while a KeepValues lived; without a backward since, gradients
/// are undefined. Throws Error when nothing was kept or what was kept was changed in place since.
NodeCall kept_call(Node* node, Site site = Site::here());

}  // namespace vitrine
