#include "sequential.h"

namespace vitrine::nn {

Tensor Sequential::forward(const Tensor& x) {
    Tensor y = x;
    for (const auto& module : modules_) y = module->forward_tensor(y);
    return y;
}

Sequential Sequential::clone() const {
    Sequential copy;
    for (std::size_t i = 0; i < size(); ++i) {
        copy.modules_.push_back(modules_[i]->clone_module());
        VITRINE_CHECK(copy.modules_.back(), "clone: module ", i, " of a Sequential, ", modules_[i]->describe(),
                      ", needs arguments to be built; give it a member `", type_name(*modules_[i]),
                      " clone() const { return Module::clone(arguments); }`");
    }
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
