// Mixed precision: products with factors of 16 bits, everything else in f32.
//
//     {
//         const vt::Autocast scope;              // bf16
//         loss = cross_entropy(net(x), labels);  // the products of matmul and linear round their factors
//     }
//     loss.backward();                           // and so do those of their gradients, wherever this line stands
//
// Parameters, activations and gradients stay f32 tensors: factors are rounded while a kernel copies them into its
// panels, sums and results are f32. So there are no casts to see, no second copy of a weight, and the optimizer works
// on f32 as ever. bf16 has the range of f32: gradients do not vanish, and no loss scaling is needed. docs/autocast.md.
#pragma once

#include "dtype.h"
#include "site.h"

namespace vitrine {

/// While one lives, f32 products of this thread round their factors: matmul, linear and what is made of them (einsum).
/// Scopes nest; `Autocast off(vt::float32)` takes a block out. A node keeps what its forward did for its backward;
/// other products of a backward are f32. f64 products, and f32 ones of fewer than 8 rows or columns, which would not
/// become faster, stay as they are.
class Autocast {
public:
    /// bf16 or f32; Error for others.
    explicit Autocast(DType factors = DType::bf16, Site site = Site::here());
    ~Autocast();
    Autocast(const Autocast&) = delete;
    Autocast& operator=(const Autocast&) = delete;

private:
    DType outer_;
};

/// What f32 products of this thread round their factors to: bf16, or f32 (the default) when to nothing.
DType autocast_dtype();

}  // namespace vitrine
