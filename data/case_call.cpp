#include "case_call.h"

#include <algorithm>
#include <charconv>

#include "vitrine/core/autocast.h"

namespace vitrine::data {
namespace {

CaseOp find_op(std::string_view name) {
    for (const auto* ops : {&elementwise_case_ops(), &moving_case_ops(), &layer_case_ops()})
        for (const NamedCaseOp& op : *ops)
            if (op.name == name) return op.call;
    return nullptr;
}

/// The whole text as a number; false if it is none.
template <class T>
bool parse(std::string_view text, T& number) {
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

}  // namespace

Operand CaseCall::side(std::size_t i) const { return in(i).defined() ? Operand(in(i)) : Operand(number("number")); }

Tensor CaseCall::kept(const char* name) const {
    const Tensor x = kept_or_none(name);
    VITRINE_CHECK(x.defined(), "run_case: the case of ", given_.op, " has no tensor saved.", name,
                  "; a backward frees what a node keeps: write the case before it, or retain the graph");
    return x;
}

Tensor CaseCall::kept_or_none(const char* name) const {
    const auto found = given_.saved.find(name);
    return found == given_.saved.end() ? Tensor() : found->second.to(device_);
}

const Shape& CaseCall::output_shape(std::size_t i) const {
    VITRINE_CHECK(i < given_.outputs.size() && given_.outputs[i].defined(), "run_case: the case of ", given_.op,
                  " has no output ", i);
    return given_.outputs[i].shape();
}

std::int64_t CaseCall::output_size(const char* axis, std::size_t i) const {
    const Shape& y = output_shape(i);
    return y[static_cast<int>(below(axis, y.dims()))];
}

const Shape& CaseCall::images(const Shape& shape, int least_dims) const {
    VITRINE_CHECK(shape.dims() >= least_dims && shape.dims() <= 4, "run_case: the case of ", given_.op, " has ", shape,
                  " where images are expected");
    return shape;
}

const std::string& CaseCall::text(const char* name) const {
    const auto found = given_.arguments.find(name);
    VITRINE_CHECK(found != given_.arguments.end(), "run_case: the case of ", given_.op, " has no argument ", name);
    return found->second;
}

void CaseCall::refuse(const char* name) const {
    throw Error(join("run_case: the case of ", given_.op, " has \"", text(name), "\" for its argument ", name));
}

std::int64_t CaseCall::whole(const char* name) const {
    std::int64_t number = 0;
    if (!parse(text(name), number)) refuse(name);
    return number;
}

double CaseCall::number(const char* name) const {
    double number = 0;
    if (!parse(text(name), number)) refuse(name);
    return number;
}

std::vector<std::int64_t> CaseCall::list(const char* name) const {
    std::vector<std::int64_t> numbers;
    std::string_view rest = text(name);
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        if (!parse(rest.substr(0, comma), numbers.emplace_back())) refuse(name);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return numbers;
}

Pair2 CaseCall::pair(const char* name) const {
    const std::vector<std::int64_t> both = list(name);
    if (both.size() != 2) refuse(name);
    return {both[0], both[1]};
}

std::int64_t CaseCall::below(const char* name, int count) const {
    const std::int64_t place = whole(name);
    if (place < 0 || place >= count) refuse(name);
    return place;
}

bool can_call(const std::string& op) { return find_op(op) != nullptr; }

std::vector<Tensor> call_op(const NodeCase& node_case, const std::vector<Tensor>& inputs) {
    const CaseOp op = find_op(node_case.op);
    VITRINE_CHECK(op, "run_case: a file does not say how to call ", node_case.op,
                  "; pass the call as a function to data::run_case()");
    Device device = Device::cpu;
    for (const Tensor& x : inputs)
        if (x.defined()) device = x.device();
    const Autocast as_recorded(node_case.factors);
    return op(CaseCall(node_case, inputs, device));
}

NodeCall run_case(const NodeCase& node_case, Device device) {
    return run_case(node_case, device, [&](const std::vector<Tensor>& in) { return call_op(node_case, in); });
}

}  // namespace vitrine::data
