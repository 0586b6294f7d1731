// One call of an op in a file: what replay() runs, kept for tests, bench and other frameworks.
#pragma once

#include <functional>
#include <map>
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
    std::map<std::string, std::string> arguments = {};  ///< Node::arguments(): what the op was told besides tensors
    DType factors = DType::f32;                         ///< autocast_dtype() of the forward
};

/// One node's case. Its tensors are what the node itself took and made if it was recorded while a KeepValues lived (a wrong
/// result stays as it was), else what replay() makes; gradients that the node has not seen yet come from replay(). Throws
/// Error as replay() does.
NodeCase case_of(Node* node, Site site = Site::here());

/// Writes case_of(node) as a safetensors file: input.0, output.0, output_gradient.0, input_gradient.0 and so on,
/// saved.NAME, and in the metadata the op, the user's line, argument.NAME, and strides.input.0 of what does not lie row by
/// row. Throws Error as case_of() does, IoError when the file cannot be written.
void export_case(Node* node, const std::string& path, Site site = Site::here());

/// Reads such a file; tensors without gaps lie as they lay. Throws IoError when it is none.
NodeCase load_case(const std::string& path, Site site = Site::here());

/// Calls `op` on the case's inputs, copied to a device, and its backward from the case's gradients: what replay() returns,
/// for an op that is given as a function of inputs. `op` returns as many tensors as the case has outputs.
NodeCall run_case(const NodeCase& node_case, Device device,
                  const std::function<std::vector<Tensor>(const std::vector<Tensor>&)>& op);

/// Whether a file says all that it takes to call that op: true for the library's own but those that only appear in the
/// graph of a recorded backward.
bool can_call(const std::string& op);
/// The case's op on inputs like the case's, as it was called. Throws Error for an op that cannot be called from a file, and
/// when the case lacks one of its arguments.
std::vector<Tensor> call_op(const NodeCase& node_case, const std::vector<Tensor>& inputs);
/// run_case() of that call.
NodeCall run_case(const NodeCase& node_case, Device device);

/// How far what a call made is from the case's file: the worst place, as |made - wanted| / allowed.
struct CaseDifference {
    std::string what;  ///< "output 0", "the gradient of input 1"
    Shape index;
    double made = 0, wanted = 0, allowed = 0;
    double share = 0;  ///< of what is allowed; above 1, or NaN: wrong
    bool wrong() const { return !(share <= 1); }
};

/// The tolerance of a case, relative to the largest number of a tensor: 1e-4 for f32, 1e-10 for f64, 0.02 where numbers or
/// factors have 16 bits.
double case_tolerance(const NodeCase& node_case);
/// Of all outputs and gradients. Allowed is tolerance * (the tensor's largest number) + 16 eps * (the largest number that
/// the call was given), as in verify::lockstep(). Throws Error when something is missing or has another shape.
CaseDifference compare_case(const NodeCase& wanted, const NodeCall& made, double tolerance);

}  // namespace vitrine::data
