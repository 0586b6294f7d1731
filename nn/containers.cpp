#include "containers.h"

#include <algorithm>

namespace vitrine::nn {

ModuleList ModuleList::clone() const {
    ModuleList copy;
    for (std::size_t i = 0; i < size(); ++i)
        copy.modules_.push_back(clone_inside("ModuleList", std::to_string(i), *modules_[i]));
    copy.copy_members(*this);
    return copy;
}

AnyModule& ModuleList::operator[](std::size_t i) const {
    VITRINE_CHECK(i < size(), "ModuleList: module ", i, " of ", size());
    return *modules_[i];
}

void ModuleList::members(Members& m) {
    for (std::size_t i = 0; i < size(); ++i) m(std::to_string(i), modules_[i]);
}

ModuleDict ModuleDict::clone() const {
    ModuleDict copy;
    for (const auto& [name, module] : modules_)
        copy.modules_.emplace_back(name, clone_inside("ModuleDict", name, *module));
    copy.copy_members(*this);
    return copy;
}

bool ModuleDict::contains(const std::string& name) const {
    return std::any_of(modules_.begin(), modules_.end(), [&](const auto& entry) { return entry.first == name; });
}

std::vector<std::string> ModuleDict::names() const {
    std::vector<std::string> names;
    for (const auto& [name, module] : modules_) names.push_back(name);
    return names;
}

AnyModule& ModuleDict::operator[](const std::string& name) const {
    for (const auto& [known, module] : modules_)
        if (known == name) return *module;
    std::string all;
    for (const auto& [known, module] : modules_) all += (all.empty() ? "" : ", ") + known;
    throw Error(join("ModuleDict: no module \"", name, "\"; there are ", all.empty() ? "none" : all));
}

void ModuleDict::check_new(const std::string& name) const {
    VITRINE_CHECK(!name.empty() && name.find('.') == std::string::npos, "ModuleDict: the name \"", name,
                  "\"; a name is not empty and has no dot");
    VITRINE_CHECK(!contains(name), "ModuleDict: there is a module \"", name, "\" already");
}

void ModuleDict::members(Members& m) {
    for (auto& [name, module] : modules_) m(name, module);
}

}  // namespace vitrine::nn
