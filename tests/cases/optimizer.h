// Optimizer steps in double, one element at a time, as the papers write them.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "vitrine/kernels/optimizer/optimizer.h"

namespace vitrine::testing {

/// One parameter element and all that its optimizer keeps.
struct OptimizerElement {
    double w = 0, b = 0, m = 0, v = 0, a = 0;
    std::int64_t t = 0;
};

/// Sutskever et al. 2013 with PyTorch's first step: the velocity starts as the gradient.
inline void sgd_reference(OptimizerElement& e, double g, const kernels::SgdStep& o) {
    g = o.grad_scale * g + o.weight_decay * e.w;
    double direction = g;
    if (o.momentum != 0) {
        e.b = e.t == 0 ? g : o.momentum * e.b + (1 - o.dampening) * g;
        direction = o.nesterov ? g + o.momentum * e.b : e.b;
    }
    e.w = e.w - o.lr * direction;
    ++e.t;
}

/// Kingma and Ba 2015, algorithm 1; decoupled: Loshchilov and Hutter 2019, algorithm 2 with schedule multiplier 1 and
/// weight_decay times lr for their lambda, as PyTorch has it.
inline void adam_reference(OptimizerElement& e, double g, const kernels::AdamStep& o) {
    g = o.grad_scale * g;
    if (!o.decoupled) g += o.weight_decay * e.w;
    ++e.t;
    e.m = o.beta1 * e.m + (1 - o.beta1) * g;
    e.v = o.beta2 * e.v + (1 - o.beta2) * g * g;
    const double m_hat = e.m / (1 - std::pow(o.beta1, static_cast<double>(e.t)));
    const double v_hat = e.v / (1 - std::pow(o.beta2, static_cast<double>(e.t)));
    const double decay = o.decoupled ? o.lr * o.weight_decay * e.w : 0;
    e.w = e.w - decay - o.lr * m_hat / (std::sqrt(v_hat) + o.eps);
}

/// Tieleman and Hinton 2012, slide 29; centered: Graves 2013, eq. 38 to 45, with eps outside the root as PyTorch has
/// it.
inline void rmsprop_reference(OptimizerElement& e, double g, const kernels::RmspropStep& o) {
    g = o.grad_scale * g + o.weight_decay * e.w;
    e.v = o.alpha * e.v + (1 - o.alpha) * g * g;
    double variance = e.v;
    if (o.centered) {
        e.a = o.alpha * e.a + (1 - o.alpha) * g;
        variance = std::fmax(e.v - e.a * e.a, 0);
    }
    const double delta = g / (std::sqrt(variance) + o.eps);
    e.b = o.momentum * e.b + delta;
    e.w = e.w - o.lr * e.b;
    ++e.t;
}

/// Gradient of element i at step t: of mixed signs and sizes, some zero.
inline double gradient_reference(std::int64_t i, std::int64_t t) {
    const auto value = static_cast<double>((i * 37 + t * 101) % 23 - 11);
    return value / (1 + static_cast<double>(i % 7));
}

inline std::vector<kernels::SgdStep> sgd_steps() {
    return {{.lr = 0.1},
            {.lr = 0.1, .weight_decay = 0.01},
            {.lr = 0.05, .momentum = 0.9},
            {.lr = 0.05, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.1},
            {.lr = 0.05, .momentum = 0.8, .nesterov = true},
            {.lr = 0.05, .momentum = 0.8, .weight_decay = 0.02, .nesterov = true, .grad_scale = 0.25}};
}

inline std::vector<kernels::AdamStep> adam_steps() {
    return {{},
            {.lr = 0.01, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-3},
            {.lr = 0.01, .weight_decay = 0.1},
            {.lr = 0.01, .weight_decay = 0.1, .decoupled = true},
            {.lr = 0.01, .beta1 = 0, .beta2 = 0, .grad_scale = 0.5}};
}

inline std::vector<kernels::RmspropStep> rmsprop_steps() {
    return {{},
            {.lr = 0.02, .alpha = 0.9, .eps = 1e-3, .weight_decay = 0.1},
            {.lr = 0.02, .alpha = 0.8, .momentum = 0.9, .grad_scale = 0.5},
            {.lr = 0.02, .alpha = 0.8, .eps = 1e-2, .centered = true},
            {.lr = 0.02, .alpha = 0.8, .eps = 1e-2, .weight_decay = 0.1, .momentum = 0.9, .centered = true}};
}

}  // namespace vitrine::testing
