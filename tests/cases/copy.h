// Cases of clone, contiguous and casts between floating dtypes: the elements stay what they are.
#pragma once

#include "op_case.h"
#include "vitrine/core/ops/copy.h"

namespace vitrine::testing {

inline std::vector<OpCase> copy_cases() {
    const std::vector<Input> inputs{{{0}},
                                    {{}},
                                    {{1}},
                                    {{3, 0, 2}},
                                    {{7}},
                                    {{31, 33}, Layout::transposed},
                                    {{32, 32}, Layout::transposed},
                                    {{2, 3, 67, 5}, Layout::transposed},
                                    {{5, 33}, Layout::gaps},
                                    {{4, 9}, Layout::broadcast},
                                    {{1025}}};
    std::vector<OpCase> cases;
    for (const Input& x : inputs) {
        const auto same = [](const std::vector<Array>& in) { return in[0].values; };
        cases.push_back(
            {.name = "clone", .inputs = {x}, .op = [](const auto& in) { return clone(in[0]); }, .reference = same, .covers = "clone"});
        cases.push_back({.name = "contiguous",
                         .inputs = {x},
                         .op = [](const auto& in) { return contiguous(in[0]); },
                         .reference = same,
                         .covers = "contiguous"});
        // f64 throughout: a cast to f32 and back would lose what finite differences need.
        cases.push_back({.name = "to f64",
                         .inputs = {x},
                         .op = [](const auto& in) { return to(in[0], DType::f64); },
                         .reference = same,
                         .covers = "to"});
    }
    return cases;
}

}  // namespace vitrine::testing
