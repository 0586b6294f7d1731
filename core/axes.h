// The axes that an op works on.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>

#include "shape.h"

namespace vitrine {

/// Axes of a tensor as a user writes them: `1`, `-1`, `{0, 2}`, a Shape; `{}` or nothing means all. They are checked by
/// the op that gets them. A bool is not an axis: sum(x, true) does not compile.
class Axes {
public:
    Axes() = default;
    template <std::integral Axis>
        requires(!std::same_as<Axis, bool>)
    Axes(Axis axis) : list_{static_cast<std::int64_t>(axis)} {}                // NOLINT: implicit
    Axes(std::initializer_list<std::int64_t> axes) : list_(axes) {}            // NOLINT: implicit
    Axes(const Shape& axes) : list_(axes) {}                                   // NOLINT: implicit
    Axes(bool) = delete;

    bool all() const { return list_.empty(); }
    const Shape& list() const { return list_; }

private:
    Shape list_;
};

}  // namespace vitrine
