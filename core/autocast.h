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

/// While one lives, f32 products of this thread round their factors: those of matmul, linear, the recurrent layers and what
/// else is made of them, and on the CPU those of convolutions where that is faster (kernels/conv/conv_bf16.h); attention's do
/// not. Scopes nest; `Autocast off(vt::float32)` takes a block out.
/// Backward does for each node what its forward did. f64 products stay as they are, and so do f32 ones with M, N or K below
/// 8, which would not become faster.
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
