// What an op was told besides tensors, for a file of one call of it.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "pair2.h"

namespace vitrine {

/// A number, a list of numbers or a choice, by the name that the op's declaration has for it, as text: "1", "1e-05", "2,2".
/// A bool is 0 or 1, an enumeration its place in the declaration.
struct NodeArgument {
    const char* name;
    std::string text;

    template <class Whole>
        requires(std::integral<Whole> || std::is_enum_v<Whole>)
    NodeArgument(const char* its_name, Whole value)
        : name(its_name), text(std::to_string(static_cast<std::int64_t>(value))) {}
    /// With as many digits as it takes to read the same number again.
    NodeArgument(const char* name, double value);
    NodeArgument(const char* name, std::span<const std::int64_t> list);
    NodeArgument(const char* name, Pair2 pair);
};

using NodeArguments = std::vector<NodeArgument>;

}  // namespace vitrine
