// State dictionaries: a module's tensors by name.
#include <algorithm>
#include <unordered_set>

#include "any_module.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/operand.h"

namespace vitrine::nn {
namespace {

std::string list(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 8;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), shown); ++i) text += (i ? ", " : "") + names[i];
    if (names.size() > shown) text += join(" and ", names.size() - shown, " more");
    return text;
}

}  // namespace

StateDict AnyModule::state_dict() const {
    StateDict dict;
    const Members members(*this);
    members.check_complete("state_dict");
    for (const auto& [name, tensor, is_buffer] : members.tensors()) dict.emplace(name, tensor->detach());
    return dict;
}

LoadReport AnyModule::load_state_dict(const StateDict& dict, bool strict, Site site) {
    LoadReport report;
    std::vector<std::string> faults;
    std::vector<std::pair<Tensor, Tensor>> copies;
    std::unordered_set<std::string> names;
    const NoGrad no_grad;
    const Members mine(*this);
    mine.check_complete("load_state_dict");
    for (const auto& [name, tensor, is_buffer] : mine.tensors()) {
        names.insert(name);
        const auto found = dict.find(name);
        if (found == dict.end()) {
            report.missing.push_back(name);
            continue;
        }
        const Tensor& given = found->second;
        if (!given.defined())
            faults.push_back(name + " is undefined");
        else if (given.shape() != tensor->shape())
            faults.push_back(join(name, " is ", given.shape(), ", the module's ", tensor->shape()));
        else
            copies.emplace_back(*tensor, given.detach());
    }
    for (const auto& [name, tensor] : dict)
        if (!names.contains(name)) report.unexpected.push_back(name);

    if (strict && !report.missing.empty()) faults.push_back("missing " + list(report.missing));
    if (strict && !report.unexpected.empty()) faults.push_back("unexpected " + list(report.unexpected));
    if (!faults.empty()) {
        std::string text;
        for (const std::string& fault : faults) text += (text.empty() ? "" : "; ") + fault;
        Call("load_state_dict", site).fail(text);
    }
    for (auto& [to, from] : copies)
        from = from.to(to.dtype()).to(to.device());  // may throw: before the first is written
    for (auto& [to, from] : copies) to.copy_(from, site);
    return report;
}

}  // namespace vitrine::nn
