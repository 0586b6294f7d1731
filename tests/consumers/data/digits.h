// The consumer's own data/digits.h.
#pragma once

namespace consumer {
inline constexpr int digits = 10;
}
