// How a case's op is called again. Private to data.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "node_case.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/pair2.h"

namespace vitrine::data {

/// What a line of the list of ops reads: the file's arguments by their names, and its tensors, on the inputs' device.
/// Throws Error when the file lacks one or has something else in its place.
class CaseCall {
public:
    CaseCall(const NodeCase& given, const std::vector<Tensor>& inputs, Device device)
        : given_(given), inputs_(inputs), device_(device) {}

    const std::string& op() const { return given_.op; }
    const std::vector<Tensor>& inputs() const { return inputs_; }
    /// Input i, undefined where nothing was given: a node that got no bias has fewer inputs.
    const Tensor& in(std::size_t i) const { return i < inputs_.size() ? inputs_[i] : none_; }
    /// Input i, or the number that stood in its place.
    Operand side(std::size_t i) const;
    /// What the node kept besides its inputs.
    Tensor kept(const char* name) const;
    Tensor kept_or_none(const char* name) const;
    const Shape& output_shape(std::size_t i = 0) const;
    /// Output i's size along the axis that an argument names.
    std::int64_t output_size(const char* axis, std::size_t i = 0) const;
    /// `shape` itself, of an input or an output, if it is that of images (N, C, H, W) or, where allowed, of sequences
    /// (N, C, L).
    const Shape& images(const Shape& shape, int least_dims = 4) const;
    std::size_t outputs() const { return given_.outputs.size(); }

    std::int64_t whole(const char* name) const;
    double number(const char* name) const;
    bool yes(const char* name) const { return whole(name) != 0; }
    std::vector<std::int64_t> list(const char* name) const;
    Shape shape(const char* name) const { return Shape(list(name)); }
    Pair2 pair(const char* name) const;
    /// One of the first `count` values of an enumeration.
    template <class Choice>
    Choice choice(const char* name, int count) const {
        return static_cast<Choice>(below(name, count));
    }
    bool has(const char* name) const { return given_.arguments.contains(name); }

private:
    const std::string& text(const char* name) const;
    std::int64_t below(const char* name, int count) const;
    [[noreturn]] void refuse(const char* name) const;

    const NodeCase& given_;
    const std::vector<Tensor>& inputs_;
    Device device_;
    Tensor none_;
};

using CaseOp = std::vector<Tensor> (*)(const CaseCall&);
struct NamedCaseOp {
    std::string_view name;
    CaseOp call;
};

/// The ops that a file can call, by their nodes' names.
const std::vector<NamedCaseOp>& elementwise_case_ops();
const std::vector<NamedCaseOp>& moving_case_ops();
const std::vector<NamedCaseOp>& layer_case_ops();

}  // namespace vitrine::data
