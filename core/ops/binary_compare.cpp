#include "binary.h"
#include "binary_compute.h"

namespace vitrine {
namespace {

// An operand on the left that is a number changes places with the tensor: 1 < x is x > 1.
template <class F, class Reversed>
Tensor compare(const char* op, F fn, Reversed reversed, const Operand& x, const Operand& w) {
    const Call call(op, x);
    return compute_binary(call, fn, reversed, x, w, promote(call, x, w));
}

}  // namespace

Tensor eq(Operand x, Operand w) { return compare("eq", kernels::Equal{}, kernels::Equal{}, x, w); }
Tensor ne(Operand x, Operand w) { return compare("ne", kernels::NotEqual{}, kernels::NotEqual{}, x, w); }
Tensor lt(Operand x, Operand w) { return compare("lt", kernels::Less{}, kernels::Greater{}, x, w); }
Tensor le(Operand x, Operand w) { return compare("le", kernels::LessEqual{}, kernels::GreaterEqual{}, x, w); }
Tensor gt(Operand x, Operand w) { return compare("gt", kernels::Greater{}, kernels::Less{}, x, w); }
Tensor ge(Operand x, Operand w) { return compare("ge", kernels::GreaterEqual{}, kernels::LessEqual{}, x, w); }

}  // namespace vitrine
