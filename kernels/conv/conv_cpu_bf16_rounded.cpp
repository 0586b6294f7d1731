// The convolution in bf16: by pairs, and the fallback for processors without AVX512_BF16: both operands rounded,
// then the f32 convolution.
#include "conv_cpu_bf16.h"

#include "vitrine/kernels/base/half.h"
#include "vitrine/kernels/base/isa.h"
#include "vitrine/kernels/base/parallel.h"

namespace vitrine::kernels {
namespace {

ConvShape in_f32(ConvShape s) {
    s.bf16_factors = false;
    return s;
}

std::int64_t elements_x(const ConvShape& s) { return s.N * s.H * s.W * s.C; }
std::int64_t elements_y(const ConvShape& s) { return s.N * s.P * s.Q * s.O; }
std::int64_t elements_w(const ConvShape& s) { return s.U * s.V * s.Cg() * s.O; }

std::size_t bytes_of(std::int64_t elements) { return static_cast<std::size_t>((elements + 15) / 16 * 64); }

// Both factors in the workspace, and what is left of it.
struct Rounded {
    const float *a, *b;
    ConvWorkspace rest;
};

void round_range(const float* from, float* to, Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) to[i] = static_cast<float>(static_cast<bf16>(from[i]));
}

float* round_to(float* to, const float* from, std::int64_t n) {
    const int parts = parts_for(n, 2);
    if (parts == 1) {
        round_range(from, to, {0, n});
        return to;
    }
#pragma omp parallel for num_threads(parts)
    for (int i = 0; i < parts; ++i) round_range(from, to, share(n, i, parts, 16));
    return to;
}

Rounded round_both(const float* a, std::int64_t a_elements, const float* b, std::int64_t b_elements, ConvWorkspace ws) {
    char* const begin = static_cast<char*>(ws.data);
    const std::size_t at_b = bytes_of(a_elements), used = at_b + bytes_of(b_elements);
    return {round_to(reinterpret_cast<float*>(begin), a, a_elements),
            round_to(reinterpret_cast<float*>(begin + at_b), b, b_elements),
            {begin + used, ws.bytes - used}};
}

}  // namespace

std::size_t conv_forward_bf16_workspace_bytes(Cpu on, const ConvShape& s) {
    if (isa_has_bf16()) return conv_forward_pairs_bytes(s);
    return bytes_of(elements_x(s)) + bytes_of(elements_w(s)) + conv_forward_workspace_bytes<float>(on, in_f32(s));
}

std::size_t conv_backward_data_bf16_workspace_bytes(Cpu on, const ConvShape& s) {
    if (isa_has_bf16()) return conv_backward_data_pairs_bytes(s);
    return bytes_of(elements_y(s)) + bytes_of(elements_w(s)) + conv_backward_data_workspace_bytes<float>(on, in_f32(s));
}

std::size_t conv_backward_weight_bf16_workspace_bytes(Cpu on, const ConvShape& s) {
    if (isa_has_bf16()) return conv_backward_weight_pairs_bytes(s);
    return bytes_of(elements_x(s)) + bytes_of(elements_y(s)) +
           conv_backward_weight_workspace_bytes<float>(on, in_f32(s));
}

void conv_forward_bf16(Cpu on, const float* x, const float* w, const float* bias, float* y, const ConvShape& s,
                       ConvWorkspace ws) {
    if (isa_has_bf16()) return conv_forward_pairs(x, w, bias, y, s, ws);
    const Rounded r = round_both(x, elements_x(s), w, elements_w(s), ws);
    conv_forward<float>(on, r.a, r.b, bias, y, in_f32(s), r.rest);
}

void conv_backward_data_bf16(Cpu on, const float* dy, const float* w, const float* bias, float* dx, const ConvShape& s,
                             ConvWorkspace ws) {
    if (isa_has_bf16()) return conv_backward_data_pairs(dy, w, bias, dx, s, ws);
    const Rounded r = round_both(dy, elements_y(s), w, elements_w(s), ws);
    conv_backward_data<float>(on, r.a, r.b, bias, dx, in_f32(s), r.rest);
}

void conv_backward_weight_bf16(Cpu on, const float* x, const float* dy, float* dw, const ConvShape& s,
                               ConvWorkspace ws) {
    if (isa_has_bf16()) return conv_backward_weight_pairs(x, dy, dw, s, ws);
    const Rounded r = round_both(x, elements_x(s), dy, elements_y(s), ws);
    conv_backward_weight<float>(on, r.a, r.b, dw, in_f32(s), r.rest);
}

}  // namespace vitrine::kernels
