// Cases of pad, with a reference written from the formula.
#pragma once

#include <cstdlib>

#include "op_case.h"
#include "vitrine/core/ops/pad.h"

namespace vitrine::testing {

inline std::vector<double> pad_reference(const Array& x, const std::vector<std::int64_t>& amounts, PadMode mode, double value) {
    const int dims = x.shape.dims();
    Shape left = Shape::filled(dims, 0), size = x.shape;
    for (std::size_t i = 0; i < amounts.size(); i += 2) {
        const int d = dims - 1 - static_cast<int>(i / 2);
        left[d] = amounts[i], size[d] += amounts[i] + amounts[i + 1];
    }
    std::vector<double> y;
    for (std::int64_t i = 0; i < size.numel(); ++i) {
        std::int64_t rest = i, place = 0;
        bool outside = false;
        const Strides steps = contiguous_strides(size);
        for (int d = 0; d < dims; ++d) {
            const std::int64_t n = x.shape[d];
            std::int64_t k = rest / steps[d] - left[d];
            rest %= steps[d];
            if (mode == PadMode::constant) outside |= k < 0 || k >= n;
            if (mode == PadMode::replicate) k = k < 0 ? 0 : k >= n ? n - 1 : k;
            if (mode == PadMode::reflect) k = std::abs(k) < n ? std::abs(k) : 2 * (n - 1) - k;
            place = place * n + k;
        }
        y.push_back(outside ? value : x.values[static_cast<std::size_t>(place)]);
    }
    return y;
}

inline std::vector<OpCase> pad_cases() {
    std::vector<OpCase> cases;
    const auto add = [&](const char* name, Input x, std::vector<std::int64_t> amounts, PadMode mode) {
        cases.push_back({.name = name,
                         .inputs = {x},
                         .op = [=](const auto& in) { return pad(in[0], amounts, mode, 1.5); },
                         .reference = [=](const auto& in) { return pad_reference(in[0], amounts, mode, 1.5); },
                         .covers = "pad"});
    };
    for (const PadMode mode : {PadMode::constant, PadMode::reflect, PadMode::replicate}) {
        for (std::int64_t n : {2, 31, 32, 33, 1031}) add("vector", {{n}}, {1, 1}, mode);
        add("as far as it goes", {{5}}, {4, 4}, mode);
        add("images", {{2, 3, 5, 4}}, {1, 2, 3, 0}, mode);
        add("all dimensions", {{2, 3, 4}}, {2, 1, 1, 2, 1, 0}, mode);
        add("a middle one", {{3, 4, 5}}, {0, 0, 2, 1}, mode);
        add("transposed", {{5, 7}, Layout::transposed}, {1, 2, 2, 1}, mode);
        add("gaps", {{5, 7}, Layout::gaps}, {1, 2, 0, 1}, mode);
        add("broadcast", {{5, 7}, Layout::broadcast}, {0, 1, 2, 0}, mode);
        add("no rows", {{0, 3}}, {1, 1}, mode);
    }
    add("one", {{1}}, {3, 2}, PadMode::replicate);
    add("from nothing", {{0}}, {1, 2}, PadMode::constant);
    add("one from nothing", {{3, 0}}, {0, 1}, PadMode::constant);
    add("cut off", {{5, 7}}, {-2, 1, 1, -3}, PadMode::constant);
    add("cut off all", {{5}}, {-2, -3}, PadMode::constant);
    return cases;
}

}  // namespace vitrine::testing
