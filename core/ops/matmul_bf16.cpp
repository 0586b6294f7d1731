#include "vitrine/kernels/matmul/matmul_bf16.h"
#include "copy.h"
#include "matmul_call.h"
#include "vitrine/core/grad_mode.h"

namespace vitrine {

void multiply_bf16(const Call& call, const Tensor& a, const Tensor& b, const Tensor& bias, Tensor& y,
                   const kernels::MatmulShape& s) {
    const NoGrad no_grad;
    const Tensor sums = make_tensor(y.shape(), y.strides(), DType::f32, y.device());
    const Tensor wide_bias = bias.defined() ? to(bias, DType::f32) : bias;
    dispatch_device<bf16>(call, y.device(), [&]<class T>(auto on) {
        const Workspace w(y.device(), kernels::matmul_bf16_workspace_bytes<T>(on, s));
        kernels::matmul_bf16<T>(on, raw<T>(a), raw<T>(b), raw<float>(sums), s, {w.data(), w.bytes()},
                                {.bias = raw_or_null<float>(wide_bias)});
    });
    y.copy_(sums);
}

}  // namespace vitrine
