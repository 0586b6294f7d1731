#include "binary.h"
#include "binary_compute.h"

namespace vitrine {
namespace {

// An operand on the left that is a number changes places with the tensor: 1 < x is x > 1.
using Eq = Binary<kernels::Equal, kernels::Equal>;
using Ne = Binary<kernels::NotEqual, kernels::NotEqual>;
using Lt = Binary<kernels::Less, kernels::Greater>;
using Le = Binary<kernels::LessEqual, kernels::GreaterEqual>;
using Gt = Binary<kernels::Greater, kernels::Less>;
using Ge = Binary<kernels::GreaterEqual, kernels::LessEqual>;

}  // namespace

Tensor eq(Operand x, Operand w) { Eq op("eq", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor operator==(Operand x, Operand w) { Eq op("eq", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor ne(Operand x, Operand w) { Ne op("ne", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor operator!=(Operand x, Operand w) { Ne op("ne", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor lt(Operand x, Operand w) { Lt op("lt", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor operator<(Operand x, Operand w) { Lt op("lt", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor le(Operand x, Operand w) { Le op("le", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor operator<=(Operand x, Operand w) { Le op("le", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor gt(Operand x, Operand w) { Gt op("gt", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor operator>(Operand x, Operand w) { Gt op("gt", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor ge(Operand x, Operand w) { Ge op("ge", x, w); return dispatch_all(op.call, op.like(), op); }
Tensor operator>=(Operand x, Operand w) { Ge op("ge", x, w); return dispatch_all(op.call, op.like(), op); }

}  // namespace vitrine
