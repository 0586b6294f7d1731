#include "node_argument.h"

#include <array>
#include <charconv>

namespace vitrine {

NodeArgument::NodeArgument(const char* its_name, double value) : name(its_name) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    text.assign(digits.data(), end.ptr);
}

NodeArgument::NodeArgument(const char* its_name, std::span<const std::int64_t> list) : name(its_name) {
    for (const std::int64_t number : list) text += (text.empty() ? "" : ",") + std::to_string(number);
}

NodeArgument::NodeArgument(const char* its_name, Pair2 pair) : NodeArgument(its_name, std::array{pair.h, pair.w}) {}

}  // namespace vitrine
