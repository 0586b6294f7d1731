#include "sequential.h"

#include "fused.h"

namespace vitrine::nn {

std::unique_ptr<AnyModule> clone_inside(const char* container, const std::string& name, const AnyModule& module) {
    std::unique_ptr<AnyModule> copy = module.clone_module();
    VITRINE_CHECK(copy, "clone: module ", name, " of a ", container, ", ", module.describe(),
                  ", needs arguments to be built; give it a member `", type_name(module),
                  " clone() const { return Module::clone(arguments); }`");
    return copy;
}

Tensor Sequential::forward(const Tensor& x) {
    Tensor y = x;
    for (std::size_t i = 0; i < size(); ++i) {
        if (i + 1 < size()) {
            if (Tensor both = forward_fused(*modules_[i], *modules_[i + 1], y); both.defined()) {
                y = std::move(both), ++i;
                continue;
            }
        }
        y = modules_[i]->forward_tensor(y);
    }
    return y;
}

Sequential Sequential::clone() const {
    Sequential copy;
    for (std::size_t i = 0; i < size(); ++i)
        copy.modules_.push_back(clone_inside("Sequential", std::to_string(i), *modules_[i]));
    copy.copy_members(*this);  // modes, and what is tied across modules
    return copy;
}

AnyModule& Sequential::operator[](std::size_t i) const {
    VITRINE_CHECK(i < size(), "Sequential: module ", i, " of ", size());
    return *modules_[i];
}

void Sequential::members(Members& m) {
    for (std::size_t i = 0; i < size(); ++i) m(std::to_string(i), modules_[i]);
}

}  // namespace vitrine::nn
