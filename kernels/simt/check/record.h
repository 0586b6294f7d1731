// What the checker remembers of an access.
#pragma once

#include <cstdint>
#include <string>

#include "access.h"

namespace vitrine::kernels::simt::check {

/// Counts what orders threads: a complete barrier, a fence, the begin of a block, ... All accesses
/// between two of those have the same time. Later is greater, all through the program's run.
using Time = std::uint32_t;

struct Record {
    Time time = 0;  ///< 0: no access
    std::uint32_t place = 0;
    std::uint32_t block = 0;   ///< number in the grid
    std::uint16_t thread = 0;  ///< linear index in the block
    AccessKind kind = AccessKind::read;
    Scope scope = Scope::system;
};

/// Where an access stands in the source, as one number: Record::place.
std::uint32_t place_of(const Access& access);
/// Whether both stand in the same line of the source.
bool same_line(std::uint32_t a, std::uint32_t b);
/// "softmax.cu:12", and "softmax.cu:12 (atomicAdd)" for a call.
std::string place_text(std::uint32_t place);

}  // namespace vitrine::kernels::simt::check
