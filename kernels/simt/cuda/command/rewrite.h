// CUDA's own syntax becomes C++, line by line:
//
//     add<<<grid, 256, bytes>>>(x, n);        ::vitrine_cuda::launch(VITRINE_SIMT_KERNEL(add), grid,
//                                                 256, bytes)(x, n);
//     sum<<<grid, 256>>>(x, n);               VITRINE_SIMT_DEDUCED(sum) where `sum` is a template
//                                                 whose arguments follow from x and n
//     extern __shared__ float s[];            float (*const s) = ::vitrine_cuda::shared_memory();
//
// All else of CUDA C++ is macros and functions, see prelude.h.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernels.h"
#include "tokens.h"

namespace vitrine::kernels::simt::command {

/// Where an #include leads: the name to write instead, quotes or brackets included; "" to leave it.
using Include = std::function<std::string(std::string_view name)>;

/// The file for a C++ compiler. No line moves.
std::string rewrite(std::string_view source, const std::vector<Token>& tokens,
                    const Kernels& kernels, const Include& include);

/// For each token, whether it stands in a namespace and in nothing else.
std::vector<bool> at_namespace_scope(const std::vector<Token>& tokens);

/// Whether three `<` or three `>` stand side by side from `at` on.
/// With `spaced` also as `<< <` and `>> >`, which some formatters make of it.
bool is_chevron(const std::vector<Token>& tokens, std::size_t at, std::string_view angle,
                bool spaced);

}  // namespace vitrine::kernels::simt::command
