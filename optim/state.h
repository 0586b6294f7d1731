// Reading state dictionaries. Private to the .cpp files of this folder.
#pragma once

#include <map>
#include <string>

#include "optimizer.h"
#include "vitrine/core/operand.h"

namespace vitrine::optim {

/// Takes tensors out of a dictionary; what is left over at the end was unknown. Throws Error as `call` does.
class Taking {
public:
    Taking(const Call& call, const StateDict& dict) : call_(call), left_(dict) {}

    bool has(const std::string& key) const { return left_.count(key) != 0; }
    Tensor take(const std::string& key, const Shape& shape, DType dtype);
    double number(const std::string& key) { return take(key, {}, DType::f64).item<double>(); }
    std::int64_t count(const std::string& key) { return take(key, {}, DType::i64).item<std::int64_t>(); }
    void finish() const;

private:
    const Call& call_;
    StateDict left_;
};

/// One number as a dictionary keeps it.
Tensor number_tensor(double value);
Tensor count_tensor(std::int64_t value);

}  // namespace vitrine::optim
