#include "members.h"

#include <algorithm>

#include "any_module.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine::nn {

// members() takes addresses only, so a const module may be asked.
Members::Members(const AnyModule& module) {
    modules_.push_back({"", const_cast<AnyModule*>(&module)});
    const_cast<AnyModule&>(module).members(*this);
    taken_ = {};
}

void Members::check_complete(const char* who) const {
    VITRINE_CHECK(missing_.empty(), who, ": ", missing_[0],
                  " is not there yet; a lazy layer takes its input size from its first input: call the module once");
}

void Members::operator()(std::string_view name, Tensor& parameter) {
    if (parameter.defined()) tensors_.push_back({full_name(name), &parameter, false});
}

void Members::buffer(std::string_view name, Tensor& buffer) {
    if (buffer.defined()) tensors_.push_back({full_name(name), &buffer, true});
}

void Members::operator()(std::string_view name, AnyModule& child) {
    const std::size_t outside = enter(name);
    modules_.push_back({prefix_.substr(0, prefix_.size() - 1), &child});
    child.members(*this);
    leave(outside);
}

std::string Members::full_name(std::string_view name) {
    std::string full = prefix_;
    full += name;
    VITRINE_CHECK(!name.empty() && name.find('.') == std::string_view::npos, "members: the name \"", full,
                  "\"; a name is not empty and has no dot");
    VITRINE_CHECK(std::find(taken_.begin(), taken_.end(), full) == taken_.end(), "members: the name ", full,
                  " stands twice");
    taken_.push_back(full);
    return full;
}

std::size_t Members::enter(std::string_view name) {
    const std::size_t outside = prefix_.size();
    prefix_ = full_name(name);
    prefix_ += '.';
    return outside;
}

void Members::leave(std::size_t outside) { prefix_.resize(outside); }

}  // namespace vitrine::nn
